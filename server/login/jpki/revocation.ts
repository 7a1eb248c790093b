// Whether an accepted certificate still holds, asked of whom it names: an OCSP responder, or else a list. Without a fresh
// answer that can be believed it does not.

import { randomBytes } from 'node:crypto';
import { readCrl } from './crl.ts';
import { DerError } from './der.ts';
import { distributionPointsOf, ocspUrlsOf } from './extensions.ts';
import type { FetchStatus } from './fetch-status.ts';
import { type Issued, ocspRequest, readOcspAnswer } from './ocsp.ts';
import { JpkiRefusal, must } from './refusal.ts';

export type StatusSource = {
  fetchStatus: FetchStatus;
  /** The responder to ask in place of those that certificates name. */
  ocspUrl?: string | undefined;
};

/** Returns where the certificate is good. Throws JpkiRefusal for everything else. */
export async function refuseRevoked(
  issued: Issued,
  { fetchStatus, ocspUrl }: StatusSource,
  nowMs: () => number,
): Promise<void> {
  const responders = ocspUrl === undefined ? ocspUrlsOf(issued.certificate) : [ocspUrl];
  const lists = distributionPointsOf(issued.certificate).filter(({ urls }) => urls.length > 0);
  must(responders.length + lists.length > 0, 'no-status-address');
  await (responders.length > 0 ? firstAnswer(responders, askResponder) : firstAnswer(lists, readList));

  async function askResponder(url: string): Promise<void> {
    const nonce = randomBytes(32);
    const answer = await fetchStatus({
      url,
      body: ocspRequest(issued, nonce),
      contentType: 'application/ocsp-request',
      accept: 'application/ocsp-response',
      maxBytes: mostAnswerBytes,
    });
    must(answer !== undefined, 'no-status');
    readable(() => readOcspAnswer(answer, issued, nonce, nowMs()));
  }

  async function readList(point: (typeof lists)[number]): Promise<void> {
    const [url = ''] = point.urls;
    const list = await fetchStatus({ url, accept: 'application/pkix-crl', maxBytes: mostListBytes });
    must(list !== undefined, 'no-status');
    readable(() => readCrl(list, issued, point, nowMs()));
  }
}

/** The next place is asked where one gives no answer at all; an answer, good or bad, is the last word. */
async function firstAnswer<T>(places: readonly T[], ask: (place: T) => Promise<void>): Promise<void> {
  for (const [index, place] of places.entries()) {
    try {
      await ask(place);
      return;
    } catch (error) {
      const isSilent = error instanceof JpkiRefusal && error.reason === 'no-status';
      if (!isSilent || index === Math.min(places.length, mostPlaces) - 1) throw error;
    }
  }
}

/** What is wrong with an answer is not wrong with the card. */
function readable(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (error instanceof DerError) throw new JpkiRefusal('unreadable-status');
    if (error instanceof JpkiRefusal && ofCertificates.has(error.reason)) throw new JpkiRefusal('untrusted-status');
    throw error;
  }
}

const ofCertificates: ReadonlySet<string> = new Set([
  'unreadable-certificate',
  'weak-cryptography',
  'unknown-critical-extension',
]);
const mostPlaces = 2;
const mostAnswerBytes = 65_536;
// About 45,000 revoked certificates, which take 0.1 s to read while nothing else runs.
const mostListBytes = 1024 * 1024;
