// Getting in when a factor is lost. A recovery code stands for the one that is lost and never for both: the password or a
// one-time password goes with it. Who has neither shows in person who they are and is given a code there. An e-mail resets
// nothing. Every recovery ends all sessions and tokens, is told to the person, and holds back what cannot be undone for a day.

import { type Account, accountByLogin, addNotice, auditAct, lockAccount, markRecovered } from '../store/accounts.ts';
import { codesLeft, replaceCodes, useCode } from '../store/login-factors.ts';
import type { ClientBase, Pool } from '../store/pool.ts';
import { inTransaction } from '../store/write.ts';
import { hashOfCode, newCode } from './codes.ts';
import { type LoginContext, nobodyId, type Refusal, type Visit, wait, wrong } from './context.ts';
import { mayEnrol } from './enrol.ts';
import { tryCode } from './gates.ts';
import { foldLogin } from './login-name.ts';
import { endEverything, holdAccount, type Opened, openSession, type Session } from './sessions.ts';
import { useTotp } from './totp.ts';

const backupCodes = 10;
const recoverMs = 24 * 3_600_000;

/** Ten new codes in the place of the older ones; shown once, kept as hashes. */
export async function newRecoveryCodes(
  context: LoginContext,
  visit: Visit,
  session: Session,
): Promise<{ kind: 'codes'; codes: string[] } | Refusal> {
  // Before that a password is all that was shown, and codes would outlive the second factor that is set up next.
  if (session.level !== 'full') return { kind: 'refused', why: 'step-up' };
  const codes = Array.from({ length: backupCodes }, newCode);
  return inTransaction(context.pool, async (client) => {
    const account = await holdAccount(context, client, session);
    const refusal = account ? mayEnrol(context, session, account) : wrong;
    if (refusal) return refusal;
    const nowMs = context.nowMs();
    await replaceCodes(client, session.account, 'backup', codes.map(hashOfCode), { nowMs });
    await auditAct(client, 'factor-added', { subject: session.subject, request: visit.request }, nowMs);
    await addNotice(client, session.account, 'recovery-codes-made', nowMs);
    return { kind: 'codes', codes };
  });
}

export const recoveryCodesLeft = ({ pool }: LoginContext, session: Session): Promise<number> =>
  codesLeft(pool, session.account);

/** The app is lost: the password was right (a half session), and a recovery code makes it a full one. */
export async function recoverWithPassword(
  context: LoginContext,
  visit: Visit,
  session: Session,
  code: string,
): Promise<Opened | Refusal> {
  if (session.level !== 'half') return { kind: 'refused', why: 'step-up' };
  const { account: id, subject, login } = session;
  return recover(
    context,
    visit,
    { id, subject, login },
    { level: 'full', amr: ['pwd', 'mfa'] },
    async (client) =>
      (await holdAccount(context, client, session)) !== undefined && isBackupCode(context, client, id, code),
  );
}

/** The password is lost: a one-time password and a recovery code open a session in which another is set. */
export async function recoverWithTotp(
  context: LoginContext,
  visit: Visit,
  { login, totp, code }: { login: string; totp: string; code: string },
): Promise<Opened | Refusal> {
  const account = await active(context, login);
  const { id, subject } = account ?? {};
  const found = { id, subject, login: foldLogin(login) };
  return recover(context, visit, found, { level: 'enrol', amr: ['code', 'otp'] }, async (client) => {
    // Both are used up or neither: the transaction is undone when one is wrong. Both are looked at, whoever is meant.
    const isTotp = await useTotp(context, client, id ?? nobodyId, totp);
    const isCode = await isBackupCode(context, client, id ?? nobodyId, code);
    return isTotp && isCode;
  });
}

/**
 * A code that was given out in person, for one use: to staff to begin with (`enrol`), to anybody who has lost everything
 * (`recover`). It opens a session in which factors are set up, and nothing else.
 */
export async function redeemCode(
  context: LoginContext,
  visit: Visit,
  { login, code }: { login: string; code: string },
): Promise<Opened | Refusal> {
  const account = await active(context, login);
  const { id, subject } = account ?? {};
  const found = { id, subject, login: foldLogin(login) };
  return recover(context, visit, found, { level: 'enrol', amr: ['code'] }, async (client) =>
    useCode(client, id ?? nobodyId, ['enrol', 'recover'], hashOfCode(code), context.nowMs()),
  );
}

/**
 * Makes the code that staff hand to somebody whose identity they have checked; it works once and for a day. Undefined when
 * there is no such account. `by` is who issues it, for the audit.
 */
export async function issueRecoveryCode(
  { pool, nowMs }: { pool: Pool; nowMs: () => number },
  { login, by, request }: { login: string; by: string; request: string },
): Promise<string | undefined> {
  const account = await accountByLogin(pool, foldLogin(login));
  if (!account) return undefined;
  const code = newCode();
  await inTransaction(pool, async (client) => {
    await replaceCodes(client, account.id, 'recover', [hashOfCode(code)], { nowMs: nowMs(), lifetimeMs: recoverMs });
    await auditAct(client, 'recovery-code-issued', { subject: account.subject, request, by }, nowMs());
    await addNotice(client, account.id, 'recovery-code-issued', nowMs());
  });
  return code;
}

type Found = { id: string | undefined; subject: string | undefined; login: string };
class NotProven extends Error {}

/** `prove` uses up what was shown; 'enrol' is a beginning and no recovery. */
async function recover(
  context: LoginContext,
  visit: Visit,
  { id, subject, login }: Found,
  next: { level: 'full' | 'enrol'; amr: readonly string[] },
  prove: (client: ClientBase) => Promise<string | boolean | undefined>,
): Promise<Opened | Refusal> {
  const { pool, nowMs } = context;
  const { waitMs, right } = await tryCode(context, visit, login, id);
  if (waitMs > 0) return wait(waitMs);
  try {
    const answer = await inTransaction(pool, async (client) => {
      // Held from the beginning, so that whoever changes factors meanwhile is done before, and signed out, or comes too late.
      const account = await lockAccount(client, id ?? nobodyId);
      const proof = await prove(client);
      if (!proof || account?.status !== 'active') throw new NotProven();
      if (proof !== 'enrol') {
        await endEverything(context, client, account);
        await markRecovered(client, account.id, nowMs());
        await auditAct(client, 'login-recovered', { subject, request: visit.request }, nowMs());
        await addNotice(client, account.id, 'recovered', nowMs());
      }
      return openSession(context, client, visit, account, next);
    });
    await right();
    return answer;
  } catch (error) {
    if (!(error instanceof NotProven)) throw error;
    await auditAct(pool, 'login-failed', { subject, request: visit.request }, nowMs());
    return wrong;
  }
}

const isBackupCode = (context: LoginContext, client: ClientBase, account: string, code: string) =>
  useCode(client, account, ['backup'], hashOfCode(code), context.nowMs());

async function active({ pool }: LoginContext, login: string): Promise<Account | undefined> {
  const account = await accountByLogin(pool, foldLogin(login));
  return account?.status === 'active' ? account : undefined;
}
