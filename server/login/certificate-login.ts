// The hook for certificates of the My Number Card: whoever has verified one (the chain, its revocation, and the signature over
// a challenge) hands its stable subject in, and learns which account it stands for. The card asks for a PIN: two factors.

import { bindSubject, subjectsAccount } from '../store/account-certificates.ts';
import { accountById, addNotice, auditAct } from '../store/accounts.ts';
import { inTransaction } from '../store/write.ts';
import { type LoginContext, type Refusal, type Visit, wait, wrong } from './context.ts';
import { mayEnrol } from './enrol.ts';
import { tryAddress } from './gates.ts';
import { cardMethods, mayBind } from './jpki/binding.ts';
import { holdAccount, type Opened, openSession, type Session } from './sessions.ts';

const full = { level: 'full', amr: cardMethods } as const;

/** `subject` is of a certificate that was verified in this very request. */
export async function logInWithCertificate(
  context: LoginContext,
  visit: Visit,
  subject: string,
): Promise<Opened | Refusal> {
  const { pool, nowMs } = context;
  const { waitMs, right } = await tryAddress(context, visit);
  if (waitMs > 0) return wait(waitMs);
  const id = await subjectsAccount(pool, subject, nowMs());
  const account = id === undefined ? undefined : await accountById(pool, id);
  if (account?.status !== 'active') {
    await auditAct(pool, 'login-failed', { subject: account?.subject, request: visit.request }, nowMs());
    return wrong;
  }
  await right();
  return inTransaction(pool, (client) => openSession(context, client, visit, account, full));
}

/**
 * Binds a verified certificate to the session's account in the place of an older one, where its person has just proved
 * themselves by something that is not a card (decisions/0012). `taken`: it stands for another account.
 */
export async function bindCertificate(
  context: LoginContext,
  visit: Visit,
  session: Session,
  subject: string,
): Promise<Opened | Refusal> {
  const { pool, nowMs } = context;
  return inTransaction(pool, async (client) => {
    const account = await holdAccount(context, client, session);
    const refusal = account ? mayEnrol(context, session, account) : wrong;
    if (refusal) return refusal;
    if (mayBind(session, nowMs()) !== 'yes') return { kind: 'refused', why: 'step-up' };
    if (!(await bindSubject(client, subject, session.account, nowMs()))) return { kind: 'refused', why: 'taken' };
    await auditAct(client, 'factor-added', { subject: session.subject, request: visit.request }, nowMs());
    await addNotice(client, session.account, 'certificate-added', nowMs());
    const { level, amr, authTimeMs } = session;
    const next = level === 'full' ? { level, amr, authTimeMs } : full;
    return openSession(context, client, visit, { id: session.account, subject: session.subject }, next);
  });
}
