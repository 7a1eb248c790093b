// Asking an OCSP responder for one certificate and believing its answer. RFC 6960, with the nonce of RFC 9654.

import { createHash } from 'node:crypto';
import forge from 'node-forge';
import {
  algorithmOf,
  type Certificate,
  readCertificate,
  readExtensions,
  readSigned,
  type Signed,
} from './certificate.ts';
import {
  bytesOf,
  childrenOf,
  contentOf,
  context,
  type Der,
  membersOf,
  oidOf,
  onlyChildOf,
  readDer,
  smallNumberOf,
  tagOf,
  tags,
  timeMsOf,
} from './der.ts';
import {
  extendedKeyUsageOf,
  extensionIds,
  isAuthority,
  keyUsageOf,
  keyUsages,
  refuseUnknownCritical,
} from './extensions.ts';
import { must } from './refusal.ts';
import { isSignedBy } from './signed-by.ts';

/** A certificate and the authority that issued it. */
export type Issued = { certificate: Certificate; issuer: Certificate };

/** The request for one certificate. `nonce` is 32 random octets that the answer has to repeat. */
export function ocspRequest(issued: Issued, nonce: Uint8Array): Buffer {
  const inNonce = octetString(Buffer.from(nonce).toString('latin1'));
  const extension = sequence([objectIdentifier(nonceId), octetString(asn1.toDer(inNonce).getBytes())]);
  const list = sequence([sequence([certificateId(issued)])]);
  const extensions = asn1.create(asn1.Class.CONTEXT_SPECIFIC, 2, true, [sequence([extension])]);
  return bytesOf(sequence([sequence([list, extensions])]));
}

/**
 * Returns where the responder says that the certificate is good, now and in answer to this request. Throws JpkiRefusal for
 * everything else, DerError for an answer that cannot be read.
 */
export function readOcspAnswer(answer: Uint8Array, issued: Issued, nonce: Uint8Array, nowMs: number): void {
  const { signed, data, certificates } = readBasicResponse(answer);
  const members = membersOf(data);
  const version = members.optional(context(0));
  must(version === undefined || smallNumberOf(onlyChildOf(version, context(0))) === 0, 'unreadable-status');
  const responder = responderOf(members.next(), certificates, issued.issuer, nowMs);
  must(isSignedBy(signed, responder.key), 'untrusted-status');
  const producedAtMs = timeMsOf(members.next());
  const single = singleResponse(members.next(), issued);
  const extensions = members.optional(context(1));
  members.end();
  refuseOtherNonce(extensions, nonce);
  must(producedAtMs <= nowMs + clockSkewMs, 'stale-status');
  refuseUnlessGood(single, nowMs);
}

function readBasicResponse(answer: Uint8Array): { signed: Signed; data: Der; certificates: Der[] } {
  const outer = membersOf(readDer(answer));
  // tryLater, unauthorized and the others: there is no answer behind them.
  must(smallNumberOf(outer.next(), tags.enumerated) === 0, 'no-status');
  const responseBytes = membersOf(onlyChildOf(outer.next(context(0)), context(0)));
  outer.end();
  must(oidOf(responseBytes.next()) === '1.3.6.1.5.5.7.48.1.1', 'unreadable-status');
  const basic = membersOf(readDer(contentOf(responseBytes.next(), tags.octetString)));
  responseBytes.end();
  const { tbs, ...signed } = readSigned(basic);
  const certificates = basic.optional(context(0));
  basic.end();
  const list = certificates ? childrenOf(onlyChildOf(certificates, context(0)), tags.sequence) : [];
  return { signed: { ...signed, tbs: bytesOf(tbs) }, data: tbs, certificates: list };
}

/**
 * The authority itself, or a responder for whom the same authority has issued a certificate to sign answers with; RFC 6960
 * section 4.2.2.2. Who answers for the responder's own certificate is said by id-pkix-ocsp-nocheck, and one without it is
 * not believed: asking would begin the same question again.
 */
function responderOf(id: Der, certificates: Der[], issuer: Certificate, nowMs: number): Certificate {
  if (isNamed(id, issuer)) return issuer;
  const named = certificates.map((one) => readCertificate(bytesOf(one))).find((one) => isNamed(id, one));
  must(named !== undefined, 'untrusted-status');
  must(named.issuer.equals(issuer.subject) && isSignedBy(named, issuer.key), 'untrusted-status');
  must(named.notBeforeMs <= nowMs && nowMs <= named.notAfterMs, 'untrusted-status');
  must(extendedKeyUsageOf(named)?.includes(ocspSigning) === true, 'untrusted-status');
  must(keyUsageOf(named)?.has(keyUsages.digitalSignature) !== false, 'untrusted-status');
  must(named.extensions.has(extensionIds.ocspNoCheck) && !isAuthority(named), 'untrusted-status');
  refuseUnknownCritical(named);
  return named;
}

