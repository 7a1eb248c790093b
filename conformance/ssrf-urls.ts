// Addresses that a client may name and that may lead inside: refused before any packet leaves, each over https as well, so that it
// is the address that is refused and not the scheme. Data: ../shared/data/sharing/own/ssrf-urls.jsonl
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkedUrl } from '../server/outgoing/guarded-fetch.ts';
import type { SuiteResult } from './suite.ts';

const FILE = '../shared/data/sharing/own/ssrf-urls.jsonl';
type Vector = { url: string; expect: 'allow' | 'refuse' };

export async function run(): Promise<SuiteResult> {
  const result = { name: 'ssrf-urls', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const path = fileURLToPath(new URL(`../${FILE}`, import.meta.url));
  if (!existsSync(path)) return { ...result, missing: FILE };
  const given = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line): Vector => JSON.parse(line));
  const faults: Record<string, string> = {};
  for (const { url, expect } of [...given, ...overHttps(given)]) {
    const answer = isAllowed(url) ? 'allow' : 'refuse';
    if (answer === expect) result.passed++;
    else faults[url] = `${answer}, expected ${expect}`;
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

/** Those of plain http whose host is inside; the others are refused for the scheme, the port or how they are written. */
const overHttps = (vectors: readonly Vector[]): Vector[] =>
  vectors
    .filter(({ url, expect }) => url.startsWith('http:') && expect === 'refuse' && !/example\.com[:%]|exa\n/.test(url))
    .map(({ url, expect }) => ({ url: url.replace('http:', 'https:'), expect }));

function isAllowed(url: string): boolean {
  try {
    checkedUrl(url);
    return true;
  } catch {
    return false;
  }
}
