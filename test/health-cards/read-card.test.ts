// What is wrong with a card is named exactly, and nothing that is wrong is taken for good. SMART Health Cards 1.4.
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UnreadableCard } from '../../server/health-cards/card-fault.ts';
import { cardsInText } from '../../server/health-cards/card-text.ts';
import { digitsOf, jwsOfCodes } from '../../server/health-cards/numeric.ts';
import { readCard } from '../../server/health-cards/read-card.ts';
import type { TrustedIssuer } from '../../server/health-cards/trust.ts';
import { fhirFaults } from '../../server/health-cards/verify.ts';
import {
  atSeconds,
  bundle,
  card,
  claims,
  header,
  iss,
  kid,
  privateJwk,
  publicJwk,
  signed,
  trustedWith,
} from './sample.ts';

const read = (jws: string, trusted: TrustedIssuer[] = trustedWith()) =>
  readCard(jws, { trusted, atSeconds, validate: fhirFaults });
const codes = (jws: string, trusted?: TrustedIssuer[]) => read(jws, trusted).faults.map(({ code }) => code);
const crl = (more: object = {}) => ({ kid, method: 'rid', ctr: 1, rids: [] as string[], ...more });
const packed = (text: string | Buffer) => signed(deflateRawSync(text));
const payload = JSON.stringify(claims());

test('a card without a fault is read', () => {
  const { faults, qrFaults, warnings, payload: found } = read(card(), trustedWith([crl()]));
  expect([faults, qrFaults, warnings]).toEqual([[], [], []]);
  expect(found).toEqual(claims());
});

