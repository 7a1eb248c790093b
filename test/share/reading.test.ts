// What the viewer page reads links, files, manifests and Bundles with. The shared vectors are a suite of their own
// (conformance/health-links.ts).
import { randomBytes } from 'node:crypto';
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { CompactEncrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import { encryptFile } from '../../server/share/encrypt.ts';
import { bytesOf, textOfBytes } from '../../server/share/reading/base64url.ts';
import { openFile } from '../../server/share/reading/file.ts';
import { readLink, writeLink } from '../../server/share/reading/link.ts';
import { readManifest } from '../../server/share/reading/manifest.ts';
import { shownOf } from '../../server/share/reading/shown.ts';

const nowMs = Date.parse('2026-11-23T00:00:00Z');
const url = `https://shl.example.jp/share/${'a'.repeat(43)}`;
const key = textOfBytes(new Uint8Array(32).fill(7));
const linkTo = (payload: unknown): string => `shlink:/${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;

describe('base64url', () => {
  test('gives bytes back, and nothing for any other text of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = textOfBytes(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(bytesOf(text)).toEqual(new Uint8Array(bytes));
        expect(bytesOf(`${text}=`)).toBeUndefined();
      }),
    );
  });

  test.each(['A', 'AAAAA', 'AB', '+/', 'あ', 'AA AA', 'AAB'])('%s is none', (text) => {
    expect(bytesOf(text)).toBeUndefined();
  });
});

describe('a link', () => {
  test('is read as it was written', () => {
    const payloads = fc.record(
      {
        url: fc.constant(url),
        key: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(textOfBytes),
        exp: fc.integer({ min: nowMs / 1000 + 1, max: 4e9 }),
        flag: fc.constantFrom('', 'L', 'LP', 'LU', 'P', 'U'),
        label: fc.string({ maxLength: 80, unit: 'grapheme' }).filter((label) => [...label].length <= 80),
      },
      { requiredKeys: ['url', 'key'] },
    );
    fc.assert(
      fc.property(payloads, fc.constantFrom('', 'https://viewer.example.jp/#'), (payload, viewer) => {
        expect(readLink(viewer + writeLink(payload), { nowMs })).toEqual({ outcome: 'accept', payload, why: '' });
      }),
    );
  });

  test.each<[string, unknown, string]>([
    ['a later version', { url, key, v: 2 }, 'refuse'],
    ['a version that is text', { url, key, v: '1' }, 'reject'],
    ['a version of zero', { url, key, v: 0 }, 'reject'],
    ['no address', { key }, 'reject'],
    ['no key', { url }, 'reject'],
    ['an end in words', { url, key, exp: 'tomorrow' }, 'reject'],
    ['an end that has come', { url, key, exp: nowMs / 1000 }, 'stale'],
    ['a flag that is no text', { url, key, flag: ['L'] }, 'reject'],
    ['a flag twice', { url, key, flag: 'LL' }, 'accept-warn'],
    ['a label that is no text', { url, key, label: 1 }, 'reject'],
    ['members that are not known', { url, key, more: { x: 1 } }, 'accept'],
    ['null', null, 'reject'],
    ['a password in the address', { url: 'https://a:b@shl.example.jp/x', key }, 'reject'],
    ['plain HTTP', { url: 'http://shl.example.jp/x', key }, 'reject'],
    ['a script', { url: 'javascript:alert(1)', key }, 'reject'],
  ])('%s', (_, payload, outcome) => {
    expect(readLink(linkTo(payload), { nowMs }).outcome).toBe(outcome);
  });

  test.each([
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '017700000001',
    ],
    ...[
      '10.0.0.1',
      '100.64.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '198.18.0.1',
      '0.0.0.0',
    ],
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '[::1]',
      '[fd00::1]',
      '[::ffff:127.0.0.1]',
      'printer',
      'nas.local',
      'x.home.arpa',
    ],
  ])('never leads to %s', (host) => {
    expect(readLink(linkTo({ url: `https://${host}/x`, key }), { nowMs }).outcome).toBe('reject');
  });

  test.each(['shl.example.jp', '8.8.8.8', '172.32.0.1', 'localhost.example.jp'])('may lead to %s', (host) => {
    expect(readLink(linkTo({ url: `https://${host}/x`, key }), { nowMs }).outcome).toBe('accept');
  });

  test('may be of the page’s own origin, whatever that is, and of no other like it', () => {
    const read = (ownOrigin: string) =>
      readLink(linkTo({ url: 'http://127.0.0.1:8080/share/x', key }), { nowMs, ownOrigin }).outcome;
    expect([read('http://127.0.0.1:8080'), read('http://127.0.0.1:8081')]).toEqual(['accept', 'reject']);
  });

  test.each(['', 'shlink:', 'shlink:/', 'shlink:/=', 'shlink://e30', 'SHLINK:/e30', 'https://x/?shlink:/e30', ' e30'])(
    'is not %j',
    (text) => {
      expect(readLink(text, { nowMs }).outcome).toBe('reject');
    },
  );
});

