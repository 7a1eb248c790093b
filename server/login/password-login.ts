// Logging in with a password, which alone opens no record: a session that waits for the second factor, or, where none has been
// set up yet, one in which it is. Wrong name and wrong password take the same work and get the same answer.

import { accountByLogin, addNotice, auditAct } from '../store/accounts.ts';
import { renewPassword, setPassword as storePassword } from '../store/login-factors.ts';
import { inTransaction } from '../store/write.ts';
import { type LoginContext, type Refusal, type Visit, wait, wrong } from './context.ts';
import { mayEnrol, upgraded } from './enrol.ts';
import { tryPassword } from './gates.ts';
import { foldLogin } from './login-name.ts';
import { busyMs, inTime } from './password-hash.ts';
import { passwordFault } from './password-rules.ts';
import { holdAccount, type Opened, openSession, type Session } from './sessions.ts';

const longestAsked = 1_024;

/** The first of two steps. The session is `half` where a second factor must follow, `enrol` where none is set up. */
export async function logInWithPassword(
  context: LoginContext,
  visit: Visit,
  { login, password }: { login: string; password: string },
): Promise<Opened | Refusal> {
  const { pool, nowMs, hasher } = context;
  if (login.length > longestAsked || password.length > longestAsked) return wrong;
  const name = foldLogin(login);
  const account = await accountByLogin(pool, name);
  const { waitMs, right } = await tryPassword(context, visit, name, account?.id);
  if (waitMs > 0) return wait(waitMs);
  const checked = await inTime(() => hasher.check(password, account?.password));
  if (checked === undefined) {
    await right();
    return wait(busyMs);
  }
  if (!checked.isRight || account?.status !== 'active') {
    await auditAct(pool, 'login-failed', { subject: account?.subject, request: visit.request }, nowMs());
    return wrong;
  }
  await right();
  const renewed = checked.isOld ? await inTime(() => hasher.make(password)) : undefined;
  if (renewed !== undefined && account.password !== undefined)
    await renewPassword(pool, account.id, account.password, renewed);
  // Staff set factors up with the code that they were handed: a password that is all there is would be one factor.
  const isSetUp = account.hasTotp || account.passkeys > 0 || account.hasCard;
  const level = isSetUp || account.organization !== undefined ? 'half' : 'enrol';
  return inTransaction(pool, (client) => openSession(context, client, visit, account, { level, amr: ['pwd'] }));
}

/**
 * Sets the password of the session's account: while factors are set up, or after a fresh login. Every other session and token
 * ends. When the account was waiting for it, the session is full from now on.
 */
export async function setPassword(
  context: LoginContext,
  visit: Visit,
  session: Session,
  password: string,
): Promise<Opened | Refusal> {
  const weak = passwordFault(password, session.login);
  if (weak) return { kind: 'refused', why: 'password', fault: weak };
  const hash = await inTime(() => context.hasher.make(password));
  if (hash === undefined) return wait(busyMs);
  return inTransaction(context.pool, async (client) => {
    const account = await holdAccount(context, client, session);
    if (!account) return wrong;
    const refusal = mayEnrol(context, session, account);
    if (refusal) return refusal;
    await storePassword(client, account.id, hash, context.nowMs());
    await auditAct(client, 'factor-added', { subject: account.subject, request: visit.request }, context.nowMs());
    await addNotice(client, account.id, 'password-changed', context.nowMs());
    return upgraded(context, client, visit, session, 'pwd');
  });
}
