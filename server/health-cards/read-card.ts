// A SMART Health Card (JWS in compact form), read and judged against the issuers that are trusted, at a time: pure, without clock and
// network. Everything that is wrong is named, not only the first. SMART Health Cards 1.4, "Health Cards are encoded as Compact
// Serialization JSON Web Signatures"; RFC 7515, 7518.

import { createPublicKey, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { namesMemberTwice } from '../fhir/members.ts';
import { bundleFaults, qrFaults } from './bundle-rules.ts';
import { type CardFault, fault, UnreadableCard } from './card-fault.ts';
import { longestJwsForQr } from './numeric.ts';
import { type CardKey, faultsOfCrl, isRevoked, isRid, keyNamed, type TrustedIssuer } from './trust.ts';

export type ReadCard = {
  /** Undefined where no payload could be read; believe it only where there are no faults. */
  payload: JsonObject | undefined;
  issuer: TrustedIssuer | undefined;
  faults: CardFault[];
  /** Why it may not be a card in a QR code; a file may hold it all the same. */
  qrFaults: CardFault[];
  warnings: CardFault[];
};

/** `validate`: what FHIR says against a resource, in sentences. */
export type Reading = {
  trusted: readonly TrustedIssuer[];
  atSeconds: number;
  validate?: ((resource: JsonObject) => string[]) | undefined;
};

/** Never throws. */
export function readCard(jws: string, { trusted, atSeconds, validate }: Reading): ReadCard {
  try {
    const [head, body, signature] = partsOf(jws);
    const { header, faults, warnings } = headerIn(head);
    const { payload, ...told } = readPayload(payloadBytes(body, header.zip === 'DEF'), { atSeconds, validate });
    faults.push(...told.faults);
    const issuer = trusted.find(({ iss }) => iss === payload.iss);
    if (issuer === undefined) faults.push(fault('untrusted-issuer', 'its issuer is none of those that are trusted'));
    else if (typeof header.kid === 'string') {
      const key = keyNamed(issuer.keys, header.kid);
      if (Array.isArray(key)) faults.push(...key);
      else {
        if (header.alg === 'ES256' && !isSigned(`${head}.${body}`, signature, key))
          faults.push(fault('signature', 'the signature does not fit: the card was changed, or somebody else made it'));
        const revocation = revocationOf(issuer, key, payload);
        faults.push(...revocation.faults);
        warnings.push(...revocation.warnings);
      }
    }
    const isLong = jws.length > longestJwsForQr;
    const length = isLong ? [fault('qr-length', `it has more than ${longestJwsForQr} characters`)] : [];
    return {
      ...{ payload, issuer, faults },
      qrFaults: [...length, ...told.qrFaults],
      warnings: [...warnings, ...told.warnings],
    };
  } catch (error) {
    if (!(error instanceof UnreadableCard)) throw error;
    return { payload: undefined, issuer: undefined, faults: [error.fault], qrFaults: [], warnings: [] };
  }
}

/** What a card claims, unpacked, whoever signed it. Throws UnreadableCard where it is no JSON of a card. */
export function readPayload(
  bytes: Buffer,
  { atSeconds, validate }: Pick<Reading, 'atSeconds' | 'validate'>,
): Omit<ReadCard, 'payload' | 'issuer'> & { payload: JsonObject } {
  const payload = objectIn(bytes, 'payload');
  const { faults, warnings } = claimsOf(payload, atSeconds);
  const bundle = bundleOf(payload);
  faults.push(...bundleFaults(bundle, validate));
  return { payload, faults, warnings, qrFaults: isObject(bundle) ? qrFaults(bundle) : [] };
}

/** A card of hundreds of doses has some ten thousand characters. */
const longestJws = 1024 * 1024;

function partsOf(jws: string): [header: string, payload: string, signature: string] {
  if (jws.length > longestJws) throw new UnreadableCard('too-large', 'it is larger than any card');
  const [, header, payload, signature] = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(jws) ?? [];
  if (header === undefined || payload === undefined || signature === undefined || jws.endsWith('\n')) {
    const hasMore = /^\uFEFF|^\s|^[\w-]+\.[\w-]+\.[\w-]+[^\w-]/.test(jws);
    if (hasMore) throw new UnreadableCard('trailing', 'characters stand before or behind the card');
    throw new UnreadableCard('form', 'it is not a JWS in compact form');
  }
  // The last character of a part may carry bits that are not read: two texts for one card.
  if (![header, payload, signature].every((part) => Buffer.from(part, 'base64url').toString('base64url') === part))
    throw new UnreadableCard('form', 'a part of it is not base64url as it is written');
  return [header, payload, signature];
}

/** Members that would have a reader fetch, trust or skip something. */
const misleading = ['crit', 'jku', 'jwk', 'x5u', 'x5c', 'b64', 'enc'];

function headerIn(part: string): { header: JsonObject; faults: CardFault[]; warnings: CardFault[] } {
  const header = objectIn(Buffer.from(part, 'base64url'), 'header');
  const faults: CardFault[] = [];
  if (header.zip !== 'DEF') faults.push(fault('zip', 'its header does not say that it is compressed (zip is not DEF)'));
  if (header.alg !== 'ES256') faults.push(fault('alg', 'it is not signed with ES256'));
  if (typeof header.kid !== 'string') faults.push(fault('kid', 'its header names no key (kid)'));
  const other = Object.keys(header).filter((name) => !['zip', 'alg', 'kid'].includes(name));
  const bad = other.find((name) => misleading.includes(name));
  if (bad !== undefined) faults.push(fault('header', `its header has the member ${bad}`));
  const warnings = other.length > 0 ? [fault('header', 'its header has more members than zip, alg and kid')] : [];
  return { header, faults, warnings: bad === undefined ? warnings : [] };
}

const mostPayloadBytes = 16 * 1024 * 1024;

function payloadBytes(part: string, isCompressed: boolean): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  // What says to be not compressed is at fault already; to name what else is wrong it is read either way.
  return !isCompressed && bytes[0] === openingBrace ? bytes : inflated(bytes);
}

