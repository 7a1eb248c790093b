// Signature algorithms, by what is signed: never one with a shared secret, never `none`. RFC 7518, 8725.

/** Of clients' assertions: the two of SMART Backend Services. */
export const assertionAlgorithms = ['RS384', 'ES384'] as const;
/** Of id_tokens; OpenID Connect wants RS256 to be there. */
export const idTokenAlgorithms = ['RS256', 'ES256'] as const;
/** Of DPoP proofs. */
export const proofAlgorithms = ['ES256', 'ES384', 'PS256', 'PS384', 'Ed25519'] as const;
