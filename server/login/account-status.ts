// Locking, closing and opening an account, by whoever runs the deployment: at once, on every server and in every app.

import { type Account, accountBySubject, addNotice, auditAct, setAccountStatus } from '../store/accounts.ts';
import { inTransaction } from '../store/write.ts';
import type { LoginContext } from './context.ts';
import { endEverything } from './sessions.ts';

/** False when nobody has the subject (`Person/ID`, `Practitioner/ID`). `by` is the client that decides, for the audit. */
export async function changeAccountStatus(
  context: Pick<LoginContext, 'pool' | 'nowMs' | 'endTokensOf'>,
  { subject, status, by, request }: { subject: string; status: Account['status']; by: string; request: string },
): Promise<boolean> {
  const nowMs = context.nowMs();
  return inTransaction(context.pool, async (client) => {
    const account = await accountBySubject(client, subject);
    if (!account) return false;
    await setAccountStatus(client, account.id, status);
    if (status !== 'active') await endEverything(context, client, account);
    await auditAct(client, 'account-status', { subject, request, by }, nowMs);
    await addNotice(client, account.id, `account-${status}`, nowMs);
    return true;
  });
}
