// Sign-in with the certificates of a My Number Card (公的個人認証, JPKI): the server gives a challenge, the card signs it, and
// signature, certificate, issuer and revocation are looked at. server/decisions/0012-my-number-card.md says what is assumed.

import { createHash, randomBytes } from 'node:crypto';
import { type Certificate, readCertificate } from './certificate.ts';
import { DerError } from './der.ts';
import { type CardFacts, factsOf } from './facts.ts';
import type { FetchStatus } from './fetch-status.ts';
import { issuerOf } from './issued-by.ts';
import { nameText } from './name-text.ts';
import { type CardKind, refuseUnless } from './profile.ts';
import { JpkiRefusal, must, type RefusalReason } from './refusal.ts';
import { refuseRevoked } from './revocation.ts';
import { isCardSignature } from './signed-by.ts';

/** What a card that was accepted is known by. `facts` is there for the kind `signature` only. */
export type VerifiedCard = {
  kind: CardKind;
  /** What an account is bound to: the same for the same certificate, another for the one that replaces it. */
  subject: string;
  /** Hexadecimal. */
  serial: string;
  /** The name of the authority, in words. */
  issuer: string;
  /** The instant after which it is no longer accepted. */
  notAfter: string;
  facts?: CardFacts;
};

export type CardAnswer = { card: VerifiedCard } | { refused: RefusalReason };

/** Challenges that have been given and not yet used, shared by all servers of a deployment. */
export type Challenges = {
  keep(challenge: { hash: string; session: string; kind: CardKind; expiresMs: number }): Promise<void>;
  /** Takes it away, in one statement: of two calls at the same time one gets it. Undefined unless this session has it. */
  take(challenge: { hash: string; session: string }): Promise<{ kind: CardKind; expiresMs: number } | undefined>;
};

export type JpkiOptions = {
  /** Undefined: this way to sign in is off, and `jpkiLogin` is undefined too. */
  anchors: readonly Certificate[] | undefined;
  fetchStatus: FetchStatus;
  /** The responder to ask in place of those that certificates name. */
  ocspUrl?: string | undefined;
  challenges: Challenges;
  /** Public address of this server; it is part of what the card signs, so that the signature is of no use elsewhere. */
  baseUrl: () => string;
  nowMs: () => number;
};

export type JpkiLogin = {
  /** A challenge for this session, good once and for five minutes. `toSign` is the text (UTF-8) for the card. */
  challenge(session: string, kind: CardKind): Promise<{ challenge: string; toSign: string }>;
  /**
   * Looks at `{ challenge, certificate, signature }`, the latter two in base64: the DER of the certificate, and the card's
   * RSASSA-PKCS1-v1_5 signature with SHA-256 over `toSign`. The challenge is used up whatever comes of it.
   */
  verify(session: string, answer: unknown): Promise<CardAnswer>;
};

export function jpkiLogin(options: JpkiOptions): JpkiLogin | undefined {
  const { anchors, challenges, baseUrl, nowMs } = options;
  if (!anchors) return undefined;
  const trusted = anchors;
  return {
    challenge: async (session, kind) => {
      const challenge = randomBytes(32).toString('base64url');
      await challenges.keep({ hash: hashOf(challenge), session, kind, expiresMs: nowMs() + challengeMs });
      return { challenge, toSign: textToSign(baseUrl(), kind, challenge) };
    },
    verify: async (session, answer) => {
      try {
        return { card: await verify(session, answer) };
      } catch (error) {
        if (error instanceof JpkiRefusal) return { refused: error.reason };
        if (error instanceof DerError) return { refused: 'unreadable-certificate' };
        throw error;
      }
    },
  };

  async function verify(session: string, answer: unknown): Promise<VerifiedCard> {
    const { challenge, certificate: der, signature } = readAnswer(answer);
    const taken = await challenges.take({ hash: hashOf(challenge), session });
    must(taken !== undefined && nowMs() < taken.expiresMs, 'unknown-challenge');
    const { kind } = taken;
    const certificate = readCertificate(der);
    const issuer = issuerOf(certificate, trusted, nowMs());
    refuseUnless(kind, certificate);
    const text = textToSign(baseUrl(), kind, challenge);
    must(isCardSignature(Buffer.from(text, 'utf8'), signature, certificate.key), 'wrong-signature');
    const facts = kind === 'signature' ? factsOf(certificate) : undefined;
    // Last, so that only who holds a card can make this server ask somebody else.
    await refuseRevoked({ certificate, issuer }, options, nowMs);
    return { ...identityOf(certificate), kind, ...(facts ? { facts } : {}) };
  }
}

/** What the card signs, in lines that a person can read. */
export function textToSign(baseUrl: string, kind: CardKind, challenge: string): string {
  return `Tsumugi My Number Card 1\n${baseUrl}\n${kind}\n${challenge}\n`;
}

function readAnswer(answer: unknown): { challenge: string; certificate: Buffer; signature: Buffer } {
  const { challenge, certificate, signature } = (typeof answer === 'object' && answer ? answer : {}) as Record<
    string,
    unknown
  >;
  must(typeof challenge === 'string' && /^[\w-]{43}$/.test(challenge), 'malformed-request');
  return { challenge, certificate: fromBase64(certificate, 16_384), signature: fromBase64(signature, 2_048) };
}

function fromBase64(text: unknown, mostCharacters: number): Buffer {
  const isBase64 = typeof text === 'string' && text.length <= mostCharacters && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  must(isBase64, 'malformed-request');
  return Buffer.from(text, 'base64');
}

function identityOf({ issuer, serial, notAfterMs }: Certificate): Omit<VerifiedCard, 'kind' | 'facts'> {
  const hash = createHash('sha256').update(issuer).update(serial, 'hex').digest('base64url');
  return {
    subject: `jpki:${hash}`,
    serial,
    issuer: nameText(issuer),
    notAfter: new Date(notAfterMs).toISOString(),
  };
}

const hashOf = (challenge: string): string => createHash('sha256').update(challenge).digest('base64url');
const challengeMs = 300_000;
