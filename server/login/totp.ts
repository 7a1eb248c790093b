// One-time passwords of an authenticator app: RFC 6238 with six digits, 30 seconds and SHA-1, which is what the apps have. A
// code of the step before or behind is right as well; none works twice.

import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { accountById, addNotice, auditAct } from '../store/accounts.ts';
import { offerTotp, takeTotp, totpOf, useTotpStep } from '../store/login-factors.ts';
import type { ClientBase, Pool } from '../store/pool.ts';
import { inTransaction } from '../store/write.ts';
import { type LoginContext, type Refusal, type Visit, wait, wrong } from './context.ts';
import { mayEnrol, upgraded } from './enrol.ts';
import { tryCode } from './gates.ts';
import { holdAccount, type Opened, openSession, type Session } from './sessions.ts';

const issuer = 'Tsumugi';
const seedBytes = 20;
const periodS = 30;
const digits = 6;

/** A new seed for the session's account, in use once `confirmTotp` has seen a code of it. `uri` is for a QR code. */
export async function offerTotpSeed(
  context: LoginContext,
  session: Session,
): Promise<{ kind: 'offered'; uri: string; secret: string } | Refusal> {
  const account = await accountById(context.pool, session.account);
  if (!account) return wrong;
  const refusal = mayEnrol(context, session, account);
  if (refusal) return refusal;
  const seed = randomBytes(seedBytes);
  await offerTotp(context.pool, account.id, context.seal.close(seed, account.id));
  const totp = totpWith(seed, account.login);
  return { kind: 'offered', uri: totp.toString(), secret: totp.secret.base32 };
}

/** Takes the offered seed into use in the place of an older one. */
export async function confirmTotp(
  context: LoginContext,
  visit: Visit,
  session: Session,
  code: string,
): Promise<Opened | Refusal> {
  const { waitMs, right } = await tryCode(context, visit, session.login, session.account);
  if (waitMs > 0) return wait(waitMs);
  const answer = await inTransaction(context.pool, async (client) => {
    const account = await holdAccount(context, client, session);
    if (!account) return wrong;
    const refusal = mayEnrol(context, session, account);
    if (refusal) return refusal;
    const { offered } = await totpOf(client, account.id);
    const step = offered && stepOf(context.seal.open(offered, account.id), code, context.nowMs());
    if (!offered || step === undefined || !(await takeTotp(client, account.id, offered, step))) return wrong;
    await auditAct(client, 'factor-added', { subject: account.subject, request: visit.request }, context.nowMs());
    await addNotice(client, account.id, 'totp-added', context.nowMs());
    return upgraded(context, client, visit, session, 'otp');
  });
  if (answer.kind === 'opened') await right();
  return answer;
}

/** The second of two steps: a half session and a code make a full one. */
export async function logInWithTotp(
  context: LoginContext,
  visit: Visit,
  session: Session,
  code: string,
): Promise<Opened | Refusal> {
  if (session.level !== 'half') return { kind: 'refused', why: 'step-up' };
  const { waitMs, right } = await tryCode(context, visit, session.login, session.account);
  if (waitMs > 0) return wait(waitMs);
  const answer = await inTransaction(context.pool, async (client) =>
    (await holdAccount(context, client, session)) && (await useTotp(context, client, session.account, code))
      ? openSession(context, client, visit, { id: session.account, subject: session.subject }, full)
      : wrong,
  );
  if (answer.kind === 'opened') await right();
  else
    await auditAct(context.pool, 'login-failed', { subject: session.subject, request: visit.request }, context.nowMs());
  return answer;
}

const full = { level: 'full', amr: ['pwd', 'otp', 'mfa'] } as const;

/** Uses a code of the account up. False when it is not right, or has been used. */
export async function useTotp(
  { seal, nowMs }: LoginContext,
  client: ClientBase | Pool,
  account: string,
  code: string,
): Promise<boolean> {
  const { seed } = await totpOf(client, account);
  const step = seed && stepOf(seal.open(seed, account), code, nowMs());
  return seed !== undefined && step !== undefined && (await useTotpStep(client, account, seed, step));
}

/** The step whose code this is, one before or behind now at most; undefined when it is none of theirs. */
export function stepOf(seed: Uint8Array, code: string, nowMs: number): number | undefined {
  const token = code.normalize('NFKC').replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totpWith(seed, '').validate({ token, timestamp: nowMs, window: 1 });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / periodS) + delta;
}

function totpWith(seed: Uint8Array, label: string): TOTP {
  // A buffer of its own: Node takes small ones out of a shared one.
  const secret = new Secret({ buffer: Uint8Array.from(seed).buffer });
  return new TOTP({ issuer, label, secret, algorithm: 'SHA1', digits, period: periodS });
}
