// When a card may be bound to an account, for the first time and again after its certificate was renewed. A renewed one has
// another serial and nothing in it that says whom it replaces, so that only who has proved to be the account's owner
// otherwise, and just now, can say so. server/decisions/0012-my-number-card.md

/** How a session was begun: methods of RFC 8176, and when they were last shown. */
export type Proof = { amr: readonly string[]; authTimeMs: number };

/** What a sign-in with a card has shown: the card, and its PIN, without which it signs nothing. RFC 8176. */
export const cardMethods: readonly string[] = ['sc', 'pin'];

/**
 * Whether this session may bind a card (`yes`), has to show its methods again first, or needs one beside a card: a card that
 * could add cards would make a card lent for a minute an entrance for good.
 */
export function mayBind({ amr, authTimeMs }: Proof, nowMs: number): 'yes' | 'prove-again' | 'prove-otherwise' {
  if (amr.every((method) => cardMethods.includes(method))) return 'prove-otherwise';
  const ageMs = nowMs - authTimeMs;
  return ageMs >= 0 && ageMs <= freshMs ? 'yes' : 'prove-again';
}

/** Whether the owner should be told to renew: at the town hall they can do so from three months before the end. */
export function endsSoon({ notAfter }: { notAfter: string }, nowMs: number): boolean {
  return Date.parse(notAfter) - nowMs < soonMs;
}

const freshMs = 300_000;
const soonMs = 92 * 86_400_000;
