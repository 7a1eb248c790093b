// A My Number Card at the door: what is let in, and a table of what is not. The authority, the cards and the revocation
// service are the tests' own; the service answers over HTTP on loopback.

import { sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Certificate, readCertificate } from '../../../server/login/jpki/certificate.ts';
import { createFetchStatus } from '../../../server/login/jpki/fetch-status.ts';
import { type CardAnswer, type JpkiLogin, jpkiLogin } from '../../../server/login/jpki/jpki-login.ts';
import type { CardKind } from '../../../server/login/jpki/profile.ts';
import type { RefusalReason } from '../../../server/login/jpki/refusal.ts';
import { bits, type Der, der, implicit, integer, name, oid, seq, tagged, utf8, utf8Bytes } from './der-builder.ts';
import { type StatusServer, startStatusServer } from './status-server.ts';
import {
  authorityCertificate,
  authorityName,
  type CertificateWishes,
  type CrlWishes,
  certificate,
  crl,
  dayMs,
  ext,
  heldChallenges,
  holderName,
  type Keys,
  makeKeys,
  nowMs,
  type OcspWishes,
  ocspAnswer,
  ocspSigning,
  policies,
  strangerName,
} from './test-authority.ts';

const authority = makeKeys();
const stranger = makeKeys();
const card = makeKeys();
const responder = makeKeys();
const clock = { nowMs };
let service: StatusServer;
let anchors: Certificate[];

beforeAll(async () => {
  service = await startStatusServer();
  anchors = [readCertificate(authorityCertificate(authority))];
});
afterAll(() => service.close());
beforeEach(() => {
  clock.nowMs = nowMs;
  service.asked.splice(0);
});

const facts = {
  1: '試験　花子',
  2: '00000',
  3: '2',
  4: '319900503',
  5: '東京都試験区見本一丁目１番１号',
  6: '0'.repeat(15),
};

const profileOf = (kind: CardKind) =>
  kind === 'authentication'
    ? [ext.digitalSignature(), ext.policy(policies.authentication)]
    : [ext.signatureAndNonRepudiation(), ext.policy(policies.signature), ext.facts(facts)];

const issue = (wishes: Partial<CertificateWishes> = {}) =>
  certificate({
    keys: card,
    signer: authority,
    extensions: [...profileOf('authentication'), ext.ocsp(service.ocspUrl)],
    ...wishes,
  });

const issueWith = (...extensions: CertificateWishes['extensions']) => issue({ extensions });
const issueListed = (...more: CertificateWishes['extensions']) =>
  issueWith(...profileOf('authentication'), ext.crl(service.crlUrl), ...more);

const answers = (wishes: Partial<OcspWishes> = {}) =>
  service.answerWith((body) => ocspAnswer(body, { signer: authority, responder: { name: authorityName }, ...wishes }));
const answersCrl = (wishes: Partial<CrlWishes> = {}) => service.answerWith(() => crl({ signer: authority, ...wishes }));

const responderProfile = () => [ext.digitalSignature(), ext.purposes(ocspSigning), ext.noCheck()];

const responderCertificate = (wishes: Partial<CertificateWishes> = {}) =>
  certificate({
    keys: responder,
    signer: authority,
    serial: '77',
    subject: strangerName,
    extensions: responderProfile(),
    ...wishes,
  });
const answersByResponder = (wishes: Partial<CertificateWishes> = {}) =>
  answers({
    signer: responder,
    responder: { keys: responder },
    certificates: [responderCertificate(wishes)],
  });

function login(): JpkiLogin {
  const made = jpkiLogin({
    anchors,
    fetchStatus: createFetchStatus({ timeoutMs: 300, isRefused: () => false, ports: service.ports }),
    challenges: heldChallenges(),
    baseUrl: () => 'https://tsumugi.test',
    nowMs: () => clock.nowMs,
  });
  if (!made) throw new Error('it is off');
  return made;
}

type Attempt = {
  kind?: CardKind;
  der?: Buffer;
  signer?: Keys;
  digest?: string;
  text?: (toSign: string) => string;
  session?: string;
  alter?: (answer: Record<string, unknown>) => unknown;
  at?: JpkiLogin;
};

