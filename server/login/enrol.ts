// Setting factors up: who may, and when a session that began for it becomes a full one.

import { type Account, accountById } from '../store/accounts.ts';
import type { ClientBase } from '../store/pool.ts';
import type { LoginContext, Refusal, Visit } from './context.ts';
import { endEverything, type Opened, openSession, type Session } from './sessions.ts';

const freshMs = 10 * 60_000;

/**
 * A factor may be added in a session that began for that (nothing was set up yet, or a code was handed over), and in a full one
 * of the last ten minutes. Who knows only a password adds nothing to an account that has more.
 */
export function mayEnrol(
  { nowMs }: Pick<LoginContext, 'nowMs'>,
  session: Session,
  account: Account,
): Refusal | undefined {
  const stepUp: Refusal = { kind: 'refused', why: 'step-up' };
  if (session.level === 'full') return nowMs() - session.authTimeMs > freshMs ? stepUp : undefined;
  if (session.level === 'half') return stepUp;
  // Begun with a password alone, and somebody has set a second factor up since.
  const isByPasswordAlone = session.amr.includes('pwd') && !session.amr.includes('code');
  const isComplete = account.passkeys > 0 || account.hasTotp || account.hasCard;
  return isByPasswordAlone && isComplete && !session.amr.includes('otp') ? stepUp : undefined;
}

/**
 * The session after a factor was set up in it: full when both factors have been shown in it, and every other session and token
 * ends where the password changed. `proof` is an amr value (RFC 8176).
 */
export async function upgraded(
  context: LoginContext,
  client: ClientBase,
  visit: Visit,
  session: Session,
  proof: 'pwd' | 'otp',
): Promise<Opened | Refusal> {
  const amr = new Set([...session.amr, proof]);
  const account = await accountById(client, session.account);
  if (!account) throw new Error('the account of a session is gone');
  if (proof === 'pwd') await endEverything(context, client, account);
  if (session.level === 'full')
    return openSession(context, client, visit, account, {
      level: 'full',
      amr: session.amr,
      authTimeMs: session.authTimeMs,
    });
  const isFull = amr.has('pwd') && amr.has('otp') && account.password !== undefined && account.hasTotp;
  const proven = isFull ? ['pwd', 'otp', 'mfa'] : [...amr];
  return openSession(context, client, visit, account, { level: isFull ? 'full' : 'enrol', amr: proven });
}
