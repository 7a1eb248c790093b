// A My Number Card at our door: a challenge for one browser, the answer of its card, and what it does: log in, or be bound to the
// account of the session. server/decisions/0012-my-number-card.md; the calls are those of server/login/card-protocol.md.

import { auditAct } from '../store/accounts.ts';
import { bindCertificate, logInWithCertificate } from './certificate-login.ts';
import { hashOf, type LoginContext, newSecret, type Refusal, type Visit, wait } from './context.ts';
import { tryAddress } from './gates.ts';
import { mayBind } from './jpki/binding.ts';
import type { VerifiedCard } from './jpki/jpki-login.ts';
import type { Opened, Session } from './sessions.ts';

/** `toSign` is for the card, as UTF-8. `card` is for a cookie: the answer has to come from the browser that asked. */
export type Challenged = { kind: 'challenge'; challenge: string; toSign: string; card?: string };

/** A challenge for a browser without a session. */
export async function cardLoginChallenge(context: LoginContext, visit: Visit): Promise<Challenged | Refusal> {
  const { waitMs, right } = await tryAddress(context, visit);
  if (waitMs > 0) return wait(waitMs);
  await right();
  const card = visit.card ?? newSecret();
  return context.card
    ? { kind: 'challenge', ...(await context.card.challenge(strangerOf(card), 'authentication')), card }
    : off;
}

/** A challenge for the session, to bind the card. */
export async function cardChallenge({ card, nowMs }: LoginContext, session: Session): Promise<Challenged | Refusal> {
  // Said before somebody looks for their card, and again when it was read.
  if (session.level === 'half' || mayBind(session, nowMs()) !== 'yes') return { kind: 'refused', why: 'step-up' };
  return card ? { kind: 'challenge', ...(await card.challenge(ownerOf(session), 'authentication')) } : off;
}

/** Logs in with `{ challenge, certificate, signature }`; see `JpkiLogin.verify`. */
export async function logInWithCard(context: LoginContext, visit: Visit, answer: unknown): Promise<Opened | Refusal> {
  const card = await presented(context, visit, visit.card === undefined ? undefined : strangerOf(visit.card), answer);
  if ('why' in card) {
    if (card.why === 'card')
      await auditAct(context.pool, 'login-failed', { subject: undefined, request: visit.request }, context.nowMs());
    return card;
  }
  return card.kind === 'authentication' ? logInWithCertificate(context, visit, card.subject) : unfit;
}

/** Binds the card to the session's account, in the place of an older one. */
export async function bindCard(
  context: LoginContext,
  visit: Visit,
  session: Session,
  answer: unknown,
): Promise<Opened | Refusal> {
  const card = await presented(context, visit, ownerOf(session), answer);
  if ('why' in card) return card;
  return card.kind === 'authentication' ? bindCertificate(context, visit, session, card.subject) : unfit;
}

/** The card behind an answer. A try is counted before anything is looked at, and given back when the card is good. */
export async function presented(
  context: LoginContext,
  visit: Visit,
  browser: string | undefined,
  answer: unknown,
): Promise<VerifiedCard | Refusal> {
  if (!context.card) return off;
  const { waitMs, right } = await tryAddress(context, visit);
  if (waitMs > 0) return wait(waitMs);
  const seen = await context.card.verify(browser ?? '', answer);
  if ('refused' in seen) return { kind: 'refused', why: 'card', reason: seen.refused };
  await right();
  return seen.card;
}

/** Whose challenge it is: a challenge to log in binds no card, and one of a session logs nobody in. */
export const ownerOf = ({ id }: Session): string => `session ${id}`;
const strangerOf = (card: string): string => `browser ${hashOf(card).toString('base64url')}`;

const off: Refusal = { kind: 'refused', why: 'missing' };
/** A challenge for the one certificate where the other is needed. */
export const unfit: Refusal = { kind: 'refused', why: 'card', reason: 'wrong-policy' };