async function attempt(wishes: Attempt = {}): Promise<CardAnswer> {
  const { kind = 'authentication', signer = card, digest = 'sha256', text = (given) => given, at = login() } = wishes;
  const { challenge, toSign } = await at.challenge('session-a', kind);
  const answer = {
    challenge,
    certificate: (wishes.der ?? issue()).toString('base64'),
    signature: sign(digest, Buffer.from(text(toSign)), signer.privateKey).toString('base64'),
  };
  return at.verify(wishes.session ?? 'session-a', wishes.alter ? wishes.alter(answer) : answer);
}

describe('a card that is accepted', () => {
  test('by OCSP of the authority: known by issuer and serial, and nobody is named', async () => {
    answers();
    expect(await attempt()).toEqual({
      card: {
        kind: 'authentication',
        subject: expect.stringMatching(/^jpki:[\w-]{43}$/),
        serial: '0a1b2c',
        issuer: 'C=JP, O=JPKI TEST, OU=JPKI TEST for user authentication',
        notAfter: '2029-08-19T00:00:00.000Z',
      },
    });
    expect(service.asked).toMatchObject([{ method: 'POST', url: '/ocsp', contentType: 'application/ocsp-request' }]);
  });

  test('the certificate for signatures tells the four basic facts', async () => {
    answers();
    const made = issueWith(...profileOf('signature'), ext.ocsp(service.ocspUrl));
    expect(await attempt({ kind: 'signature', der: made })).toMatchObject({
      card: {
        kind: 'signature',
        facts: {
          name: '試験　花子',
          birthDate: '1990-05-03',
          sex: 'female',
          address: '東京都試験区見本一丁目１番１号',
          isSubstituted: false,
        },
      },
    });
  });

  test.each([
    ['319900503', '1990-05-03'],
    ['319900500', '1990-05'],
    ['319900000', '1990'],
    ['000000000', undefined],
  ])('birth date %s is %s', async (text, birthDate) => {
    answers();
    const made = issueWith(
      ...profileOf('signature').slice(0, 2),
      ext.facts({ ...facts, 4: text }),
      ext.ocsp(service.ocspUrl),
    );
    const answer = await attempt({ kind: 'signature', der: made });
    expect('card' in answer && answer.card.facts?.birthDate).toBe(birthDate);
  });

  test('a stand-in for a character is told', async () => {
    answers();
    const made = issueWith(
      ...profileOf('signature').slice(0, 2),
      ext.facts({ ...facts, 2: '01000' }),
      ext.ocsp(service.ocspUrl),
    );
    expect(await attempt({ kind: 'signature', der: made })).toMatchObject({ card: { facts: { isSubstituted: true } } });
  });

  test('by OCSP of a responder that the authority named', async () => {
    answersByResponder();
    expect(await attempt()).toHaveProperty('card');
  });

  test('by OCSP without nextUpdate, where the answer was made just now', async () => {
    answers({ nextUpdateMs: null });
    expect(await attempt()).toHaveProperty('card');
  });

  test('by a list that has others in it', async () => {
    answersCrl({ revoked: [{ serial: '0a1b2d' }, { serial: '0a1b' }] });
    expect(await attempt({ der: issueListed() })).toHaveProperty('card');
    expect(service.asked).toMatchObject([{ method: 'GET', url: '/crl' }]);
  });

  test('by a list for the point that the certificate names', async () => {
    const point = implicit(6, Buffer.from(service.crlUrl));
    answersCrl({ extensions: [{ id: '2.5.29.28', critical: true, value: seq(tagged(0, tagged(0, point))) }] });
    expect(await attempt({ der: issueListed() })).toHaveProperty('card');
  });

  test('of an authority that has renewed its key', async () => {
    anchors = [readCertificate(authorityCertificate(stranger)), ...anchors];
    answers();
    expect(await attempt()).toHaveProperty('card');
    anchors = anchors.slice(1);
  });

  test('one certificate is one subject; the one that replaces it is another', async () => {
    answers();
    const [first, again, renewed] = [
      await attempt(),
      await attempt(),
      await attempt({ der: issue({ serial: '0a1b2e' }) }),
    ];
    const subjects = [first, again, renewed].map((one) => 'card' in one && one.card.subject);
    expect(subjects[0]).toBe(subjects[1]);
    expect(subjects[2]).not.toBe(subjects[0]);
  });
});

