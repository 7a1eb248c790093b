// Which part of the project may import which: the table of "imports flow one way", and the check of every import against it.
//
//     cli, demo -> main -> app -> features -> interaction -> jobs -> store -> {search -> access, validation -> terminology -> definitions} -> fhir
//     features, cli -> forecast -> fhir        connectors -> mappings -> fhir        conformance, test -> anything
//
// A feature is any folder under server/ that is not named here (rest, auth, operations, record, …). Features do not import
// each other: what two of them share sinks one level, into `interaction` where it is about a request and its answer.
// profiles/ is data (the one CodeSystem of vaccines among it) that planner, mappings and features read alike.
import type { SourceFile, Violation } from './source.ts';

const LINE = ['jobs', 'store', 'search', 'access', 'validation', 'terminology', 'definitions', 'fhir'];
const PURE_AND_DATA = ['reconciliation', 'forecast', 'growth', 'fhir', 'profiles'];

/** Part -> the other parts it may import. A part may always import itself; `*` is every part. */
const ARROWS: Record<string, string[]> = {
  fhir: [],
  access: ['fhir'],
  search: ['access', 'fhir'],
  // Canonical resources, what codes mean, and what is asked of a resource: pure, but for reading the shipped pack.
  definitions: ['fhir'],
  terminology: ['definitions', 'fhir'],
  validation: ['terminology', 'definitions', 'fhir'],
  // Growth references and percentiles: pure.
  growth: ['fhir'],
  store: ['search', 'access', 'validation', 'terminology', 'definitions', 'fhir'],
  jobs: ['store', 'search', 'access', 'validation', 'terminology', 'definitions', 'fhir'],
  // Calls to addresses that others have named; knows nothing of the record.
  outgoing: [],
  interaction: LINE,
  forecast: ['fhir', 'profiles'],
  // Which records tell of one event: pure.
  reconciliation: ['forecast', 'fhir', 'profiles'],
  feature: ['interaction', 'outgoing', ...LINE, ...PURE_AND_DATA],
  // A feature that shows the tables of the mappings besides.
  docs: ['mappings', 'interaction', ...LINE, ...PURE_AND_DATA],
  // Connectors run inside this process in the default set-up, so the wiring may start them.
  app: ['config', 'feature', 'docs', 'interaction', 'outgoing', 'connectors', 'mappings', ...LINE, ...PURE_AND_DATA],
  config: [],
  main: ['app', 'config', 'feature', 'interaction', 'outgoing', 'connectors', 'mappings', ...LINE, ...PURE_AND_DATA],
  cli: [
    'main',
    'app',
    'config',
    'feature',
    'interaction',
    'outgoing',
    'connectors',
    'mappings',
    ...LINE,
    ...PURE_AND_DATA,
  ],
  demo: [
    'cli',
    'main',
    'app',
    'config',
    'feature',
    'interaction',
    'outgoing',
    'connectors',
    'mappings',
    ...LINE,
    ...PURE_AND_DATA,
  ],
  // Read by a Node of any age: it starts cli.ts as a process and imports nothing of ours.
  bin: [],
  profiles: ['fhir'],
  mappings: ['fhir', 'profiles'],
  connectors: ['mappings', 'fhir', 'profiles'],
  conformance: ['*'],
  test: ['*'],
};

const TOP = ['mappings', 'connectors', 'profiles', 'conformance', 'test'];
const SERVER_FILES = ['main', 'app', 'config', 'cli', 'bin'];

/** Every import against the arrows, and every file that stands nowhere in the table. */
export function arrowViolations(files: SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const from = partOf(file.path);
    if (!from)
      return [
        { file: file.path, message: 'stands outside the parts of the arrow table (conformance/check/arrows.ts)' },
      ];
    return file.imports.flatMap((target) => {
      const message = isOurs(target) ? refusal(from, partOf(target)) : undefined;
      return message ? [{ file: file.path, message: `${message} (imports ${target})` }] : [];
    });
  });
}

/** A part of the project: `kind` is its row in the table, `name` tells two features (or two channels) apart. */
export type Part = { kind: string; name: string };

/** The part a path belongs to; undefined where the project has no place for such a file. */
export function partOf(path: string): Part | undefined {
  const [top = '', second = '', ...rest] = path.split('/');
  if (top === 'connectors') return { kind: top, name: rest.length > 0 ? second : '' };
  if (TOP.includes(top)) return { kind: top, name: top };
  if (top !== 'server') return undefined;
  if (rest.length > 0) return { kind: second in ARROWS ? second : 'feature', name: second };
  const name = second.replace(/\.[a-z]+$/, '');
  return SERVER_FILES.includes(name) ? { kind: name, name } : undefined;
}

function refusal(from: Part, to: Part | undefined): string | undefined {
  if (!to) return `${from.name} imports a file outside the arrow table`;
  if (from.kind === to.kind) return sameKindRefusal(from, to);
  const allowed = ARROWS[from.kind] ?? [];
  if (allowed.includes('*') || allowed.includes(to.kind)) return undefined;
  return `${from.name || from.kind} may not import ${to.name || to.kind}`;
}

function sameKindRefusal(from: Part, to: Part): string | undefined {
  if (from.name === to.name) return undefined;
  if (from.kind === 'feature') return `features do not import each other: ${from.name} -> ${to.name}`;
  // The files directly in connectors/ are shared by all channels and know none of them.
  if (from.kind !== 'connectors' || to.name === '') return undefined;
  return from.name === ''
    ? `what the channels share may not import one of them: connectors/${to.name}`
    : `channels do not import each other: ${from.name} -> ${to.name}`;
}

function isOurs(target: string): boolean {
  return target.startsWith('../') || target.startsWith('server/') || TOP.some((top) => target.startsWith(`${top}/`));
}