const openingBrace = 0x7b;

function inflated(bytes: Buffer): Buffer {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    const options = { maxOutputLength: mostPayloadBytes, info: true };
    // With `info` the answer also tells how many bytes were read; the types do not know that.
    result = inflateRawSync(bytes, options) as unknown as typeof result;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new UnreadableCard('too-large', `unpacked it is larger than ${mostPayloadBytes} bytes`);
    throw new UnreadableCard('inflate', 'its payload is not compressed as a card is (raw DEFLATE, RFC 1951)');
  }
  if (result.engine.bytesWritten !== bytes.length)
    throw new UnreadableCard('trailing', 'bytes stand behind its compressed payload');
  return result.buffer;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const mostLevels = 64;

function objectIn(bytes: Buffer, name: 'header' | 'payload'): JsonObject {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new UnreadableCard(name, `its ${name} is not UTF-8`);
  }
  if (text.trim() !== text) throw new UnreadableCard('trailing', `characters stand before or behind its ${name}`);
  if (levelsOf(text) > mostLevels) throw new UnreadableCard('too-deep', `its ${name} is nested too deeply`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const isCut = /^\{.*\}/s.test(text) && !text.endsWith('}');
    throw new UnreadableCard(
      isCut ? 'trailing' : name,
      isCut ? `characters stand behind its ${name}` : `its ${name} is not JSON`,
    );
  }
  if (!isObject(value)) throw new UnreadableCard(name, `its ${name} is no JSON object`);
  if (namesMemberTwice(text)) throw new UnreadableCard('duplicate-member', `its ${name} names a member twice`);
  return value;
}

