// A SMART Health Link as text: read with care, because it comes from strangers, and written. HL7 SMART Health Cards and Links
// STU 1, "SMART Health Links". Runs in this server and, as it stands, in the viewer page.

import { bytesOf, isRecord, jsonIn, textOfBytes } from './base64url.ts';

export type LinkPayload = {
  url: string;
  /** 32 bytes in base64url. */
  key: string;
  /** When it ends, in seconds; a hint. */
  exp?: number;
  /** Letters in alphabetical order: L long-term, P passcode, U one file by GET. */
  flag?: string;
  label?: string;
  /** 1 where it is absent. */
  v?: number;
};

/** `stale`: by its own words it is over. `refuse`: of a later version than this reader knows. */
export type ReadLink =
  | { outcome: 'accept' | 'accept-warn' | 'stale'; payload: LinkPayload; why: string }
  | { outcome: 'refuse' | 'reject'; why: string };

type Reading = {
  nowMs: number;
  /** The origin of the page that reads: its own links may be plain HTTP, on loopback, where a server is tried out. */
  ownOrigin?: string;
};

const mostLabel = 80;
const mostUrl = 128;
const mostText = 65_536;

/** Reads `shlink:/…`, with or without the address of a viewer and `#` in front. */
export function readLink(text: string, reading: Reading): ReadLink {
  const encoded = /^(?:https?:\/\/[^#\s]*#)?shlink:\/([\w-]+)$/.exec(text.trim())?.[1];
  if (encoded === undefined || encoded.length > mostText) return reject('It is no shlink:/ with base64url behind it');
  const payload = jsonIn(encoded);
  if (!isRecord(payload)) return reject('What it holds is no JSON object');
  const { v = 1, exp, flag = '' } = payload;
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 1) return reject('Its version (v) is no whole number');
  if (v > 1) return { outcome: 'refuse', why: `It is of version ${v}, and this reader knows version 1` };
  const why = fault(payload, reading);
  if (why !== undefined) return reject(why);
  const read = payloadOf(payload);
  if (typeof exp === 'number' && exp * 1000 <= reading.nowMs)
    return { outcome: 'stale', payload: read, why: 'It says that it has ended' };
  if (!isInOrder(String(flag)))
    return { outcome: 'accept-warn', payload: read, why: 'Its flags are not in alphabetical order' };
  return { outcome: 'accept', payload: read, why: '' };
}

/** The text of a link. The members stand in the order in which the specification names them. */
export const writeLink = ({ url, key, exp, flag, label, v }: LinkPayload): string =>
  `shlink:/${textOfBytes(new TextEncoder().encode(JSON.stringify({ url, key, exp, flag, label, v })))}`;

/** Undefined when an address may be asked for: https and out in the world. Browsers and servers write IP addresses in one way. */
export function faultOfUrl(text: string, ownOrigin?: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'is no address';
  }
  if (ownOrigin !== undefined && url.origin === ownOrigin) return undefined;
  if (url.protocol !== 'https:') return 'is not https';
  if (url.username !== '' || url.password !== '') return 'holds a name or a password';
  if (isInside(url.hostname)) return 'is not out in the world';
  return undefined;
}

const reject = (why: string): ReadLink => ({ outcome: 'reject', why });

function fault({ url, key, exp, flag, label }: Record<string, unknown>, { ownOrigin }: Reading): string | undefined {
  if (typeof url !== 'string' || url.length > mostUrl)
    return `Its url is missing, or longer than ${mostUrl} characters`;
  const ofUrl = faultOfUrl(url, ownOrigin);
  if (ofUrl !== undefined) return `Its url ${ofUrl}`;
  if (typeof key !== 'string' || key.length !== 43 || bytesOf(key)?.length !== 32)
    return 'Its key is not 32 bytes in base64url (43 characters)';
  if (exp !== undefined && !(typeof exp === 'number' && Number.isFinite(exp) && exp >= 0))
    return 'Its exp is no number of seconds';
  if (flag !== undefined && typeof flag !== 'string') return 'Its flag is no text';
  if (typeof flag === 'string' && flag.includes('U') && flag.includes('P')) return 'It has the flags U and P together';
  if (label !== undefined && (typeof label !== 'string' || [...label].length > mostLabel))
    return `Its label is no text of at most ${mostLabel} characters`;
  return undefined;
}

/** What is not known is ignored. */
function payloadOf({ url, key, exp, flag, label }: Record<string, unknown>): LinkPayload {
  return {
    url: String(url),
    key: String(key),
    ...(typeof exp === 'number' && { exp }),
    ...(typeof flag === 'string' && { flag }),
    ...(typeof label === 'string' && { label }),
  };
}

const isInOrder = (flag: string): boolean => [...flag].every((letter, n) => n === 0 || letter > (flag[n - 1] ?? ''));

// Special-purpose addresses of IPv4 by the registries of IANA (RFC 6890); of IPv6 none stands in a link as a number.
const inside4 = [
  /^(?:0|10|127)\./,
  /^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^169\.254\./,
  /^172\.(?:1[6-9]|2\d|3[01])\./,
  /^192\.(?:168|0\.0|0\.2|31\.196|52\.193|88\.99|175\.48)\./,
  /^198\.(?:1[89]|51\.100)\./,
  /^203\.0\.113\./,
  /^(?:22[4-9]|2[3-5]\d)\./,
];
const insideName = /(?:^|\.)(?:localhost|local|internal|home\.arpa)$/;

function isInside(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (host.startsWith('[')) return true;
  if (/^[\d.]+$/.test(host)) return inside4.some((network) => network.test(host));
  return !host.includes('.') || insideName.test(host);
}
