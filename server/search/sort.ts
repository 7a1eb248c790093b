// `_sort`: by which values, and which way. FHIR R4 search, section "Sorting", https://hl7.org/fhir/R4/search.html#_sort

import { unknownParameter } from '../fhir/outcome.ts';
import { mainDateOf, parametersOf } from './parameters.ts';

export type Sort = { code: string; kind: 'at' | 'updated' | 'id' | 'date' | 'string'; descending: boolean };

/** One word of `_sort`, such as `-date`. Throws OperationOutcomeError 400 that names what the type can be sorted by. */
export function parseSort(type: string, word: string): Sort {
  const descending = word.startsWith('-');
  const code = descending ? word.slice(1) : word;
  if (code === '_lastUpdated') return { code, kind: 'updated', descending };
  if (code === '_id') return { code, kind: 'id', descending };
  const parameter = parametersOf(type).get(code);
  if (parameter?.type === 'date') return { code, kind: mainDateOf(type)?.code === code ? 'at' : 'date', descending };
  if (parameter?.type === 'string') return { code, kind: 'string', descending };
  const sortable = [...parametersOf(type).values()].filter(({ type: kind }) => kind === 'date' || kind === 'string');
  throw unknownParameter(`_sort=${code}`, type, ['_id', '_lastUpdated', ...sortable.map((known) => known.code)]);
}
