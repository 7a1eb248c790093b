// The SHALLs of SMART App Launch 2.2: runs the tests that smart/shalls.ts names, holds the table to Inferno's list, and writes
// smart/shalls.md for people. A requirement passes when all its tests do.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Requirement, readShalls, requirementsFile } from './smart/requirements.ts';
import { notShown, shown } from './smart/shalls.ts';
import type { SuiteResult } from './suite.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pageFile = fileURLToPath(new URL('smart/shalls.md', import.meta.url));

export async function run(): Promise<SuiteResult> {
  const result = { name: 'smart-shalls', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const shalls = readShalls();
  if (!shalls) return { ...result, missing: requirementsFile };
  const ran = await runTests([...new Set(shown.flatMap(({ tests }) => tests.map(fileOf)))]);
  const faults: Record<string, string> = {};
  for (const { ids, tests } of shown) {
    const fault = tests.map((test) => faultOf(test, ran)).find((one) => one !== undefined);
    for (const id of ids) {
      if (fault === undefined) result.passed++;
      else faults[id] = fault;
    }
  }
  const told = new Set([...shown, ...notShown].flatMap(({ ids }) => ids));
  for (const { id } of shalls) if (!told.has(id)) faults[id] = 'is neither shown nor is there a reason';
  const listed = new Set(shalls.map(({ id }) => id));
  for (const id of told) if (!listed.has(id)) faults[id] = 'is no SHALL for servers';
  result.skipped = notShown.flatMap(({ ids }) => ids).length;
  result.notes.push(
    `${shalls.length} SHALLs for servers; ${result.skipped} are not shown by a test, each with its reason in smart/shalls.md`,
  );
  await writeFile(pageFile, page(shalls, faults));
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

type Ran = Map<string, { name: string; status: string }[]>;

const fileOf = (test: string): string => test.split(' > ')[0] ?? '';

/** Runs files of tests; what each of their tests came to, by file. */
async function runTests(files: string[]): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'tsumugi-shalls-'));
  const output = join(folder, 'report.json');
  const options = ['run', '--reporter=json', `--outputFile=${output}`, ...files];
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...options], {
    cwd: root,
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.on('close', resolve));
  const report = JSON.parse(await readFile(output, 'utf8').catch(() => '{"testResults":[]}')) as Report;
  await rm(folder, { recursive: true });
  return new Map(
    report.testResults.map(({ name, assertionResults }) => [
      relative(root, name),
      assertionResults.map(({ ancestorTitles, title, status }) => ({
        name: [...ancestorTitles, title].join(' > '),
        status,
      })),
    ]),
  );
}

type Report = {
  testResults: { name: string; assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
};

/** Why a test does not show anything; undefined when it passed. `%s` stands for each row of a table. */
function faultOf(test: string, ran: Ran): string | undefined {
  const [file = '', ...names] = test.split(' > ');
  const pattern = new RegExp(`^${names.join(' > ').split('%s').map(RegExp.escape).join('.*')}$`, 's');
  const found = (ran.get(file) ?? []).filter(({ name }) => pattern.test(name));
  if (found.length === 0) return `there is no test "${test}"`;
  return found.every(({ status }) => status === 'passed') ? undefined : `"${test}" failed`;
}

function page(shalls: Requirement[], faults: Record<string, string>): string {
  const urls = new Map(shalls.map(({ id, url }) => [id, url]));
  const links = (ids: readonly number[]) =>
    ids.map((id) => `[${id}](${urls.get(id)})${faults[id] ? ' **failed**' : ''}`).join(' ');
  const rows = shown.map(
    ({ what, ids, tests }) => `| ${links(ids)} | ${what} | ${tests.map((test) => `\`${test}\``).join('<br>')} |`,
  );
  const reasons = notShown.map(({ why, ids }) => `| ${links(ids)} | ${why} |`);
  const count = (list: readonly { ids: readonly number[] }[]) => list.flatMap(({ ids }) => ids).length;
  return [
    '# What SMART App Launch 2.2 requires of a server, and what shows it',
    '',
    `Of ${shalls.length} SHALLs and SHALL NOTs (numbers of Inferno's list) ${count(shown)} are shown by tests and ${count(notShown)} are not.`,
    'Written by `npm run conformance -- smart-shalls`, which runs the tests. `%s` stands for each row of a table of cases.',
    '',
    '## Shown',
    '',
    '| SHALL | what | tests |',
    '|---|---|---|',
    ...rows,
    '',
    '## Not shown',
    '',
    '| SHALL | why |',
    '|---|---|',
    ...reasons,
    '',
  ].join('\n');
}