describe('a file', () => {
  const secret = randomBytes(32);
  const open = (jwe: string) => openFile(jwe, secret.toString('base64url'));
  const sealed = (bytes: Uint8Array, header: object) =>
    new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'application/fhir+json', ...header })
      .encrypt(secret);
  const utf8 = (text: string) => new TextEncoder().encode(text);

  test('never has the same IV twice, and opens', async () => {
    const files = await Promise.all(
      Array.from({ length: 50 }, () => encryptFile('記録', 'application/fhir+json', secret)),
    );
    expect(new Set(files.map((jwe) => jwe.split('.')[2])).size).toBe(50);
    expect(await open(files[0] ?? '')).toMatchObject({ outcome: 'accept', text: '記録' });
  });

  test('with any character changed does not open', async () => {
    const jwe = await encryptFile(JSON.stringify({ resourceType: 'Bundle' }), 'application/fhir+json', secret);
    for (let at = 0; at < jwe.length; at++) {
      const other = jwe[at] === 'A' ? 'B' : 'A';
      expect((await open(jwe.slice(0, at) + other + jwe.slice(at + 1))).outcome).toBe('reject');
    }
  });

  test('that inflates to more than 16 MiB is put down', async () => {
    const bomb = await sealed(new Uint8Array(17 * 1024 * 1024), { zip: 'DEF' });
    expect(bomb.length).toBeLessThan(40_000);
    expect(await open(bomb)).toMatchObject({ outcome: 'reject', why: expect.stringContaining('16 MiB') });
  });

  test.each<[string, object, string]>([
    ['a type that is not known', { cty: 'text/plain' }, 'accept-warn'],
    ['a type in other letters, with a character set', { cty: 'Application/FHIR+JSON; charset=utf-8' }, 'accept'],
  ])('with %s', async (_, header, outcome) => {
    expect((await open(await sealed(utf8('{}'), header))).outcome).toBe(outcome);
  });

  test.each<[string, Uint8Array]>([
    ['deflated with a zlib header', deflateSync('{}')],
    ['deflated and cut short', deflateRawSync('{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}').subarray(0, -3)],
    ['with more behind what was deflated', Buffer.concat([deflateRawSync('{}'), Buffer.from('more')])],
  ])('%s is refused', async (_, packed) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const head = Buffer.from('{"alg":"dir","enc":"A256GCM","zip":"DEF"}').toString('base64url');
    const known = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt']);
    const how = { name: 'AES-GCM', iv, additionalData: utf8(head) };
    const both = new Uint8Array(await crypto.subtle.encrypt(how, known, new Uint8Array(packed)));
    const parts = [head, '', iv, both.subarray(0, -16), both.subarray(-16)];
    const jwe = parts.map((part) => (typeof part === 'string' ? part : textOfBytes(part))).join('.');
    expect((await open(jwe)).outcome).toBe('reject');
  });
});

describe('a manifest', () => {
  const contentType = 'application/fhir+json';
  test.each<[string, unknown, string]>([
    ['nothing', {}, 'reject'],
    ['no list', { files: {} }, 'reject'],
    ['neither way', { files: [{ contentType }] }, 'reject'],
    ['both ways', { files: [{ contentType, embedded: 'x', location: url }] }, 'reject'],
    ['a place inside', { files: [{ contentType, location: 'https://10.0.0.1/x' }] }, 'reject'],
    ['a status that is none', { files: [], status: 'gone' }, 'reject'],
    ['no file', { files: [], status: 'no-longer-valid' }, 'accept'],
  ])('with %s', (_, manifest, outcome) => {
    expect(readManifest(manifest).outcome).toBe(outcome);
  });
});

describe('what is shown', () => {
  test('of a document: its sections in their order, with doses and lots, and words where there is no entry', () => {
    const dose = { resourceType: 'Immunization', id: 'i', status: 'completed', vaccineCode: { text: 'BCG' } };
    const given = { occurrenceDateTime: '2026-02-01', lotNumber: 'K1', performer: [{ actor: { reference: 'urn:o' } }] };
    const section = [
      { title: '予防接種', entry: [{ reference: 'urn:i' }] },
      { title: 'アレルギー', text: { div: '<div><p>情報は<b>ありません</b> &lt;1&gt;</p><p>二</p></div>' } },
    ];
    const bundle = {
      entry: [
        { fullUrl: 'urn:c', resource: { resourceType: 'Composition', title: '要約', section } },
        { resource: { resourceType: 'Patient', name: [{ family: '試験', given: ['花子'] }], gender: 'female' } },
        { fullUrl: 'urn:i', resource: { ...dose, ...given } },
        { fullUrl: 'urn:o', resource: { resourceType: 'Organization', name: '見本医院' } },
      ],
    };
    expect(shownOf(bundle, 'ja')).toEqual({
      title: '要約',
      person: { name: '試験 花子', birthDate: '', sex: '女' },
      sections: [
        {
          ...{ title: '予防接種', text: '', entries: [] },
          doses: [{ when: '2026-02-01', vaccine: 'BCG', number: '', lot: 'K1', place: '見本医院' }],
        },
        { title: 'アレルギー', text: '情報は ありません <1>\n二', doses: [], entries: [] },
      ],
      notes: [],
    });
  });

  test('of anything at all is words, and never a fault', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('ja' as const, 'en' as const), (value, language) => {
        shownOf(value, language);
        shownOf(
          { entry: [{ resource: value }, { resource: { resourceType: 'Immunization', performer: value } }] },
          language,
        );
        shownOf({ entry: [{ resource: { resourceType: 'Composition', section: [value] } }] }, language);
      }),
    );
  });
});
