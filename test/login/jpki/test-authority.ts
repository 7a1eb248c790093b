// A certification authority that looks like JPKI's and is not: invented people, keys made for one run. Every part can be
// wished otherwise, so that a test says in one line what is wrong with it.

import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Challenges } from '../../../server/login/jpki/jpki-login.ts';
import {
  algorithm,
  bits,
  boolean,
  type Der,
  type Digest,
  der,
  enumerated,
  extensions,
  generalizedTime,
  implicit,
  integer,
  name,
  nothing,
  octets,
  oid,
  seq,
  signedParts,
  tagged,
  undo,
  utcTime,
  utf8,
  type WishedExtension,
} from './der-builder.ts';

export const nowMs = Date.parse('2026-11-23T00:00:00Z');
export const dayMs = 86_400_000;

export type Keys = { privateKey: string; spki: Buffer };

export function makeKeys(modulusLength = 2048, publicExponent = 65_537): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength,
    publicExponent,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  return { privateKey, spki: publicKey };
}

export const authorityName = name(
  ['2.5.4.6', 'JP'],
  ['2.5.4.10', 'JPKI TEST'],
  ['2.5.4.11', 'JPKI TEST for user authentication'],
);
export const strangerName = name(['2.5.4.6', 'JP'], ['2.5.4.10', 'STRANGER']);
export const holderName = name(['2.5.4.6', 'JP'], ['2.5.4.3', '0000TEST0000HOLDER000A']);

export type CertificateWishes = {
  keys: Keys;
  signer: Keys;
  digest?: Digest;
  version?: number;
  serial?: string;
  issuer?: Der;
  subject?: Der;
  notBeforeMs?: number;
  notAfterMs?: number;
  extensions: readonly WishedExtension[];
};

export function certificate(wishes: CertificateWishes): Buffer {
  const { keys, signer, digest = 'sha256', version = 2, serial = '0a1b2c', issuer = authorityName } = wishes;
  const { subject = holderName, notBeforeMs = nowMs - 100 * dayMs, notAfterMs = nowMs + 1000 * dayMs } = wishes;
  const tbs = seq(
    tagged(0, integer(String(version))),
    integer(serial),
    algorithm(digest),
    issuer,
    seq(utcTime(notBeforeMs), utcTime(notAfterMs)),
    subject,
    undo(keys.spki),
    tagged(3, extensions(wishes.extensions)),
  );
  return der(seq(...signedParts(tbs, signer.privateKey, digest)));
}

/** The extensions of the tests by name; each call makes one. */
export const ext = {
  keyUsage: (byte: number, unused: number): WishedExtension => ({
    id: '2.5.29.15',
    critical: true,
    value: bits(Buffer.of(byte), unused),
  }),
  digitalSignature: () => ext.keyUsage(0x80, 7),
  signatureAndNonRepudiation: () => ext.keyUsage(0xc0, 6),
  certSignAndCrlSign: () => ext.keyUsage(0x06, 1),
  constraints: (ca: boolean, pathLength?: number): WishedExtension => ({
    id: '2.5.29.19',
    critical: true,
    value: seq(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(String(pathLength))])),
  }),
  policy: (...ids: string[]): WishedExtension => ({
    id: '2.5.29.32',
    critical: true,
    value: seq(...ids.map((id) => seq(oid(id)))),
  }),
  purposes: (...ids: string[]): WishedExtension => ({ id: '2.5.29.37', value: seq(...ids.map(oid)) }),
  ocsp: (url: string): WishedExtension => ({
    id: '1.3.6.1.5.5.7.1.1',
    value: seq(seq(oid('1.3.6.1.5.5.7.48.1'), implicit(6, Buffer.from(url)))),
  }),
  crl: (url: string): WishedExtension => ({
    id: '2.5.29.31',
    value: seq(seq(tagged(0, tagged(0, implicit(6, Buffer.from(url)))))),
  }),
  noCheck: (): WishedExtension => ({ id: '1.3.6.1.5.5.7.48.1.5', value: nothing() }),
  unknown: (critical: boolean): WishedExtension => ({ id: '1.3.6.1.4.1.99999.1', critical, value: nothing() }),
  facts: (values: Record<number, string>): WishedExtension =>
    ext.otherNames(...Object.entries(values).map(([last, text]) => [Number(last), utf8(text)] as const)),
  otherNames: (...names: readonly (readonly [number, Der])[]): WishedExtension => ({
    id: '2.5.29.17',
    value: seq(...names.map(([last, value]) => tagged(0, oid(`1.2.392.200149.8.5.5.${last}`), tagged(0, value)))),
  }),
};

export const policies = { authentication: '1.2.392.200149.8.5.1.3.30', signature: '1.2.392.200149.8.5.1.1.20' };
export const ocspSigning = '1.3.6.1.5.5.7.3.9';

export const authorityCertificate = (keys: Keys, wishes: Partial<CertificateWishes> = {}): Buffer =>
  certificate({
    keys,
    signer: keys,
    serial: '01',
    subject: wishes.issuer ?? authorityName,
    notBeforeMs: nowMs - 1000 * dayMs,
    notAfterMs: nowMs + 2000 * dayMs,
    extensions: [ext.constraints(true), ext.certSignAndCrlSign()],
    ...wishes,
  });

export type CrlWishes = {
  signer: Keys;
  issuer?: Der;
  digest?: Digest;
  thisUpdateMs?: number;
  nextUpdateMs?: number | null;
  revoked?: readonly { serial: string; extensions?: readonly WishedExtension[] }[];
  extensions?: readonly WishedExtension[];
};

