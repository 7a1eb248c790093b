// An X.509 v3 certificate, read. RFC 5280 section 4.1. What it says is not believed here: see `issued-by.ts`, `profile.ts`.

import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  booleanOf,
  bytesOf,
  childrenOf,
  contentOf,
  context,
  type Der,
  integerHexOf,
  type Members,
  membersOf,
  octetsOf,
  oidOf,
  onlyChildOf,
  readDer,
  smallNumberOf,
  tags,
  timeMsOf,
} from './der.ts';
import { must } from './refusal.ts';

export type Extension = { critical: boolean; value: Buffer };
export type Extensions = ReadonlyMap<string, Extension>;

/** Bytes that somebody signed, with the object identifier of how. */
export type Signed = { tbs: Buffer; algorithm: string; signature: Buffer };

export type Certificate = Signed & {
  /** Hexadecimal, lower case. */
  serial: string;
  /** DER of the names; they are compared byte by byte. */
  issuer: Buffer;
  subject: Buffer;
  notBeforeMs: number;
  notAfterMs: number;
  key: KeyObject;
  /** The octets of the public key, which OCSP names by their hash. */
  keyOctets: Buffer;
  extensions: Extensions;
};

/** Throws DerError for what is not a certificate, JpkiRefusal for one with a key that is not used here. */
export function readCertificate(der: Uint8Array): Certificate {
  const outer = membersOf(readDer(der));
  const { tbs, ...signed } = readSigned(outer);
  outer.end();
  const members = membersOf(tbs);
  const version = members.optional(context(0));
  must(version !== undefined && smallNumberOf(onlyChildOf(version, context(0))) === 2, 'unreadable-certificate');
  const serial = integerHexOf(members.next());
  must(serial.length <= mostSerialDigits, 'unreadable-certificate');
  must(algorithmOf(members.next()) === signed.algorithm, 'unreadable-certificate');
  const issuer = bytesOf(members.next(tags.sequence));
  const validity = membersOf(members.next());
  const [notBeforeMs, notAfterMs] = [timeMsOf(validity.next()), timeMsOf(validity.next())];
  validity.end();
  const subject = bytesOf(members.next(tags.sequence));
  const spki = members.next(tags.sequence);
  // issuerUniqueID and subjectUniqueID: nobody writes them any more, and nothing here goes by them.
  members.optional(context(1));
  members.optional(context(2));
  const extensions = members.optional(context(3));
  members.end();
  return {
    ...signed,
    tbs: bytesOf(tbs),
    serial,
    issuer,
    subject,
    notBeforeMs,
    notAfterMs,
    ...publicKeyOf(spki),
    extensions: extensions ? readExtensions(onlyChildOf(extensions, context(3))) : new Map(),
  };
}

/** The three members with which a certificate, a CRL and an OCSP answer begin; the caller looks at what comes behind them. */
export function readSigned(members: Members): Omit<Signed, 'tbs'> & { tbs: Der } {
  return {
    tbs: members.next(tags.sequence),
    algorithm: algorithmOf(members.next()),
    signature: octetsOf(members.next()),
  };
}

/** The object identifier of an algorithm that takes no parameters; '' for one that has some, which no table knows. */
export function algorithmOf(node: Der): string {
  const members = membersOf(node);
  const oid = oidOf(members.next());
  const parameters = members.optional(tags.null);
  if (parameters) contentOf(parameters, tags.null);
  try {
    members.end();
  } catch {
    return '';
  }
  return oid;
}

/** An extension that is there twice makes the whole unreadable, as RFC 5280 section 4.2 forbids it. */
export function readExtensions(node: Der): Extensions {
  const extensions = new Map<string, Extension>();
  for (const one of childrenOf(node, tags.sequence)) {
    const members = membersOf(one);
    const oid = oidOf(members.next());
    const critical = members.optional(tags.boolean);
    const value = contentOf(members.next(), tags.octetString);
    members.end();
    must(!extensions.has(oid), 'unreadable-certificate');
    extensions.set(oid, { critical: critical !== undefined && booleanOf(critical), value });
  }
  return extensions;
}

function publicKeyOf(spki: Der): { key: KeyObject; keyOctets: Buffer } {
  const members = membersOf(spki);
  must(algorithmOf(members.next()) === rsaEncryption, 'weak-cryptography');
  const keyOctets = octetsOf(members.next());
  members.end();
  const key = rsaKey(bytesOf(spki));
  must(key !== undefined, 'unreadable-certificate');
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  const isSound =
    modulusLength >= 2048 && modulusLength <= 8192 && publicExponent >= 65_537n && publicExponent < 2n ** 64n;
  must(isSound, 'weak-cryptography');
  return { key, keyOctets };
}

function rsaKey(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

const rsaEncryption = '1.2.840.113549.1.1.1';
// Twenty octets, RFC 5280 section 4.1.2.2.
const mostSerialDigits = 40;
