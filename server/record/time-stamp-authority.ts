// A time stamp (RFC 3161) from an authority that the operator names, so that nobody needs to believe our clock: over HTTP as its
// section 3.4 has it. What it answers is checked as a verifier would, and for the nonce besides.

import { readFile } from 'node:fs/promises';
import { Integer } from 'asn1js';
import { TimeStampReq } from 'pkijs';
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts';
import { arrayBufferOf } from './certificates.ts';
import { certificatesIn } from './check-signed-data.ts';
import { checkTimeStamp } from './check-time-stamp.ts';
import { derOf } from './signed-data.ts';
import { imprintOf, naturalNumber } from './time-stamp.ts';

/** Its address, and the certificates (PEM) to which what it signs must lead; `timeoutMs` for one try. */
export type TimeStampAuthority = { url: string; anchors: string; timeoutMs?: number; pauseMs?: number };

/** A response (TimeStampResp, DER) and the time in it. */
export type Answer = { response: Buffer; atMs: number };

const attempts = 3;
const usualPauseMs = 1_000;
const usualTimeoutMs = 10_000;
const mostBytes = 64 * 1024;

/** The answer of the authority. Throws when it does not answer, or not rightly, three times in a row. */
export async function askAuthority(authority: TimeStampAuthority, content: Uint8Array): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await askOnce(authority, content);
    } catch (error) {
      if (attempt === attempts) throw error;
      const { pauseMs = usualPauseMs } = authority;
      await new Promise((wake) => setTimeout(wake, pauseMs * attempt));
    }
  }
}

/** From the settings TSUMUGI_TSA_URL and TSUMUGI_TSA_CA. Throws Error with one line for people. */
export async function loadAuthority(url?: string, file?: string): Promise<TimeStampAuthority | undefined> {
  if (url === undefined && file === undefined) return undefined;
  if (url === undefined) throw new AuthorityError('TSUMUGI_TSA_CA: needs TSUMUGI_TSA_URL, the authority it is of');
  if (file === undefined) throw new AuthorityError('TSUMUGI_TSA_URL: needs TSUMUGI_TSA_CA, to which its stamps lead');
  try {
    // Every archive carries these along, so that nothing else from the file may stand among them.
    const anchors = certificatesIn(await readFile(file, 'utf8'));
    return { url, anchors: anchors.map(String).join('') };
  } catch {
    throw new AuthorityError(`TSUMUGI_TSA_CA: ${file} is no file with certificates (PEM)`);
  }
}

/** Thrown with one line for people. */
class AuthorityError extends Error {
  readonly isForPeople = true;
}

async function askOnce(
  { url, anchors, timeoutMs = usualTimeoutMs }: TimeStampAuthority,
  content: Uint8Array,
): Promise<Answer> {
  // The operator has named it, so it may stand anywhere; what it answers is signed itself.
  const guard = { isPlainFine: true, isRefused: () => false, ports: [portOf(url)] };
  const fetch = createGuardedFetch({ ...guard, timeoutMs, mostBytes });
  const nonce = naturalNumber();
  const query = new TimeStampReq({
    version: 1,
    messageImprint: imprintOf(content),
    nonce: new Integer({ valueHex: arrayBufferOf(nonce) }),
    certReq: true,
  });
  const headers = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' };
  const { status, body } = await fetch(url, headers, derOf(query));
  if (status !== 200) throw new Error(`the time stamp authority answered ${status}`);
  const { atMs } = checkTimeStamp(body, { content, anchors, nonce });
  return { response: body, atMs };
}

function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  return Number(port || (protocol === 'https:' ? 443 : 80));
}
