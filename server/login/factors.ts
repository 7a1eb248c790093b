// What an account is proven by, for its person's own page, and taking a factor away: never the last way in.

import { removeCertificate } from '../store/account-certificates.ts';
import { accountById, addNotice, auditAct } from '../store/accounts.ts';
import { codesLeft, removePassword, removeTotp } from '../store/login-factors.ts';
import { type PasskeyLine, passkeysOf, removePasskey } from '../store/passkeys.ts';
import { inTransaction } from '../store/write.ts';
import { type LoginContext, type Refusal, type Visit, wrong } from './context.ts';
import { isCredentialId } from './passkey-answer.ts';
import { holdAccount, refusalOfSensitive, type Session } from './sessions.ts';

export type Factors = {
  password: boolean;
  totp: boolean;
  card: boolean;
  passkeys: PasskeyLine[];
  recoveryCodesLeft: number;
};

export async function factorsOf({ pool }: LoginContext, session: Session): Promise<Factors> {
  const account = await accountById(pool, session.account);
  return {
    password: account?.password !== undefined,
    totp: account?.hasTotp === true,
    card: account?.hasCard === true,
    passkeys: await passkeysOf(pool, session.account),
    recoveryCodesLeft: await codesLeft(pool, session.account),
  };
}

export type Removed = { kind: 'removed' };

/**
 * Removes `password`, `totp`, `card` or a passkey by its id. A passkey, or password and one-time password, must be left: a card
 * is of no use while its revocation cannot be asked.
 */
export async function removeFactor(
  context: LoginContext,
  visit: Visit,
  session: Session,
  factor: 'password' | 'totp' | 'card' | { passkey: string },
): Promise<Removed | Refusal> {
  const { pool, nowMs } = context;
  if (typeof factor === 'object' && !isCredentialId(factor.passkey)) return { kind: 'refused', why: 'missing' };
  const refusal = refusalOfSensitive(session, nowMs());
  if (refusal) return refusal;
  return undoneUnless(() =>
    inTransaction(pool, async (client) => {
      // Two that are removed at the same time would each see the other.
      if (!(await holdAccount(context, client, session))) return wrong;
      const isRemoved =
        typeof factor === 'object'
          ? await removePasskey(client, session.account, factor.passkey)
          : await removals[factor](client, session.account);
      if (!isRemoved) return { kind: 'refused', why: 'missing' };
      const left = await accountById(client, session.account);
      if (!left) return wrong;
      if (left.passkeys === 0 && !(left.hasTotp && left.password !== undefined)) throw new LastFactor();
      await auditAct(client, 'factor-removed', { subject: session.subject, request: visit.request }, nowMs());
      await addNotice(client, session.account, 'factor-removed', nowMs());
      return { kind: 'removed' };
    }),
  );
}

const removals = { password: removePassword, totp: removeTotp, card: removeCertificate };

class LastFactor extends Error {}

async function undoneUnless(work: () => Promise<Removed | Refusal>): Promise<Removed | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LastFactor) return { kind: 'refused', why: 'last-factor' };
    throw error;
  }
}
