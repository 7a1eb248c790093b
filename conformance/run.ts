// `npm run conformance`: runs the suites, prints one row each and what a reader needs to know, and closes with the plain line
// `N passed, N failed`. With CI=true missing data is a failure. `-- --write` also puts the rows into results.json and results.md;
// names of suites run those alone (`-- malformed --runs 10000 --seed 7`).
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judge, type Verdict } from './judge.ts';
import { latestCommit, markdown, rowOf, today, writeResults } from './results.ts';
import type { KnownFailures, Suite, SuiteOptions, SuiteResult } from './suite.ts';

const SUITES = [
  'forecast-jp',
  'forecast-us',
  'guardian-access',
  'connectors',
  'reconciliation',
  'round-trip',
  'archive-round-trip',
  'examples',
  'xml',
  'snapshots',
  'validator-cases',
  'valid-examples',
  'ips',
  'graphql',
  'patch',
  'primitives',
  'fhirpath',
  'fhirpath-invariants',
  'testscripts',
  'observed-queries',
  'smart-scopes',
  'health-cards',
  'ssrf-urls',
  'health-links',
  'smart-shalls',
  'malformed',
  'client-assertions',
  'one-use',
  'access',
  'archive-flips',
  'difficult-names',
];
const here = dirname(fileURLToPath(import.meta.url));
const sharedData = join(dirname(dirname(here)), 'shared', 'data');

const { values: asked, positionals: named } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, runs: { type: 'string' }, seed: { type: 'string' } },
});
const options: SuiteOptions = {
  ...(asked.runs === undefined ? {} : { runs: Number(asked.runs) }),
  ...(asked.seed === undefined ? {} : { seed: Number(asked.seed) }),
};
const unknownName = named.find((name) => !SUITES.includes(name));
if (unknownName !== undefined) throw new Error(`There is no suite ${unknownName}. Known: ${SUITES.join(', ')}`);

const known: KnownFailures = JSON.parse(readFileSync(join(here, 'known-failures.json'), 'utf8'));
const verdicts: Verdict[] = [];
if (!existsSync(sharedData)) console.log('../shared/data is missing: suites that read it are not run');
for (const name of named.length > 0 ? named : SUITES)
  verdicts.push(judge(await result(name), known, process.env.CI === 'true'));

console.log(markdown(verdicts.map((one) => rowOf(one, latestCommit(), today()))));
if (asked.write) writeResults(verdicts, SUITES);
const failed = total((verdict) => verdict.failed);
console.log(`${total((verdict) => verdict.passed)} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

// A suite that throws has failed; the others still run.
async function result(name: string): Promise<SuiteResult> {
  const startedMs = performance.now();
  try {
    const suite: Suite = await import(`./${name}.ts`);
    return { ...(await suite.run(options)), name };
  } catch (error) {
    console.error(error);
    const reason = String(error).replaceAll(`${here}/`, '');
    return { name, passed: 0, failed: 1, skipped: 0, notes: [`ended early: ${reason}`] };
  } finally {
    console.error(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
}

function total(count: (verdict: Verdict) => number): number {
  return verdicts.reduce((sum, verdict) => sum + count(verdict), 0);
}
