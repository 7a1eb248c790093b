// Every interaction and operation under the base, as a table: dispatch, the CapabilityStatement and the tests read it.

import { resourceTypes } from '../fhir/definitions.ts';
import { type Exempt, noneExempt } from '../fhir/my-number-text.ts';
import { notFound, notSupported, unknownType } from '../fhir/outcome.ts';
import type { Dispatch, Handler, Operation, View } from '../interaction/request.ts';
import { refuseMyNumber } from './asked-number.ts';
import { bundle } from './bundle.ts';
import { conditionalPatch, conditionalRemove, conditionalUpdate, create, patch, remove, update } from './change.ts';
import { historyInstance, historySystem, historyType } from './history.ts';
import { read, vread } from './read.ts';
import { searchSystem } from './search-system.ts';
import { searchCompartment, searchType } from './search-type.ts';

type Route = { method: string; path: string; interaction: string; run: Handler };

/** Codes are those of http://hl7.org/fhir/restful-interaction. */
export const interactions: readonly Route[] = [
  { method: 'GET', path: 'TYPE/ID', interaction: 'read', run: read },
  { method: 'GET', path: 'TYPE/ID/_history/VERSION', interaction: 'vread', run: vread },
  { method: 'GET', path: 'TYPE/ID/_history', interaction: 'history-instance', run: historyInstance },
  { method: 'GET', path: 'TYPE/_history', interaction: 'history-type', run: historyType },
  { method: 'GET', path: '_history', interaction: 'history-system', run: historySystem },
  { method: 'PUT', path: 'TYPE/ID', interaction: 'update', run: update },
  { method: 'PUT', path: 'TYPE', interaction: 'update', run: conditionalUpdate },
  { method: 'PATCH', path: 'TYPE/ID', interaction: 'patch', run: patch },
  { method: 'PATCH', path: 'TYPE', interaction: 'patch', run: conditionalPatch },
  { method: 'DELETE', path: 'TYPE/ID', interaction: 'delete', run: remove },
  { method: 'DELETE', path: 'TYPE', interaction: 'delete', run: conditionalRemove },
  { method: 'POST', path: 'TYPE', interaction: 'create', run: create },
  { method: 'GET', path: 'TYPE', interaction: 'search-type', run: searchType },
  { method: 'POST', path: 'TYPE/_search', interaction: 'search-type', run: searchType },
  { method: 'GET', path: 'TYPE/ID/MEMBER', interaction: 'search-type', run: searchCompartment },
  { method: 'POST', path: 'TYPE/ID/MEMBER/_search', interaction: 'search-type', run: searchCompartment },
  { method: 'GET', path: '', interaction: 'search-system', run: searchSystem },
  { method: 'POST', path: '_search', interaction: 'search-system', run: searchSystem },
];

/**
 * The one way from a method and a path to what answers. `metadata` makes the text of the statement that the query of
 * `metadata` asks for, for batches.
 */
export function createDispatch(
  operations: readonly Operation[],
  metadata: (query: string) => string,
  views: readonly View[] = [],
  exempt: Exempt = noneExempt,
): Dispatch {
  const find = finder(operations);
  const overs = new Map(views.map(({ type, interaction, over }) => [`${type} ${interaction}`, over]));
  const viewTypes = new Set(views.map(({ type }) => type));
  const methodsOf = createMethodsOf(operations);
  const dispatch: Dispatch = async (fhir, request) => {
    const { method, path } = request;
    refuseMyNumber(request, exempt);
    if (path === '' && method === 'POST') return bundle(fhir, request, dispatch);
    if (path === 'metadata' && method === 'GET') return { status: 200, body: metadata(request.query) };
    const segments = path.split('/');
    const [type = '', id = '', member = '', version = ''] = segments;
    const route = isKnown(type) ? find(method, segments) : undefined;
    if (route) {
      const shown = viewTypes.has(member) ? member : type;
      const over = viewTypes.has(shown) ? overs.get(`${shown} ${route.interaction}`) : undefined;
      return (over?.(route.run) ?? route.run)(fhir, request, { type, id, version, member });
    }
    const methods = methodsOf(path);
    if (methods.length > 0) throw notSupported(`${method} of this address is not supported; ${methods.join(', ')} are`);
    if (!isKnown(type)) throw unknownType(type);
    throw notFound(segments.some((segment) => segment.startsWith('$')) ? `the operation ${path}` : path);
  };
  return dispatch;
}

