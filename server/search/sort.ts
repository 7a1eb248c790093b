// `_sort`: by which values, and which way. FHIR R4 search, section "Sorting", https://hl7.org/fhir/R4/search.html#_sort

import { jsonPathsOf } from '../fhir/json-paths.ts';
import { derivedFrom } from './derived.ts';
import { cannotUse, mainDateOf, parametersOf } from './parameters.ts';

export type Sort = { code: string; descending: boolean } & (
  | { kind: 'at' | 'updated' | 'id' | 'date' | 'string' }
  /** By the facts of these parameters: more than one where a parameter is made of others. */
  | { kind: 'number'; codes: string[] }
  /** By what stands at these JSON paths of the stored text: codes, references, URLs. */
  | { kind: 'content'; paths: string[] }
);

type Kind = 'date' | 'number' | 'string' | 'content';

/** How values of a type of parameter are put in order; a composite, or a place on earth, has no order. */
const kinds: Readonly<Record<string, Kind>> = {
  date: 'date',
  number: 'number',
  quantity: 'number',
  string: 'string',
  token: 'content',
  reference: 'content',
  uri: 'content',
};

/** One word of `_sort`, such as `-date`. Throws OperationOutcomeError 400 that names what the type can be sorted by. */
export function parseSort(type: string, word: string): Sort {
  const descending = word.startsWith('-');
  const code = descending ? word.slice(1) : word;
  if (code === '_lastUpdated') return { code, kind: 'updated', descending };
  if (code === '_id') return { code, kind: 'id', descending };
  const kind = kindOf(type, code);
  if (kind === 'content') return { code, kind, descending, paths: pathsOf(type, code) };
  if (kind === 'number') return { code, kind, descending, codes: codesOf(type, code) };
  if (kind !== undefined) return { code, kind: mainDateOf(type)?.code === code ? 'at' : kind, descending };
  const sortable = [...parametersOf(type).keys()].filter((known) => kindOf(type, known) !== undefined);
  throw cannotUse(`_sort=${code}`, { type, code, known: ['_id', '_lastUpdated', ...sortable] });
}

function kindOf(type: string, code: string): Kind | undefined {
  const parameter = parametersOf(type).get(code);
  const kind = parameter && kinds[parameter.type];
  return kind === 'content' && pathsOf(type, code).length === 0 ? undefined : kind;
}

function codesOf(type: string, code: string): string[] {
  const parts = derivedFrom(type, code);
  return parts && 'some' in parts ? parts.some.filter((part) => typeof part === 'string') : [code];
}

function pathsOf(type: string, code: string): string[] {
  const expression = parametersOf(type).get(code)?.expression ?? '';
  return (expression && jsonPathsOf(expression, type)?.map(({ path }) => path)) || [];
}
