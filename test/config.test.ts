// The settings: wrong ones stop the start with one line that names them, and the README lists them all.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig, settings } from '../server/config.ts';

const faultsOf = (environment: Record<string, string>): string[] => {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
};

describe('parseConfig', () => {
  test('an empty environment gives the defaults', () => {
    expect(parseConfig({})).toEqual({
      PORT: 8080,
      HOST: '127.0.0.1',
      DATA_DIR: './.data',
      LOG_LEVEL: 'info',
      TZ: 'Asia/Tokyo',
    });
  });

  test('an empty value is no value, and other variables are left alone', () => {
    expect(parseConfig({ PORT: '', DATABASE_URL: '', PATH: '/bin', TSUMUGI: 'x' })).toEqual(parseConfig({}));
  });

  test('proxies are addresses and networks', () => {
    const { TSUMUGI_TRUSTED_PROXIES: proxies } = parseConfig({
      TSUMUGI_TRUSTED_PROXIES: '10.0.0.7, 10.1.0.0/16,2001:db8::/32',
    });
    expect(proxies).toEqual(['10.0.0.7', '10.1.0.0/16', '2001:db8::/32']);
  });

  test('what it gives cannot be changed', () => {
    expect(Object.isFrozen(parseConfig({}))).toBe(true);
  });

  test.each([
    ['PORT', 'eighty'],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['BASE_URL', 'example.jp'],
    ['BASE_URL', 'https://example.jp/'],
    ['BASE_URL', 'ftp://example.jp'],
    ['BASE_URL', 'https://example.jp?x'],
    ['DATABASE_URL', 'mysql://x'],
    ['REDIS_URL', 'http://x'],
    ['LOG_LEVEL', 'loud'],
    ['TZ', 'Asia/Edo'],
    ['MLLP_PORT', 'x'],
    ['TSUMUGI_MLLP_INSTITUTION', '123'],
    ['TSUMUGI_TRUSTED_PROXIES', '1'],
    ['TSUMUGI_TRUSTED_PROXIES', 'proxy.example.jp'],
    ['TSUMUGI_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TSUMUGI_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TSUMUGI_TRUSTED_PROXIES', '10.0.0.1, 10.0.0.2/8/8'],
    ['TSUMUGI_JPKI_OCSP_URL', 'ocsp.example.jp'],
    ['TSUMUGI_TSA_URL', 'tsa.example.jp'],
    ['TSUMUGI_NONSENSE', '1'],
  ])('%s=%s is a fault, told in one line that names it', (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name}: .+`));
  });

  test('every fault is told at once', () => {
    const faults = faultsOf({ PORT: 'x', TZ: 'y', TSUMUGI_A: '1', TSUMUGI_B: '2' });
    expect(faults.map((line) => line.split(':')[0])).toEqual(['PORT', 'TZ', 'TSUMUGI_A', 'TSUMUGI_B']);
  });

  test('a password in a wrong DATABASE_URL is not repeated', () => {
    expect(faultsOf({ DATABASE_URL: 'mysql://user:himitsu@host/db' }).join()).not.toContain('himitsu');
  });
});

test.each([
  ['TSUMUGI_CDSI_DIRR', 'x'],
  ['TSUMUGI_MLLP_INSTITUTION', 'twelve'],
  ['LOG_LEVEL', 'loud'],
  ['TSUMUGI_CDSI_DIR', '/nowhere'],
  ['TSUMUGI_JPKI_ANCHORS', '/nowhere'],
  ['TSUMUGI_SSMIX2_ROOT', '/nowhere'],
  ['TSUMUGI_TSA_CA', '/nowhere'],
  ['TSUMUGI_TSA_URL', 'http://127.0.0.1:1/tsa'],
])('%s=%s stops the start with one line that names it', (name, value) => {
  const cli = fileURLToPath(new URL('../server/cli.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'start'], {
    cwd: tmpdir(),
    env: { PATH: '/usr/bin:/bin', [name]: value },
    encoding: 'utf8',
  });
  expect(status).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(name)]);
});

test('the README lists every setting, in the same order', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table = ''] = readme.split('<!-- settings -->');
  const listed = [...table.matchAll(/^\| `([A-Z0-9_]+)` \| (.*?) \|/gm)].map(([, name, fallback]) => ({
    name,
    fallback,
  }));
  expect(listed.map(({ name }) => name)).toEqual(Object.keys(settings));
  for (const { name, fallback } of listed) {
    const known = settings[name as keyof typeof settings].fallback;
    if (known !== undefined) expect({ name, fallback }).toEqual({ name, fallback: known });
  }
});