describe('a card is refused that', () => {
  test.each<[name: string, jws: () => string, codes: string[]]>([
    ['is empty', () => '', ['form']],
    ['has two parts', () => 'a.b', ['form']],
    ['ends with a newline', () => `${card()}\n`, ['trailing']],
    ['has a fourth part', () => `${card()}.x`, ['trailing']],
    ['has bits that are not read', () => card().replace(/.$/, (last) => (last === 'B' ? 'C' : 'B')), ['form']],
    ['is unsigned', () => `${card(claims(), header({ alg: 'none' })).replace(/[^.]*$/, '')}`, ['alg']],
    ['is signed by a shared secret', () => card(claims(), header({ alg: 'HS256' })), ['alg']],
    ['names no key', () => card(claims(), header({ kid: undefined })), ['kid']],
    ['names a key that is not there', () => card(claims(), header({ kid: '../jwks' })), ['unknown-key']],
    ['says not to be compressed', () => card(claims(), header({ zip: undefined })), ['zip']],
    ['is not compressed', () => signed(Buffer.from(payload), header({ zip: undefined })), ['zip']],
    ['has an extension to understand', () => card(claims(), header({ crit: ['exp'] })), ['header']],
    ['brings its own key', () => card(claims(), header({ jwk: publicJwk })), ['header']],
    ['is compressed by zlib', () => signed(deflateSync(payload)), ['inflate']],
    [
      'has bytes behind what is compressed',
      () => signed(Buffer.concat([deflateRawSync(payload), Buffer.from('x')])),
      ['trailing'],
    ],
    ['unpacks to 17 MiB', () => packed(Buffer.alloc(17 * 1024 * 1024, 0x20)), ['too-large']],
    ['is nested deeply', () => packed(`${'['.repeat(20_000)}${']'.repeat(20_000)}`), ['too-deep']],
    ['is no JSON', () => packed('{'), ['payload']],
    ['is no object', () => packed('[]'), ['payload']],
    ['is no UTF-8', () => packed(Buffer.from([0x7b, 0xff, 0x7d])), ['payload']],
    ['begins with a byte order mark', () => packed(`\uFEFF${payload}`), ['trailing']],
    ['has more behind its JSON', () => packed(`${payload}x`), ['trailing']],
    ['names a member twice', () => packed(payload.replace('{', '{"nbf":1,')), ['duplicate-member']],
    ['has an issuer without https', () => card(claims({ iss: 'http://cards.example' })), ['iss', 'untrusted-issuer']],
    ['has an issuer with a slash', () => card(claims({ iss: `${iss}/` })), ['iss', 'untrusted-issuer']],
    ['has an issuer with a query', () => card(claims({ iss: `${iss}?a` })), ['iss', 'untrusted-issuer']],
    ['has another issuer', () => card(claims({ iss: 'https://other.example' })), ['untrusted-issuer']],
    ['has no issuer', () => card(claims({ iss: undefined })), ['iss', 'untrusted-issuer']],
    ['has no beginning', () => card(claims({ nbf: undefined })), ['nbf']],
    ['begins tomorrow', () => card(claims({ nbf: atSeconds + 86_400 })), ['nbf']],
    ['counts in milliseconds', () => card(claims({ nbf: atSeconds * 1000 })), ['nbf']],
    ['has ended', () => card(claims({ exp: atSeconds })), ['exp']],
    ['ends at a word', () => card(claims({ exp: 'never' })), ['exp']],
    ['is no health card', () => card(claims({}, { type: ['https://smarthealth.cards#immunization'] })), ['type']],
    ['has no types', () => card(claims({}, { type: undefined })), ['type']],
    ['has a long name', () => card(claims({}, { rid: 'a'.repeat(25) })), ['rid']],
    ['has no Bundle', () => card(claims({}, { credentialSubject: {} })), ['bundle']],
    [
      'is of another FHIR',
      () => card(claims({}, { credentialSubject: { fhirVersion: '3.0.2', fhirBundle: bundle() } })),
      ['bundle'],
    ],
  ])('%s', (_, jws, expected) => {
    expect(codes(jws())).toEqual(expected);
  });

  test('holds resources that are not valid, each named by its place', () => {
    const bad = bundle();
    Object.assign(bad.entry[1]?.resource ?? {}, { occurrenceDateTime: undefined });
    const jws = card(claims({}, { credentialSubject: { fhirVersion: '4.0.1', fhirBundle: bad } }));
    expect(read(jws).faults).toEqual([{ code: 'resource', why: expect.stringMatching(/^entry 1 .*occurrence/) }]);
  });

  test('was changed in any one character', () => {
    const good = card();
    const other = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.');
    fc.assert(
      fc.property(fc.nat(good.length - 1), other, (at, to) => {
        fc.pre(good[at] !== to);
        expect(codes(good.slice(0, at) + to + good.slice(at + 1))).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('of an issuer', () => {
  test.each<[name: string, keys: unknown[], codes: string[]]>([
    ['publishes no key', [], ['unknown-key']],
    ['publishes a key for another use', [{ ...publicJwk, use: 'enc' }], ['key']],
    ['publishes a key for another algorithm', [{ ...publicJwk, alg: 'ES384' }], ['key']],
    ['publishes a private key', [{ ...publicJwk, d: privateJwk.d }], ['key']],
    ['publishes a key under a false name', [{ ...publicJwk, x: publicJwk.y }], ['key']],
    ['publishes two keys of one name', [publicJwk, publicJwk], ['key']],
    ['publishes a point beside the curve', [{ ...publicJwk, x: undefined }], ['key']],
  ])('that %s no card is taken', (_, keys, expected) => {
    expect(codes(card(), trustedWith([], keys))).toEqual(expected);
  });
});

describe('the list of revoked cards', () => {
  test.each<[name: string, list: object, codes: string[]]>([
    ['names the card', crl({ rids: ['sample-rid'] }), ['revoked']],
    ['names cards that were valid before', crl({ rids: [`sample-rid.${atSeconds}`] }), ['revoked']],
    ['names older cards of that name', crl({ rids: [`sample-rid.${atSeconds - 200}`] }), []],
    ['names others', crl({ rids: ['sample-ri', 'sample-ridd'] }), []],
    ['names one twice', crl({ rids: ['a', 'a.1'] }), ['crl']],
    ['names no base64url', crl({ rids: ['a b'] }), ['crl']],
    ['names what is too long', crl({ rids: ['a'.repeat(25)] }), ['crl']],
    ['has another method', crl({ method: 'hash' }), ['crl']],
    ['has no number', crl({ ctr: '1' }), ['crl']],
  ])('%s', (_, list, expected) => {
    expect(codes(card(), trustedWith([list]))).toEqual(expected);
  });

  test('that is older than the key says is not enough, and one that is missing is told of', () => {
    const keys = [{ ...publicJwk, crlVersion: 3 }];
    expect(codes(card(), trustedWith([crl({ ctr: 2 })], keys))).toEqual(['crl']);
    expect(read(card(), trustedWith([], keys)).warnings.map(({ code }) => code)).toEqual(['crl-missing']);
  });
});

describe('QR codes', () => {
  const text = (digits: string) => `shc:/${digits}`;
  const character = fc.constantFrom(...'ABCXYZabcxyz0189-_.');

  test('hold any JWS', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 1, maxLength: 1195 }), (jws) => {
        expect(jwsOfCodes([text(digitsOf(jws))]).jws).toBe(jws);
      }),
    );
  });

  test('of a long card are put together in any order, and called deprecated', () => {
    const long = 'A'.repeat(2000);
    const chunks = [long.slice(0, 1000), long.slice(1000)].map((part, n) => `shc:/${n + 1}/2/${digitsOf(part)}`);
    const { jws, warnings } = jwsOfCodes(chunks.toReversed());
    expect([jws, warnings.map(({ code }) => code)]).toEqual([long, ['qr-chunks']]);
  });

  test.each<[name: string, texts: string[], code: string]>([
    ['no digits', ['shc:/'], 'qr-digits'],
    ['an odd number of digits', ['shc:/123'], 'qr-digits'],
    ['a pair that stands for nothing', ['shc:/78'], 'qr-digits'],
    ['letters', ['shc:/12a4'], 'qr-digits'],
    ['a place of naught', ['shc:/0/2/12'], 'qr-digits'],
    ['a missing chunk', ['shc:/1/2/12'], 'qr-chunks'],
    ['a chunk twice', ['shc:/1/2/12', 'shc:/1/2/12'], 'qr-chunks'],
    ['a place behind the last', ['shc:/3/2/12', 'shc:/1/2/12'], 'qr-chunks'],
    ['two numbers of chunks', ['shc:/1/2/12', 'shc:/2/3/12'], 'qr-chunks'],
    ['chunks that fit one code', ['shc:/1/2/12', 'shc:/2/2/12'], 'qr-chunks'],
    ['a chunk that is too large', [`shc:/1/2/${'12'.repeat(1192)}`, 'shc:/2/2/12'], 'qr-chunks'],
    ['two whole cards', ['shc:/12', 'shc:/12'], 'qr-chunks'],
  ])('with %s are refused', (_, texts, code) => {
    let found: unknown;
    try {
      cardsInText(texts.join('\n'));
    } catch (error) {
      found = (error as UnreadableCard).fault.code;
    }
    expect(found).toBe(code);
  });

  test.each<[name: string, change: (to: ReturnType<typeof bundle>) => void]>([
    ['an id', (to) => Object.assign(to.entry[1]?.resource ?? {}, { id: 'x' })],
    ['a narrative', (to) => Object.assign(to.entry[0]?.resource ?? {}, { text: { status: 'empty', div: '<div/>' } })],
    ['a tag', (to) => Object.assign(to.entry[0]?.resource ?? {}, { meta: { tag: [{ code: 'x' }] } })],
    ['a display', (to) => Object.assign(to.entry[1]?.resource?.vaccineCode?.coding[0] ?? {}, { display: 'BCG' })],
    ['a text', (to) => Object.assign(to.entry[1]?.resource?.vaccineCode ?? {}, { text: 'BCG' })],
    ['a long reference', (to) => Object.assign(to.entry[1]?.resource?.patient ?? {}, { reference: 'Patient/1' })],
    ['a long address', (to) => Object.assign(to.entry[0] ?? {}, { fullUrl: 'urn:uuid:1' })],
    ['another type of Bundle', (to) => Object.assign(to, { type: 'batch' })],
  ])('may not hold %s', (_, change) => {
    const changed = bundle();
    change(changed);
    const { qrFaults } = read(card(claims({}, { credentialSubject: { fhirVersion: '4.0.1', fhirBundle: changed } })));
    expect(qrFaults.map(({ code }) => code)).toEqual(['qr-content']);
  });
});

describe('files', () => {
  test('hold cards as wallets and servers write them', () => {
    const one = { name: 'verifiableCredential', valueString: 'a.b.c' };
    const files = [{ verifiableCredential: ['a.b.c', 'd.e.f'] }, { resourceType: 'Parameters', parameter: [one] }];
    expect(files.map((file) => cardsInText(`${JSON.stringify(file)}\n`).map(({ jws }) => jws))).toEqual([
      ['a.b.c', 'd.e.f'],
      ['a.b.c'],
    ]);
  });

  test.each<[name: string, text: string, code: string]>([
    ['no JSON', '{', 'form'],
    ['something else', '{}', 'form'],
    ['no card', '{"verifiableCredential":[]}', 'form'],
    ['a number', '{"verifiableCredential":[1]}', 'form'],
    ['more behind', '{"verifiableCredential":["a.b.c"]} x', 'trailing'],
    ['spaces before', ' {"verifiableCredential":["a.b.c"]}', 'trailing'],
  ])('with %s are refused', (_, text, code) => {
    let found: unknown;
    try {
      cardsInText(text);
    } catch (error) {
      found = (error as UnreadableCard).fault.code;
    }
    expect(found).toBe(code);
  });
});