function levelsOf(text: string): number {
  let levels = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') most = Math.max(most, ++levels);
    else if (token === '}' || token === ']') levels--;
  }
  return most;
}

const healthCardType = 'https://smarthealth.cards#health-card';
/** Clocks differ. */
const leewaySeconds = 60;

function claimsOf(payload: JsonObject, atSeconds: number): { faults: CardFault[]; warnings: CardFault[] } {
  const { iss, nbf, exp } = payload;
  const vc = isObject(payload.vc) ? payload.vc : {};
  const faults = issFaults(iss);
  if (typeof nbf !== 'number') faults.push(fault('nbf', 'it does not say since when it is valid (nbf)'));
  else if (nbf > atSeconds + leewaySeconds)
    faults.push(fault('nbf', 'it is not valid yet (nbf, in seconds since 1970)'));
  if (exp !== undefined && typeof exp !== 'number') faults.push(fault('exp', 'its end (exp) is no number'));
  else if (exp !== undefined && exp <= atSeconds) faults.push(fault('exp', 'it has expired (exp)'));
  if (!Array.isArray(vc.type) || !vc.type.every((one) => typeof one === 'string'))
    faults.push(fault('type', 'it has no list of types (vc.type)'));
  else if (!vc.type.includes(healthCardType)) faults.push(fault('type', `its types lack ${healthCardType}`));
  if (vc.rid !== undefined && !isRid(vc.rid))
    faults.push(fault('rid', 'its name for revocation (rid) is not 1 to 24 characters of base64url'));
  const isKnown = Array.isArray(vc.type) && vc.type.every((one) => knownTypes.test(String(one)));
  const warnings = isKnown ? [] : [fault('type', 'it has types that SMART Health Cards do not know')];
  return { faults, warnings };
}

const knownTypes = /^https:\/\/smarthealth\.cards#(?:health-card|immunization|laboratory|covid19)$/;

function issFaults(iss: unknown): CardFault[] {
  if (typeof iss !== 'string' || !URL.canParse(iss)) return [fault('iss', 'its issuer (iss) is no address')];
  const { protocol, hostname, search, hash, username } = new URL(iss);
  const isLoopback = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback))
    return [fault('iss', 'the address of its issuer (iss) is not https')];
  if (iss.endsWith('/')) return [fault('iss', 'the address of its issuer (iss) ends with a slash')];
  if (search !== '' || hash !== '' || username !== '')
    return [fault('iss', 'its issuer (iss) is more than an address')];
  return [];
}

function isSigned(signed: string, signature: string, { kty, crv, x, y }: CardKey): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  // RFC 7518, 3.4: the two numbers side by side. Another form of the same signature would be another text of the card.
  if (bytes.length !== 64) return false;
  try {
    const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
    return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, bytes);
  } catch {
    return false;
  }
}

function revocationOf(
  { crls }: TrustedIssuer,
  key: CardKey,
  { vc, nbf }: JsonObject,
): { faults: CardFault[]; warnings: CardFault[] } {
  const rid = isObject(vc) ? vc.rid : undefined;
  const crl = crls.find((one) => isObject(one) && one.kid === key.kid);
  if (crl === undefined) {
    const isMissed = key.crlVersion !== undefined && rid !== undefined;
    const warning = fault('crl-missing', 'the issuer keeps a list of revoked cards, and it was not there to look at');
    return { faults: [], warnings: isMissed ? [warning] : [] };
  }
  const faults = faultsOfCrl(crl, key);
  if (faults.length === 0 && isRid(rid) && isRevoked(crl, rid, Number(nbf)))
    faults.push(fault('revoked', 'its issuer has revoked it'));
  return { faults, warnings: [] };
}

function bundleOf({ vc }: JsonObject): unknown {
  const subject = isObject(vc) ? vc.credentialSubject : undefined;
  return isObject(subject) && /^4\.0\.\d+$/.test(String(subject.fhirVersion)) ? subject.fhirBundle : undefined;
}
