// Challenges for My Number Cards among what the authorization server remembers, where one call can use them up.

import type { OidcStore } from '../../store/oidc.ts';
import type { Challenges } from '../jpki/jpki-login.ts';
import type { CardKind } from '../jpki/profile.ts';

const model = 'CardChallenge';

export const cardChallenges = (store: Pick<OidcStore, 'put' | 'consume'>, nowMs: () => number): Challenges => ({
  keep: ({ hash, session, kind, expiresMs }) =>
    store.put(model, hash, { session, kind, expiresMs }, Math.ceil((expiresMs - nowMs()) / 1000)),
  async take({ hash, session }) {
    const held = await store.consume(model, hash);
    if (held === undefined || held.session !== session) return undefined;
    return { kind: held.kind as CardKind, expiresMs: Number(held.expiresMs) };
  },
});
