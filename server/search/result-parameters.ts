// The search parameters that shape the answer: order, page, includes, totals. FHIR R4 search, section "Managing Returned
// Resources", https://hl7.org/fhir/R4/search.html#return

import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest, unknownParameter } from '../fhir/outcome.ts';
import { mainDateOf, parametersOf } from './parameters.ts';
import type { Include, Query, Sort } from './query.ts';

export const resultParameters: readonly string[] = [
  '_count',
  '_sort',
  '_include',
  '_total',
  '_summary',
  '_format',
  '_pretty',
];
const mostCount = 1000;
const mostSorts = 10;

/** Notes one of them in the query. Throws OperationOutcomeError 400 for a value that is not understood. */
export function applyResultParameter(query: Query, name: string, value: string): void {
  if (name === '_count') applyCount(query, value);
  else if (name === '_sort') query.sort.push(...value.split(',').map((word) => sortOf(query.type, word)));
  if (query.sort.length > mostSorts)
    throw badRequest(`_sort takes at most ${mostSorts} terms`, 'too-costly', ['_sort']);
  if (name === '_include') query.includes.push(includeOf(query.type, value));
  else if (name === '_total') query.total = totalOf(value);
  else if (name === '_summary') query.countOnly ||= summaryOf(value);
}

function sortOf(type: string, word: string): Sort {
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

function includeOf(type: string, value: string): Include {
  const [source = '', code = '', target] = value.split(':');
  if (!resourceTypes.has(source))
    throw badRequest(`_include=${value}: "${source}" is no resource type`, 'value', ['_include']);
  const parameter = parametersOf(source).get(code);
  if (parameter?.type !== 'reference') {
    const known = [...parametersOf(source).values()].filter(({ type }) => type === 'reference').map((one) => one.code);
    throw unknownParameter(`_include=${value}`, source, known);
  }
  if (source !== type)
    throw badRequest(`_include=${value}: a search on ${type} includes what ${type} refers to`, 'not-supported', [
      '_include',
    ]);
  if (target !== undefined && !resourceTypes.has(target))
    throw badRequest(`_include=${value}: "${target}" is no resource type`, 'value', ['_include']);
  return { source, parameter, ...(target ? { target } : {}) };
}

/** "If _count has the value 0, this shall be treated the same as _summary=count" */
function applyCount(query: Query, value: string): void {
  query.count = countOf(value);
  if (query.count === 0) query.countOnly = true;
}

function countOf(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw badRequest('_count takes a whole number', 'value', ['_count']);
  return Math.min(Number(value), mostCount);
}

function totalOf(value: string): boolean {
  if (!['none', 'estimate', 'accurate'].includes(value))
    throw badRequest('_total takes none, estimate or accurate', 'value', ['_total']);
  return value !== 'none';
}

function summaryOf(value: string): boolean {
  if (value !== 'count' && value !== 'false')
    throw badRequest('_summary takes count or false here', 'not-supported', ['_summary']);
  return value === 'count';
}