function isNamed(responderId: Der, certificate: Certificate): boolean {
  if (tagOf(responderId) === context(1)) {
    return bytesOf(onlyChildOf(responderId, context(1))).equals(certificate.subject);
  }
  return contentOf(onlyChildOf(responderId, context(2)), tags.octetString).equals(sha1(certificate.keyOctets));
}

type Single = { status: Der; thisUpdateMs: number; nextUpdateMs: number | undefined };

function singleResponse(list: Der, issued: Issued): Single {
  const [one, ...more] = childrenOf(list, tags.sequence);
  must(one !== undefined && more.length === 0, 'status-of-another');
  const members = membersOf(one);
  must(idText(members.next()) === idText(certificateId(issued)), 'status-of-another');
  const status = members.next();
  const thisUpdateMs = timeMsOf(members.next());
  const nextUpdate = members.optional(context(0));
  const extensions = members.optional(context(1));
  members.end();
  if (extensions) refuseCritical(onlyChildOf(extensions, context(1)));
  return { status, thisUpdateMs, nextUpdateMs: nextUpdate && timeMsOf(onlyChildOf(nextUpdate, context(0))) };
}

function refuseUnlessGood({ status, thisUpdateMs, nextUpdateMs }: Single, nowMs: number): void {
  must(thisUpdateMs <= nowMs + clockSkewMs, 'stale-status');
  must(nowMs <= (nextUpdateMs ?? thisUpdateMs + oldestWithoutEndMs), 'stale-status');
  must(tagOf(status) !== context(1), 'revoked');
  must(tagOf(status) !== context(2), 'unknown-status');
  must(contentOf(status, context(0)).length === 0, 'unreadable-status');
}

/** The nonce is what makes the answer one to this request; a responder that leaves it out could be somebody's recording. */
function refuseOtherNonce(extensions: Der | undefined, nonce: Uint8Array): void {
  must(extensions !== undefined, 'status-of-another');
  const list = onlyChildOf(extensions, context(1));
  refuseCritical(list);
  const value = readExtensions(list).get(nonceId)?.value;
  must(value !== undefined && contentOf(readDer(value), tags.octetString).equals(nonce), 'status-of-another');
}

function refuseCritical(extensions: Der): void {
  for (const [id, { critical }] of readExtensions(extensions)) must(!critical || id === nonceId, 'unreadable-status');
}

/** A CertID for comparison: the parameters of its hash may be NULL or left out. */
function idText(id: Der): string {
  const members = membersOf(id);
  const parts = [algorithmOf(members.next()), ...[1, 2, 3].map(() => bytesOf(members.next()).toString('hex'))];
  members.end();
  return parts.join(' ');
}

/** By SHA-1, which every responder knows: it finds the authority and protects nothing. */
function certificateId({ certificate, issuer }: Issued): Der {
  const serial = certificate.serial.replace(/^(?=[89a-f])/, '00');
  return sequence([
    sequence([objectIdentifier('1.3.14.3.2.26'), asn1.create(universal, asn1.Type.NULL, false, '')]),
    octetString(sha1(certificate.issuer).toString('latin1')),
    octetString(sha1(issuer.keyOctets).toString('latin1')),
    asn1.create(universal, asn1.Type.INTEGER, false, Buffer.from(serial, 'hex').toString('latin1')),
  ]);
}

const { asn1 } = forge;
const universal = asn1.Class.UNIVERSAL;
const sequence = (children: Der[]): Der => asn1.create(universal, asn1.Type.SEQUENCE, true, children);
const octetString = (text: string): Der => asn1.create(universal, asn1.Type.OCTETSTRING, false, text);
const objectIdentifier = (id: string): Der =>
  asn1.create(universal, asn1.Type.OID, false, asn1.oidToDer(id).getBytes());
const sha1 = (bytes: Buffer): Buffer => createHash('sha1').update(bytes).digest();

const nonceId = '1.3.6.1.5.5.7.48.1.2';
const ocspSigning = '1.3.6.1.5.5.7.3.9';
const clockSkewMs = 60_000;
// Without nextUpdate newer information is always there, RFC 6960 section 4.2.2.1; an answer made just now is asked for.
const oldestWithoutEndMs = 300_000;
