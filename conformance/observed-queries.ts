// The queries of "Same FHIR, Different Answers" (mock.health), for which other servers gave answers that differ: ours has to
// be what R4 says. https://hl7.org/fhir/R4/search.html, data: ../shared/data/fhir-suites/testscripts-mock-health
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Answered, type LocalServer, startLocalServer } from './local-server.ts';
import { clinic, seedClinic } from './seed-clinic.ts';
import type { SuiteResult } from './suite.ts';

type Query = { name: string; path: string; params: Record<string, string>; headers: Record<string, string> };
type Found = { resourceType: string; type?: string; total?: number; entry?: { search?: { mode: string } }[] };
type Expectation = { holds: (status: number, body: Found) => boolean; words: string };

const file = fileURLToPath(
  new URL('../../shared/data/fhir-suites/testscripts-mock-health/queries-and-observed-behaviour.yaml', import.meta.url),
);

const matchesOf = ({ entry = [] }: Found): number => entry.filter(({ search }) => search?.mode === 'match').length;
const isSearchset = (status: number, { resourceType, type }: Found) =>
  status === 200 && resourceType === 'Bundle' && type === 'searchset';
const isRefusal = (status: number, { resourceType }: Found) =>
  status >= 400 && status < 500 && resourceType === 'OperationOutcome';

const finds: Expectation = {
  holds: (status, body) => isSearchset(status, body) && matchesOf(body) > 0,
  words: 'a searchset with matches',
};
const findsOf = (matches: number, total?: number): Expectation => ({
  holds: (status, body) =>
    isSearchset(status, body) && matchesOf(body) === matches && [total, matches].includes(body.total),
  words: `a searchset with ${matches} matches and total ${total ?? 'left out'}`,
});
const refused = (wanted: number): Expectation => ({
  holds: (status, body) => status === wanted && isRefusal(status, body),
  words: `${wanted} with an OperationOutcome`,
});
const findsOrRefuses: Expectation = {
  holds: (status, body) => finds.holds(status, body) || isRefusal(status, body),
  words: 'a searchset with matches, or a refusal that says so',
};

/** By the query's name; `finds` where nothing stands here. */
const expectations: Record<string, Expectation> = {
  capability_statement: {
    holds: (status, { resourceType }) => status === 200 && resourceType === 'CapabilityStatement',
    words: 'the CapabilityStatement',
  },
  // "If the server does not provide a total, it is left out": we count when asked.
  observation_search_default: findsOf(10),
  observation_search_total_accurate: findsOf(1, clinic.observations),
  // "Servers SHOULD return an error": a filter that is ignored is worse than none.
  q7_error_unsupported_param: refused(400),
  // `code` is Observation.code alone, combo-code the components too.
  observation_by_code: findsOf(0, 0),
  q1_uscore_observation_combo: findsOf(1, clinic.patients),
  patient_by_gender: findsOf(3, clinic.patients / 2),
  patient_by_gender_family: findsOf(1),
  observation_by_height: findsOf(5, clinic.patients),
  observation_by_weight: findsOf(5, clinic.patients),
  observation_by_pain: findsOf(5, clinic.patients),
  q2_history_type: {
    holds: (status, { type }) => status === 200 && type === 'history',
    words: 'a history Bundle',
  },
  q6_expand_valueset: refused(404),
  q6_lookup_loinc: refused(404),
  patient_revinclude_wildcard: findsOrRefuses,
  patient_export: { holds: (status) => status === 202, words: '202 Accepted, and work in the background' },
  patient_read_by_id: {
    holds: (status, { resourceType }) => status === 200 && resourceType === 'Patient',
    words: 'the Patient',
  },
  patient_content_search: findsOrRefuses,
  observation_content_search: findsOrRefuses,
  condition_content_search: findsOrRefuses,
  patient_text_narrative: findsOrRefuses,
  // In R4 :text is a modifier of tokens and references; a string has :exact and :contains.
  patient_name_text_modifier: refused(400),
  patient_address_text_modifier: refused(400),
};

export async function run(): Promise<SuiteResult> {
  const result = { name: 'observed-queries', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(file)) return { ...result, missing: '../shared/data/fhir-suites/testscripts-mock-health' };
  const faults: Record<string, string> = {};
  const server = await startLocalServer();
  try {
    await seedClinic(server);
    for (const query of readQueries(readFileSync(file, 'utf8'))) {
      const { holds, words } = expectations[query.name] ?? finds;
      const { status, text } = await asked(server, query);
      if (holds(status, (text === '' ? {} : JSON.parse(text)) as Found)) result.passed++;
      else faults[query.name] = `${words} is expected, not ${status} ${text.slice(0, 200)}`;
    }
  } finally {
    await server.close();
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

function asked({ ask }: LocalServer, { path, params, headers }: Query): Promise<Answered> {
  const query = Object.entries(params).map((pair) => pair.map((part) => encodeURIComponent(sampled(part))).join('='));
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const address = query.length > 0 ? `${sampled(path)}?${query.join('&')}` : sampled(path);
  return ask({ method: 'GET', path: address, headers: Object.fromEntries(lowerCase) });
}

/** `{{patient_id}}` -> one that the clinic has. */
function sampled(text: string): string {
  const samples: Record<string, string> = clinic.samples;
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => samples[name] ?? whole);
}

/** The part of YAML that this file is written in: a list of maps of texts, some of which are maps of texts. */
function readQueries(yaml: string): Query[] {
  const queries: Query[] = [];
  let section = '';
  let sample: Record<string, string> = {};
  for (const line of yaml.split('\n')) {
    const [, indent = '', dash, rawName = '', rawValue = ''] = /^( *)(- )?("[^"]+"|[\w-]+):\s*(.*)$/.exec(line) ?? [];
    const name = unquoted(rawName);
    const value = unquoted(rawValue.replace(/\s+#.*$/, ''));
    if (dash) queries.push({ name: value, path: '', params: {}, headers: {} });
    const query = queries.at(-1);
    if (!query || rawName === '') continue;
    if (indent.length === 4) {
      section = name;
      if (name === 'path') query.path = value;
      if (name === 'sample') sample = {};
    } else if (section === 'params') query.params[name] = value;
    else if (section === 'headers') query.headers[name] = value;
    else if (section === 'sample') {
      sample[name] = value;
      replaceNames(query, sample);
    }
  }
  return queries;
}

/** The names of a query's placeholders are its own; those of the pools they draw from are everyone's. */
function replaceNames(query: Query, sample: Record<string, string>): void {
  for (const [own, pool] of Object.entries(sample)) {
    const rename = (text: string) => text.replaceAll(`{{${own}}}`, `{{${pool}}}`);
    query.path = rename(query.path);
    for (const [name, value] of Object.entries(query.params)) query.params[name] = rename(value);
  }
}

function unquoted(text: string): string {
  return /^"(.*)"$/.exec(text.trim())?.[1] ?? text.trim();
}