test('without trust anchors this way to sign in is off', () => {
  const options = { fetchStatus: createFetchStatus(), challenges: heldChallenges(), baseUrl: () => '', nowMs: () => 0 };
  expect(jpkiLogin({ ...options, anchors: undefined })).toBeUndefined();
});

/** Each makes one thing wrong; what it returns is wished of the attempt. */
const broken: [string, RefusalReason, () => Attempt][] = [
  // What was sent
  ['nothing', 'malformed-request', () => ({ alter: () => undefined })],
  ['null', 'malformed-request', () => ({ alter: () => null })],
  ['a challenge that is a number', 'malformed-request', () => ({ alter: (a) => ({ ...a, challenge: 1 }) })],
  ['no certificate', 'malformed-request', () => ({ alter: (a) => ({ ...a, certificate: undefined }) })],
  ['a certificate that is not base64', 'malformed-request', () => ({ alter: (a) => ({ ...a, certificate: '証明' }) })],
  ['a certificate of 20 kB', 'malformed-request', () => ({ der: Buffer.alloc(20_000) })],
  ['an empty signature', 'malformed-request', () => ({ alter: (a) => ({ ...a, signature: '' }) })],
  // The challenge
  ['a challenge of another session', 'unknown-challenge', () => ({ session: 'session-b' })],
  ['a challenge nobody gave', 'unknown-challenge', () => ({ alter: (a) => ({ ...a, challenge: 'A'.repeat(43) }) })],
  // The signature of the card
  [
    'a signature over another challenge',
    'wrong-signature',
    () => ({ text: (t) => t.replace(/.{43}\n$/, `${'A'.repeat(43)}\n`) }),
  ],
  [
    'a signature for another server',
    'wrong-signature',
    () => ({ text: (t) => t.replace('tsumugi.test', 'tsumugi.example') }),
  ],
  ['a signature over the bare challenge', 'wrong-signature', () => ({ text: (t) => t.split('\n')[3] ?? '' })],
  ['a signature by another key', 'wrong-signature', () => ({ signer: stranger })],
  ['a signature with SHA-1', 'wrong-signature', () => ({ digest: 'sha1' })],
  [
    'a signature that is cut off',
    'wrong-signature',
    () => ({ alter: (a) => ({ ...a, signature: String(a.signature).slice(0, 300) }) }),
  ],
  // The certificate
  ['a certificate that is cut off', 'unreadable-certificate', () => ({ der: issue().subarray(0, 400) })],
  [
    'a certificate with a byte behind it',
    'unreadable-certificate',
    () => ({ der: Buffer.concat([issue(), Buffer.of(0)]) }),
  ],
  ['text in place of a certificate', 'unreadable-certificate', () => ({ der: Buffer.from('not a certificate') })],
  [
    'DER that is not a certificate',
    'unreadable-certificate',
    () => ({ der: der(seq(oid('1.2.3'), utf8('試験 花子'))) }),
  ],
  ['a certificate of version 1', 'unreadable-certificate', () => ({ der: issue({ version: 0 }) })],
  ['a serial of 21 octets', 'unreadable-certificate', () => ({ der: issue({ serial: '11'.repeat(21) }) })],
  [
    'an extension that is there twice',
    'unreadable-certificate',
    () => ({ der: issueWith(...profileOf('authentication'), ext.digitalSignature()) }),
  ],
  [
    'an authority that is not trusted',
    'unknown-issuer',
    () => ({ der: issue({ signer: stranger, issuer: strangerName }) }),
  ],
  ['another key under the name of the authority', 'forged-certificate', () => ({ der: issue({ signer: stranger }) })],
  ['a certificate that signed itself', 'unknown-issuer', () => ({ der: issue({ signer: card, issuer: holderName }) })],
  ['a changed byte', 'forged-certificate', () => ({ der: swapped(issue(), 'HOLDER', 'HOLDEN') })],
  [
    'a certificate issued by another holder',
    'unknown-issuer',
    () => ({ der: issue({ signer: stranger, issuer: holderName, subject: strangerName }) }),
  ],
  ['a certificate signed with SHA-1', 'weak-cryptography', () => ({ der: issue({ digest: 'sha1' }) })],
  ['a certificate signed with MD5', 'weak-cryptography', () => ({ der: issue({ digest: 'md5' }) })],
  ['a key of 1024 bits', 'weak-cryptography', () => ({ der: issue({ keys: makeKeys(1024) }) })],
  ['a key with the exponent 3', 'weak-cryptography', () => ({ der: issue({ keys: makeKeys(2048, 3) }) })],
  ['a certificate that has expired', 'expired', () => ({ der: issue({ notAfterMs: nowMs - 1000 }) })],
  ['a certificate that is not yet valid', 'not-yet-valid', () => ({ der: issue({ notBeforeMs: nowMs + 1000 }) })],
  [
    'an unknown critical extension',
    'unknown-critical-extension',
    () => ({ der: issueWith(...profileOf('authentication'), ext.unknown(true)) }),
  ],
  [
    'a certificate of an authority',
    'is-authority',
    () => ({ der: issueWith(...profileOf('authentication'), ext.constraints(true)) }),
  ],
  [
    'an authority with a path length',
    'is-authority',
    () => ({ der: issueWith(...profileOf('authentication'), ext.constraints(true, 0)) }),
  ],
  ['no policy', 'wrong-policy', () => ({ der: issueWith(ext.digitalSignature()) })],
  [
    'a policy of somebody else',
    'wrong-policy',
    () => ({ der: issueWith(ext.digitalSignature(), ext.policy('1.2.3.4')) }),
  ],
  ['any policy', 'wrong-policy', () => ({ der: issueWith(ext.digitalSignature(), ext.policy('2.5.29.32.0')) })],
  [
    'two policies',
    'wrong-policy',
    () => ({ der: issueWith(ext.digitalSignature(), ext.policy(...Object.values(policies))) }),
  ],
  ['the certificate for signatures at sign-in', 'wrong-policy', () => ({ der: issueWith(...profileOf('signature')) })],
  ['the certificate for sign-in as proof of the facts', 'wrong-policy', () => ({ kind: 'signature' })],
  ['no key usage', 'wrong-key-usage', () => ({ der: issueWith(ext.policy(policies.authentication)) })],
  [
    'a key for encipherment',
    'wrong-key-usage',
    () => ({ der: issueWith(ext.keyUsage(0x20, 5), ext.policy(policies.authentication)) }),
  ],
  [
    'a key that may sign certificates too',
    'wrong-key-usage',
    () => ({ der: issueWith(ext.keyUsage(0x84, 2), ext.policy(policies.authentication)) }),
  ],
  [
    'a key for servers',
    'wrong-key-usage',
    () => ({ der: issueWith(...profileOf('authentication'), ext.purposes('1.3.6.1.5.5.7.3.1')) }),
  ],
  ['facts without a name', 'unreadable-facts', () => withFacts({ ...facts, 1: '' })],
  ['facts with a birth date that is none', 'unreadable-facts', () => withFacts({ ...facts, 4: '319900231' })],
  ['facts with a sex nobody knows', 'unreadable-facts', () => withFacts({ ...facts, 3: '7' })],
  ['facts with a birth date without an era', 'unreadable-facts', () => withFacts({ ...facts, 4: '19900503' })],
  ['facts with marks that are none', 'unreadable-facts', () => withFacts({ ...facts, 2: '0x000' })],
  ['two names', 'unreadable-facts', () => withNames([1, utf8('試験　花子')], [1, utf8('見本　太郎')])],
  ['a name that is not UTF-8', 'unreadable-facts', () => withNames([1, utf8Bytes(Buffer.of(0xe8, 0xa9))])],
  // Revocation by OCSP
  ['no place to ask', 'no-status-address', () => ({ der: issueWith(...profileOf('authentication')) })],
  [
    'only a list in a directory',
    'no-status-address',
    () => ({ der: issueWith(...profileOf('authentication'), ext.crl('ldap://directory.test')) }),
  ],
  ['revoked by OCSP', 'revoked', () => ocsp({ status: 'revoked' })],
  ['not known to the responder', 'unknown-status', () => ocsp({ status: 'unknown' })],
  ['OCSP with a status nobody knows', 'unreadable-status', () => ocsp({ status: 'of a later version' })],
  ['OCSP that is good and more', 'unreadable-status', () => ocsp({ status: 'good with something in it' })],
  ['OCSP says to try later', 'no-status', () => ocsp({ responseStatus: 3 })],
  ['OCSP is not authorized', 'no-status', () => ocsp({ responseStatus: 6 })],
  ['OCSP of another certificate', 'status-of-another', () => ocsp({ serial: '0a1b2d' })],
  ['OCSP of another authority', 'status-of-another', () => ocsp({ issuerKeys: stranger })],
  ['OCSP with another nonce', 'status-of-another', () => ocsp({ nonce: Buffer.alloc(32, 1) })],
  ['OCSP without the nonce', 'status-of-another', () => ocsp({ nonce: null })],
  ['OCSP signed by a stranger under the name of the authority', 'untrusted-status', () => ocsp({ signer: stranger })],
  [
    'OCSP signed by a stranger under its own name',
    'untrusted-status',
    () => ocsp({ signer: stranger, responder: { keys: stranger } }),
  ],
  [
    'OCSP signed by the holder of a card',
    'untrusted-status',
    () => ocsp({ signer: card, responder: { keys: card }, certificates: [issue()] }),
  ],
  ['OCSP signed with SHA-1', 'untrusted-status', () => ocsp({ digest: 'sha1' })],
  ['OCSP that is out of date', 'stale-status', () => ocsp({ nextUpdateMs: nowMs - 1000 })],
  ['OCSP from the future', 'stale-status', () => ocsp({ thisUpdateMs: nowMs + 3_600_000 })],
  ['OCSP made in the future', 'stale-status', () => ocsp({ producedAtMs: nowMs + 3_600_000 })],
  [
    'OCSP of an hour ago without an end',
    'stale-status',
    () => ocsp({ thisUpdateMs: nowMs - 3_600_000, nextUpdateMs: null }),
  ],
  ['OCSP of a later version', 'unreadable-status', () => ocsp({ version: 1 })],
  ['OCSP without an answer in it', 'status-of-another', () => ocsp({ answers: 0 })],
  ['OCSP with two answers', 'status-of-another', () => ocsp({ answers: 2 })],
  ['OCSP with an unknown critical extension', 'unreadable-status', () => ocsp({ extensions: [ext.unknown(true)] })],
  [
    'OCSP with an unknown critical extension of the one answer',
    'unreadable-status',
    () => ocsp({ singleExtensions: [ext.unknown(true)] }),
  ],
  [
    'a responder without the purpose',
    'untrusted-status',
    () => byResponder({ extensions: [ext.digitalSignature(), ext.noCheck()] }),
  ],
  [
    'a responder whom nobody vouches for',
    'untrusted-status',
    () => byResponder({ extensions: [ext.digitalSignature(), ext.purposes(ocspSigning)] }),
  ],
  ['a responder named by a stranger', 'untrusted-status', () => byResponder({ signer: stranger })],
  ['a responder of another authority', 'untrusted-status', () => byResponder({ issuer: strangerName })],
  ['a responder that has expired', 'untrusted-status', () => byResponder({ notAfterMs: nowMs - 1000 })],
  [
    'a responder whose key is not for signatures',
    'untrusted-status',
    () => byResponder({ extensions: [ext.keyUsage(0x20, 5), ext.purposes(ocspSigning), ext.noCheck()] }),
  ],
  [
    'a responder with an unknown critical extension',
    'untrusted-status',
    () => byResponder({ extensions: [...responderProfile(), ext.unknown(true)] }),
  ],
  [
    'a responder that is an authority',
    'untrusted-status',
    () => byResponder({ extensions: [...responderProfile(), ext.constraints(true)] }),
  ],
  ['a responder with a key of 1024 bits', 'untrusted-status', () => byResponder({ keys: makeKeys(1024) })],
  [
    'OCSP that is cut off',
    'unreadable-status',
    () =>
      served((body) => ocspAnswer(body, { signer: authority, responder: { name: authorityName } }).subarray(0, 200)),
  ],
  ['OCSP that is a page', 'unreadable-status', () => served(() => Buffer.from('<html>'))],
  ['OCSP of 70 kB', 'no-status', () => served(() => Buffer.alloc(70_000))],
  ['OCSP that does not come', 'no-status', () => served(() => undefined)],
  ['OCSP that comes a byte at a time', 'no-status', () => served(slowly)],
  ['OCSP with status 500', 'no-status', () => served((_, response) => withStatus(response, 500))],
  [
    'OCSP that is elsewhere',
    'no-status',
    () => served((_, response) => withStatus(response, 302, { location: service.crlUrl })),
  ],
  [
    'a responder that is not there',
    'no-status',
    () => ({ der: issueWith(...profileOf('authentication'), ext.ocsp('http://127.0.0.1:1/ocsp')) }),
  ],
  // Revocation by a list
  ['revoked by a list', 'revoked', () => listed({ revoked: [{ serial: '0a1b2c' }] })],
  [
    'on hold in a list',
    'revoked',
    () => listed({ revoked: [{ serial: '0a1b2c', extensions: [{ id: '2.5.29.21', value: bits(Buffer.of(6)) }] }] }),
  ],
  ['a list that is out of date', 'stale-status', () => listed({ nextUpdateMs: nowMs - 1000 })],
  ['a list from the future', 'stale-status', () => listed({ thisUpdateMs: nowMs + dayMs })],
  ['a list without an end', 'unreadable-status', () => listed({ nextUpdateMs: null })],
  ['a list of another authority', 'untrusted-status', () => listed({ issuer: strangerName })],
  ['a list signed by a stranger', 'untrusted-status', () => listed({ signer: stranger })],
  ['a list signed with SHA-1', 'untrusted-status', () => listed({ digest: 'sha1' })],
  [
    'a list of changes only',
    'unreadable-status',
    () => listed({ extensions: [{ id: '2.5.29.27', critical: true, value: integer('01') }] }),
  ],
  [
    'a list of another point',
    'status-of-another',
    () => listed(forPoint(tagged(0, tagged(0, implicit(6, Buffer.from('http://other.test')))))),
  ],
  ['a list of authorities', 'status-of-another', () => listed(forPoint(implicit(2, Buffer.of(0xff))))],
  ['a list for some reasons', 'status-of-another', () => listed(forPoint(implicit(3, Buffer.of(0, 0xff))))],
  ['a list of several authorities', 'status-of-another', () => listed(forPoint(implicit(4, Buffer.of(0xff))))],
  [
    'a list with an unknown critical extension of an entry',
    'unreadable-status',
    () => listed({ revoked: [{ serial: '99', extensions: [ext.unknown(true)] }] }),
  ],
  ['a list that is cut off', 'unreadable-status', () => servedList(crl({ signer: authority }).subarray(0, 100))],
  ['a list of 1.1 MB', 'no-status', () => servedList(Buffer.alloc(1_100_000))],
  [
    'a point whose list another issuer makes',
    'no-status-address',
    () => ({ der: issueWith(...profileOf('authentication'), indirectPoint()) }),
  ],
];

