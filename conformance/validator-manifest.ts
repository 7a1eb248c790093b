// The reference validator's own cases as data: what is validated, by which definitions, and what it said. One line of the
// manifest is up to two questions: the file by itself (base), and the file against a profile. Data: ../shared/data.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import { parseXml } from '../server/fhir/xml-read.ts';
import { filesInArchive } from './archive.ts';

/** What the reference validator reports; `fatal` is of files that it cannot read. */
export type ExpectedIssue = { severity: string; code: string; text: string; expression?: string[] | null };

export type ValidatorCase = {
  /** Stable: the case's name, with its profile where it is asked about one. */
  id: string;
  module: string;
  text: string;
  /** Canonical of the profile it is asked about. */
  profile?: string;
  /** What comes with the case, and is to be found by url. */
  supporting: readonly JsonObject[];
  expected: { errors: number; issues: readonly ExpectedIssue[] };
  /** The manifest guesses that a terminology server is needed. */
  needsTerminology: boolean;
};

type Expectation = { fatal?: number | null; errors?: number | null; issues?: ExpectedIssue[] };
type Line = {
  name: string;
  file: string;
  module?: string;
  format: string;
  selfContained: boolean;
  mentionsTerminology: boolean;
  supporting?: string[] | null;
  profile?: { source?: string; supporting?: string[] | null } | null;
  expectBase?: Expectation | null;
  expectProfile?: Expectation | null;
};

const CASES = 'fhir-validator-cases/r4-validator-cases.shared.tar.gz';
const MANIFEST = 'fhir-validator-cases/manifest.shared.jsonl';

/** Paths that are missing, for a suite to say so. */
export function missingData(): string[] {
  return [CASES, MANIFEST].filter((file) => !existsSync(dataFile(file))).map((file) => `../shared/data/${file}`);
}

/** The self-contained JSON cases with an expectation, and how many others there are. */
export function validatorCases(): { cases: ValidatorCase[]; skipped: number } {
  const files = filesInArchive(dataFile(CASES));
  const lines = readFileSync(dataFile(MANIFEST), 'utf8').split('\n').filter(Boolean);
  const found = lines.map((line) => casesOf(JSON.parse(line) as Line, files));
  return { cases: found.flat(), skipped: found.filter((cases) => cases.length === 0).length };
}

function casesOf(line: Line, files: ReadonlyMap<string, Buffer>): ValidatorCase[] {
  const text = files
    .get(`cases/${line.file}`)
    ?.toString('utf8')
    .replace(/^\uFEFF/, '');
  const isOurs = line.format === 'json' && line.selfContained && text !== undefined;
  if (!isOurs) return [];
  const common = { module: line.module ?? 'none', text, needsTerminology: line.mentionsTerminology };
  const supporting = read(line.supporting ?? [], files);
  const base = expected(line.expectBase);
  const against = expected(line.expectProfile);
  const cases: ValidatorCase[] = base ? [{ ...common, id: line.name, supporting, expected: base }] : [];
  const source = line.profile?.source;
  const [profile] = read(source ? [source] : [], files);
  if (against && typeof profile?.url === 'string') {
    const id = `${line.name} against ${source}`;
    const all = [...supporting, profile, ...read(line.profile?.supporting ?? [], files)];
    cases.push({ ...common, id, supporting: all, profile: profile.url, expected: against });
  }
  return cases;
}

/** Undefined where the data leaves the answer out. */
function expected(expectation: Expectation | null | undefined): ValidatorCase['expected'] | undefined {
  if (typeof expectation?.errors !== 'number') return undefined;
  return { errors: expectation.errors + (expectation.fatal ?? 0), issues: expectation.issues ?? [] };
}

/** Supporting files that can be read; a few are broken on purpose. A Bundle is what it holds. */
function read(names: readonly string[], files: ReadonlyMap<string, Buffer>): JsonObject[] {
  return names.flatMap((name) => {
    const text = files.get(`cases/${name}`)?.toString('utf8');
    if (text === undefined) return [];
    try {
      const value = name.endsWith('.xml') ? parseXml(text) : parseJson(text.replace(/^\uFEFF/, ''));
      if (!isObject(value)) return [];
      const entries = value.resourceType === 'Bundle' && Array.isArray(value.entry) ? value.entry : [];
      return [value, ...entries.flatMap(({ resource }) => (isObject(resource) ? [resource] : []))];
    } catch {
      return [];
    }
  });
}

function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
