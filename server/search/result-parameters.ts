// The search parameters that shape the answer: order, page, includes, totals, parts of resources. FHIR R4 search, section
// "Managing Returned Resources", https://hl7.org/fhir/R4/search.html#return

import { badRequest } from '../fhir/outcome.ts';
import { parseElements, parseSummary, type View } from '../fhir/summary.ts';
import { parseInclude } from './include.ts';
import type { Query } from './query.ts';
import { parseSort } from './sort.ts';

type Apply = (query: Query, value: string, name: string) => void;

const include: Apply = (query, value, name) => query.includes.push(parseInclude(query.type, name, value));

// The transport reads these.
const elsewhere: Apply = () => undefined;

const table: Readonly<Record<string, Apply>> = {
  _count: applyCount,
  _sort: applySort,
  _include: include,
  '_include:iterate': include,
  '_include:recurse': include,
  _revinclude: include,
  '_revinclude:iterate': include,
  '_revinclude:recurse': include,
  _total: applyTotal,
  _summary: applySummary,
  _elements: (query, value) => applyView(query, parseElements(query.type, value)),
  _contained: refuseContained,
  _containedType: refuseContained,
  _format: elsewhere,
  _pretty: elsewhere,
};

export const resultParameters: readonly string[] = Object.keys(table);
const mostCount = 1000;
const mostSorts = 10;

/** Notes one of them in the query. Throws OperationOutcomeError 400 for a value that is not understood. */
export function applyResultParameter(query: Query, name: string, value: string): void {
  table[name]?.(query, value, name);
}

/** Throws OperationOutcomeError 400 for parameters that cannot stand together. */
export function refuseContradiction({ view, includes }: Query): void {
  if (view?.kind === 'text' && includes.length > 0)
    throw badRequest('_include and _revinclude cannot be used with _summary=text', 'value', ['_summary']);
}

/** `_summary` and `_elements` of a read, where there is nothing else to shape. Throws OperationOutcomeError 400. */
export function parseView(type: string, search: string): View | undefined {
  if (search === '') return undefined;
  const parameters = new URLSearchParams(search);
  const views = [
    ...parameters.getAll('_summary').filter(Boolean).map(parseSummary),
    ...parameters.getAll('_elements').map((value) => parseElements(type, value)),
  ].filter((view) => view !== undefined);
  if (views.length > 1) throw oneView();
  return views[0];
}

function applySort(query: Query, value: string): void {
  const words = value.split(',');
  if (query.sort.length + words.length > mostSorts)
    throw badRequest(`_sort takes at most ${mostSorts} terms`, 'too-costly', ['_sort']);
  query.sort.push(...words.map((word) => parseSort(query.type, word)));
}

/** "If _count has the value 0, this shall be treated the same as _summary=count" */
function applyCount(query: Query, value: string): void {
  if (!/^\d{1,9}$/.test(value)) throw badRequest('_count takes a whole number', 'value', ['_count']);
  query.count = Math.min(Number(value), mostCount);
  if (query.count === 0) query.countOnly = true;
}

function applyTotal(query: Query, value: string): void {
  if (!['none', 'estimate', 'accurate'].includes(value))
    throw badRequest('_total takes none, estimate or accurate', 'value', ['_total']);
  query.total = value !== 'none';
}

function applySummary(query: Query, value: string): void {
  if (value === 'count') query.countOnly = true;
  else applyView(query, parseSummary(value));
}

function applyView(query: Query, view: View | undefined): void {
  if (view === undefined) return;
  if (query.view) throw oneView();
  query.view = view;
}

const oneView = () => badRequest('Give one of _summary and _elements, once', 'value', ['_summary', '_elements']);

function refuseContained(_query: Query, value: string, name: string): void {
  if (name === '_contained' && value === 'false') return;
  throw badRequest(`${name}=${value}: contained resources are not searched by themselves`, 'not-supported', [name]);
}