describe('a card that is refused', () => {
  test.each(broken)('%s: %s', async (_, reason, wishes) => {
    answers();
    expect(await attempt(wishes())).toEqual({ refused: reason });
  });

  test('with a challenge that was used, even in vain', async () => {
    answers();
    const at = login();
    let sent: Record<string, unknown> = {};
    const keep = (answer: Record<string, unknown>) => {
      sent = answer;
      return answer;
    };
    expect(await attempt({ at, alter: keep })).toHaveProperty('card');
    expect(await at.verify('session-a', sent)).toEqual({ refused: 'unknown-challenge' });
    expect(await attempt({ at, alter: keep, signer: stranger })).toEqual({ refused: 'wrong-signature' });
    expect(await at.verify('session-a', sent)).toEqual({ refused: 'unknown-challenge' });
  });

  test('with a challenge after five minutes', async () => {
    answers();
    const later = (answer: Record<string, unknown>) => {
      clock.nowMs += 300_000;
      return answer;
    };
    expect(await attempt({ alter: later })).toEqual({ refused: 'unknown-challenge' });
  });

  test('another session that tries does not use the challenge up', async () => {
    answers();
    const at = login();
    let sent: unknown;
    const other = await attempt({ at, session: 'session-b', alter: (answer) => (sent = answer) });
    expect(other).toEqual({ refused: 'unknown-challenge' });
    expect(await at.verify('session-a', sent)).toHaveProperty('card');
  });

  test('while its authority is outside its own validity', async () => {
    anchors = [readCertificate(authorityCertificate(authority, { notAfterMs: nowMs - 1000 }))];
    answers();
    expect(await attempt()).toEqual({ refused: 'authority-not-valid' });
    anchors = [readCertificate(authorityCertificate(authority))];
  });

  test('by a list of an authority whose key is not for lists', async () => {
    const forCertificates = [ext.constraints(true), ext.keyUsage(0x04, 2)];
    anchors = [readCertificate(authorityCertificate(authority, { extensions: forCertificates }))];
    expect(await attempt(listed({}))).toEqual({ refused: 'untrusted-status' });
    anchors = [readCertificate(authorityCertificate(authority))];
  });

  test('before anybody else is asked, where the card itself is wrong', async () => {
    answers();
    await attempt({ signer: stranger });
    await attempt({ der: issue({ signer: stranger }) });
    expect(service.asked).toEqual([]);
  });
});