/** What a path behind the base answers to, for Allow; empty for a path that is nothing here. */
export function createMethodsOf(operations: readonly Operation[]): (path: string) => string[] {
  const find = finder(operations);
  return (path) => {
    const segments = path.split('/');
    const isRoute = (method: string) => isKnown(segments[0] ?? '') && find(method, segments) !== undefined;
    const isOpen = (method: string) => `${method} ${path}` === 'POST ' || `${method} ${path}` === 'GET metadata';
    const found = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => isOpen(method) || isRoute(method));
    return found.length === 0 ? [] : [...found, ...(found.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
  };
}

/**
 * Names what a method and a URL (with `/fhir` in front) ask for, in words of the table, for logs and figures: `read`,
 * `$everything`, `bundle`; `other` for everything else.
 */
export function createNameOf(operations: readonly Operation[]): (method: string, url: string) => string {
  const find = finder(operations);
  return (method, url) => {
    const [path = ''] = url.split('?');
    if (!path.startsWith('/fhir')) return 'other';
    const segments = path.slice('/fhir/'.length).split('/');
    const [first = ''] = segments;
    if (first === '' && method === 'POST') return 'bundle';
    if (!isKnown(first)) return 'other';
    return find(method === 'HEAD' ? 'GET' : method, segments)?.interaction ?? 'other';
  };
}

const isKnown = (first: string): boolean => /^(?:\$|_search$|_history$|$)/.test(first) || resourceTypes.has(first);

type Found = Pick<Route, 'interaction' | 'run'>;

function finder(operations: readonly Operation[]): (method: string, segments: readonly string[]) => Found | undefined {
  const routes = [...interactions, ...operations.flatMap(operationRoutes)];
  const table = new Map<string, Found>(routes.map((route) => [`${route.method} ${route.path}`, route]));
  return (method, segments) =>
    table.get(`${method} ${shapeOf(segments)}`) ?? table.get(`${method} ${typedShapeOf(segments)}`);
}

function operationRoutes({ code, level, type = '', methods, run }: Operation): Route[] {
  const of = type === 'Resource' ? 'TYPE' : type;
  const places = { system: '', type: `${of}/`, instance: `${of}/ID/`, version: `${of}/ID/_history/VERSION/` };
  const path = `${places[level]}$${code}`;
  return methods.map((method) => ({ method, path, interaction: `$${code}`, run }));
}

const fixedWords = /^[_$]/;
const isMember = (word: string): boolean => word === '*' || resourceTypes.has(word);

/** `Patient/7/_history/2` -> `TYPE/ID/_history/VERSION`, `Patient/7/Observation` -> `TYPE/ID/MEMBER`; the base stays empty. */
function shapeOf(segments: readonly string[]): string {
  if (segments.length === 1 && segments[0] === '') return '';
  const places = ['TYPE', 'ID', isMember(segments[2] ?? '') ? 'MEMBER' : segments[2], 'VERSION'];
  return segments.map((segment, n) => (fixedWords.test(segment) ? segment : (places[n] ?? segment))).join('/');
}

/** `Patient/7/$everything` -> `Patient/ID/$everything`; `$deliver` stays. */
function typedShapeOf(segments: readonly string[]): string {
  return segments.map((segment, n) => (n === 1 && !fixedWords.test(segment) ? 'ID' : segment)).join('/');
}
