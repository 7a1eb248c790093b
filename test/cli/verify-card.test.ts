// `tsumugi verify CARD`: offline, by the keys and lists that were named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { looksLikeCard, verifyCard, verifyCardCall } from '../../server/cli/verify-card.ts';
import { digitsOf } from '../../server/health-cards/numeric.ts';
import { pngOf } from '../../server/health-cards/pictures.ts';
import { numericSymbol } from '../../server/health-cards/qr-symbol.ts';
import { atSeconds, card, iss, kid, publicJwk } from '../health-cards/sample.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-card-'));
  writeFileSync(at('jwks.json'), JSON.stringify({ keys: [publicJwk] }));
  writeFileSync(at('crl.json'), JSON.stringify({ kid, method: 'rid', ctr: 2, rids: ['sample-rid'] }));
  writeFileSync(at('card.smart-health-card'), JSON.stringify({ verifiableCredential: [card()] }));
  writeFileSync(at('card.txt'), `shc:/${digitsOf(card())}\n`);
  writeFileSync(at('card.png'), pngOf(numericSymbol('shc:/', digitsOf(card()))));
});
afterAll(() => rmSync(folder, { recursive: true }));

const check = async (name: string, { crls = [] as string[], trust = [`${iss}=${at('jwks.json')}`] } = {}) => {
  const lines: string[] = [];
  const out = { line: (text: string) => lines.push(text), error: (text: string) => lines.push(text) };
  const code = await verifyCard({ path: at(name), trust, crls, nowMs: atSeconds * 1000 }, out);
  return { code, lines };
};

test.each(['card.smart-health-card', 'card.txt', 'card.png'])('%s is valid and shows what is on it', async (name) => {
  const { code, lines } = await check(name);
  expect([code, lines.at(-1)]).toEqual([0, 'VALID']);
  expect(lines.join('\n')).toMatch(/person {3}試験 花子 2024-02-29\n {2}dose {5}2024-07-20 .*cvx\|19/);
});

test('a card that is not believed shows nothing of what it says', async () => {
  const { code, lines } = await check('card.txt', { trust: [] });
  expect([code, lines.at(-1)]).toEqual([1, 'INVALID']);
  expect(lines.join('\n')).toMatch(/untrusted-issuer/);
  expect(lines.join('\n')).not.toMatch(/花子/);
});

test('a revoked card is named so', async () => {
  const { code, lines } = await check('card.txt', { crls: [at('crl.json')] });
  expect([code, lines[0]]).toEqual([1, '  fault    revoked: its issuer has revoked it']);
});

test('a wrong call is told so', async () => {
  await expect(check('nothing.txt')).rejects.toThrow(/cannot be read \(ENOENT\)/);
  await expect(check('card.txt', { trust: ['x'] })).rejects.toThrow(/ISSUER=FILE/);
  await expect(check('card.txt', { trust: [`${iss}=${at('card.txt')}`] })).rejects.toThrow(/not JSON/);
  await expect(check('card.txt', { trust: [`${iss}=${at('crl.json')}`] })).rejects.toThrow(/no JWK set/);
});

test('an archive is told from a card', () => {
  expect(looksLikeCard('x.zip', Buffer.from('PK\u0003\u0004'))).toBe(false);
  for (const start of ['{"verifiable', 'shc:/5676', 'eyJ6aXAi'])
    expect(looksLikeCard('x', Buffer.from(start))).toBe(true);
});

test('a call with a card is told from one with an archive', async () => {
  writeFileSync(at('archive.zip'), 'PK');
  const lines: string[] = [];
  const out = { line: (text: string) => lines.push(text), error: (text: string) => lines.push(text) };
  const call = (...args: string[]) => verifyCardCall(args, out, atSeconds * 1000);
  expect(await call(at('archive.zip'))).toBeUndefined();
  expect(await call(at('nothing'), '--key', 'x')).toBeUndefined();
  expect(await call()).toBeUndefined();
  expect(await call(at('card.txt'))).toBe(1);
  expect(await call(at('card.png'), '--trust', `${iss}=${at('jwks.json')}`)).toBe(0);
  expect(await call(at('card.png'), `--trust=${iss}=${at('jwks.json')}`, '--crl', at('crl.json'))).toBe(1);
  await expect(call(at('card.txt'), '--key', 'x')).rejects.toThrow(/a card is verified with/);
  await expect(call(at('card.txt'), at('card.png'))).rejects.toThrow(/a card is verified with/);
});
