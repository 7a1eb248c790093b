// Whatever a byte is changed to, and wherever something ends: nothing that was changed is believed, and nothing but a refusal
// comes of it. General rules, so properties.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Certificate, readCertificate } from '../../../server/login/jpki/certificate.ts';
import { readCrl } from '../../../server/login/jpki/crl.ts';
import { DerError, readDer } from '../../../server/login/jpki/der.ts';
import { factsOf } from '../../../server/login/jpki/facts.ts';
import { issuerOf } from '../../../server/login/jpki/issued-by.ts';
import { ocspRequest, readOcspAnswer } from '../../../server/login/jpki/ocsp.ts';
import { refuseUnless } from '../../../server/login/jpki/profile.ts';
import { JpkiRefusal } from '../../../server/login/jpki/refusal.ts';
import {
  authorityCertificate,
  authorityName,
  certificate,
  crl,
  ext,
  makeKeys,
  nowMs,
  ocspAnswer,
  ocspSigning,
  policies,
} from './test-authority.ts';

const [authority, card, responder] = [makeKeys(), makeKeys(), makeKeys()];
const anchors: Certificate[] = [readCertificate(authorityCertificate(authority))];
const facts = { 1: '試験　花子', 3: '2', 4: '319900503', 5: '東京都試験区' };
const made = certificate({
  keys: card,
  signer: authority,
  extensions: [ext.signatureAndNonRepudiation(), ext.policy(policies.signature), ext.facts(facts)],
});
const issued = { certificate: readCertificate(made), issuer: anchors[0] as Certificate };
const nonce = Buffer.alloc(32, 7);
const responderCertificate = certificate({
  keys: responder,
  signer: authority,
  extensions: [ext.digitalSignature(), ext.purposes(ocspSigning), ext.noCheck()],
});
const answer = ocspAnswer(ocspRequest(issued, nonce), { signer: authority, responder: { name: authorityName } });
const delegated = ocspAnswer(ocspRequest(issued, nonce), {
  signer: responder,
  responder: { keys: responder },
  certificates: [responderCertificate],
});
const list = crl({ signer: authority, revoked: [{ serial: '99' }, { serial: '0a1b2d' }] });

const accept = (bytes: Uint8Array): void => {
  const read = readCertificate(bytes);
  issuerOf(read, anchors, nowMs);
  refuseUnless('signature', read);
  factsOf(read);
};
const acceptAnswer = (bytes: Uint8Array): void => readOcspAnswer(bytes, issued, nonce, nowMs);
const acceptList = (bytes: Uint8Array): void => readCrl(bytes, issued, { names: [], urls: [] }, nowMs);

function expectRefusal(work: () => void): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown instanceof JpkiRefusal || thrown instanceof DerError).toBe(true);
  // A sentence of a table, with nothing of what was sent.
  expect((thrown as Error).message).not.toMatch(/試験|花子|1990|0a1b2c/);
}

describe.each([
  ['a certificate', made, accept],
  ['an answer of the authority', answer, acceptAnswer],
  ['an answer of a responder', delegated, acceptAnswer],
  ['a list', list, acceptList],
] as const)('%s', (_, bytes, take) => {
  test('is accepted as it is', () => expect(() => take(bytes)).not.toThrow());

  test('is refused with one byte changed', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expectRefusal(() => take(changed));
    }
  });

  test('is refused cut off anywhere', () => {
    for (let length = 0; length < bytes.length; length += 7) expectRefusal(() => take(bytes.subarray(0, length)));
  });

  test('is refused with bytes put in, taken out or repeated', () => {
    const place = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(place, place, fc.uint8Array({ maxLength: 6 }), (from, to, put) => {
        const changed = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);
        fc.pre(!changed.equals(bytes));
        expectRefusal(() => take(changed));
      }),
      { numRuns: 300 },
    );
  });

  test('is refused where it is anything else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => expectRefusal(() => take(any))));
  });
});

describe('readDer', () => {
  test.each([
    ['nothing', ''],
    ['a length in more octets than it needs', '30810102'],
    ['a length without end', '30800000'],
    ['a number with a zero too many', '02020001'],
    ['a member longer than the whole', '3003020500'],
    ['something behind the end', '0500ff'],
  ])('refuses %s', (_, hex) => {
    expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(DerError);
  });

  test('refuses what is nested without measure', () => {
    let nested: Buffer = Buffer.of(5, 0);
    for (let depth = 0; depth < 40; depth += 1) nested = Buffer.concat([Buffer.of(0x30, nested.length), nested]);
    expect(() => readDer(nested)).toThrow(DerError);
  });
});