export function crl(wishes: CrlWishes): Buffer {
  const { signer, issuer = authorityName, digest = 'sha256', thisUpdateMs = nowMs - dayMs / 2 } = wishes;
  const { nextUpdateMs = nowMs + dayMs / 2, revoked = [], extensions: list } = wishes;
  const entries = revoked.map((one) =>
    seq(integer(one.serial), utcTime(nowMs - dayMs), ...(one.extensions ? [extensions(one.extensions)] : [])),
  );
  const tbs = seq(
    integer('01'),
    algorithm(digest),
    issuer,
    utcTime(thisUpdateMs),
    ...(nextUpdateMs === null ? [] : [utcTime(nextUpdateMs)]),
    ...(entries.length > 0 ? [seq(...entries)] : []),
    ...(list ? [tagged(0, extensions(list))] : []),
  );
  return der(seq(...signedParts(tbs, signer.privateKey, digest)));
}

export type OcspWishes = {
  signer: Keys;
  /** Who the answer says has signed it. */
  responder: { name: Der } | { keys: Keys };
  certificates?: readonly Buffer[];
  digest?: Digest;
  status?: 'good' | 'revoked' | 'unknown' | 'of a later version' | 'good with something in it';
  responseStatus?: number;
  serial?: string;
  issuerKeys?: Keys;
  thisUpdateMs?: number;
  nextUpdateMs?: number | null;
  producedAtMs?: number;
  /** Undefined repeats the request's; null leaves it out. */
  nonce?: Buffer | null;
  extensions?: readonly WishedExtension[];
  singleExtensions?: readonly WishedExtension[];
  version?: number;
  /** How many answers there are to the one question. */
  answers?: number;
};

/** What a responder answers to a request. */
export function ocspAnswer(request: Buffer, wishes: OcspWishes): Buffer {
  const { signer, responder, certificates = [], digest = 'sha256', status = 'good', responseStatus = 0 } = wishes;
  if (responseStatus !== 0) return der(seq(enumerated(responseStatus)));
  const { producedAtMs = nowMs, thisUpdateMs = nowMs - 60_000, nextUpdateMs = nowMs + 3_600_000 } = wishes;
  const asked = readRequest(request);
  const [hash, nameHash, keyHash, serial] = asked.id.value as Der[];
  const statuses = {
    good: implicit(0, Buffer.alloc(0)),
    revoked: tagged(1, generalizedTime(nowMs - dayMs)),
    unknown: implicit(2, Buffer.alloc(0)),
    'of a later version': implicit(3, Buffer.alloc(0)),
    'good with something in it': implicit(0, Buffer.of(1)),
  };
  const single = seq(
    seq(
      hash as Der,
      nameHash as Der,
      wishes.issuerKeys ? octets(keyHashOf(wishes.issuerKeys)) : (keyHash as Der),
      wishes.serial ? integer(wishes.serial) : (serial as Der),
    ),
    statuses[status],
    generalizedTime(thisUpdateMs),
    ...(nextUpdateMs === null ? [] : [tagged(0, generalizedTime(nextUpdateMs))]),
    ...(wishes.singleExtensions ? [tagged(1, extensions(wishes.singleExtensions))] : []),
  );
  const nonce = wishes.nonce === undefined ? asked.nonce : wishes.nonce;
  const list: WishedExtension[] = [
    ...(nonce === null ? [] : [{ id: '1.3.6.1.5.5.7.48.1.2', value: octets(nonce) }]),
    ...(wishes.extensions ?? []),
  ];
  const tbs = seq(
    ...(wishes.version === undefined ? [] : [tagged(0, integer(String(wishes.version)))]),
    'name' in responder ? tagged(1, responder.name) : tagged(2, octets(keyHashOf(responder.keys))),
    generalizedTime(producedAtMs),
    seq(...Array.from({ length: wishes.answers ?? 1 }, () => single)),
    ...(list.length > 0 ? [tagged(1, extensions(list))] : []),
  );
  const basic = seq(
    ...signedParts(tbs, signer.privateKey, digest),
    ...(certificates.length > 0 ? [tagged(0, seq(...certificates.map(undo)))] : []),
  );
  return der(seq(enumerated(0), tagged(0, seq(oid('1.3.6.1.5.5.7.48.1.1'), octets(der(basic))))));
}

function readRequest(request: Buffer): { id: Der; nonce: Buffer } {
  const tbs = child(undo(request), 0);
  const extension = child(child(child(tbs, 1), 0), 0);
  const wrapped = Buffer.from(String(child(extension, 1).value), 'latin1');
  return { id: child(child(child(tbs, 0), 0), 0), nonce: Buffer.from(String(undo(wrapped).value), 'latin1') };
}

const child = ({ value }: Der, index: number): Der => (value as Der[])[index] as Der;

/** SHA-1 over the octets of the public key, as OCSP names keys. */
function keyHashOf({ spki }: Keys): Buffer {
  const { n = '', e = '' } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'jwk' });
  const [modulus, exponent] = [n, e].map((part) => integer(Buffer.from(part, 'base64url').toString('hex')));
  return createHash('sha1')
    .update(der(seq(modulus as Der, exponent as Der)))
    .digest();
}

/** Challenges in the memory of a test. */
export function heldChallenges(): Challenges {
  const held = new Map<string, Parameters<Challenges['keep']>[0]>();
  return {
    keep: async (challenge) => void held.set(challenge.hash, challenge),
    take: async ({ hash, session }) => {
      const found = held.get(hash);
      if (found?.session !== session) return undefined;
      held.delete(hash);
      return found;
    },
  };
}