const ocsp = (wishes: Partial<OcspWishes>): Attempt => {
  answers(wishes);
  return {};
};

const byResponder = (wishes: Partial<CertificateWishes>): Attempt => {
  const { keys = responder } = wishes;
  answers({ signer: keys, responder: { keys }, certificates: [responderCertificate(wishes)] });
  return {};
};

const listed = (wishes: Partial<CrlWishes>): Attempt => {
  answersCrl(wishes);
  return { der: issueListed() };
};

const served = (answer: (body: Buffer, response: ServerResponse) => Buffer | undefined): Attempt => {
  service.answerWith(answer);
  return {};
};

const servedList = (bytes: Buffer): Attempt => ({ ...served(() => bytes), der: issueListed() });

const withFacts = (values: Record<number, string>): Attempt => withNames(...namesOf(values));

/** These otherNames, and those of the facts that they leave out. */
const withNames = (...names: readonly (readonly [number, Der])[]): Attempt => {
  const others = namesOf(facts).filter(([last]) => names.every(([named]) => named !== last));
  const made = issueWith(...profileOf('signature').slice(0, 2), ext.otherNames(...names, ...others));
  return { kind: 'signature', der: made };
};

const namesOf = (values: Record<number, string>) =>
  Object.entries(values).map(([last, text]) => [Number(last), utf8(text)] as const);

const forPoint = (member: ReturnType<typeof seq>): Partial<CrlWishes> => ({
  extensions: [{ id: '2.5.29.28', critical: true, value: seq(member) }],
});

const indirectPoint = () => ({
  id: '2.5.29.31',
  value: seq(
    seq(
      tagged(0, tagged(0, implicit(6, Buffer.from(service.crlUrl)))),
      tagged(2, tagged(4, name(['2.5.4.10', 'OTHER']))),
    ),
  ),
});

function withStatus(response: ServerResponse, status: number, headers: Record<string, string> = {}): Buffer {
  response.writeHead(status, headers);
  return Buffer.alloc(0);
}

function slowly(_: Buffer, response: ServerResponse): undefined {
  const timer = setInterval(() => response.write('0'), 20);
  response.on('close', () => clearInterval(timer));
}

function swapped(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
}
