// Every interaction and operation under the base, as a table: dispatch, the CapabilityStatement and the tests read it.

import { resourceTypes } from '../fhir/definitions.ts';
import { notFound, notSupported, unknownType } from '../fhir/outcome.ts';
import type { Dispatch, Handler, Operation } from '../interaction/request.ts';
import { bundle } from './bundle.ts';
import { conditionalUpdate, create, remove, update } from './change.ts';
import { historyInstance } from './history.ts';
import { read, vread } from './read.ts';
import { searchType } from './search-type.ts';

type Route = { method: string; path: string; interaction: string; run: Handler };

/** Codes are those of http://hl7.org/fhir/restful-interaction. */
export const interactions: readonly Route[] = [
  { method: 'GET', path: 'TYPE/ID', interaction: 'read', run: read },
  { method: 'GET', path: 'TYPE/ID/_history/VERSION', interaction: 'vread', run: vread },
  { method: 'GET', path: 'TYPE/ID/_history', interaction: 'history-instance', run: historyInstance },
  { method: 'PUT', path: 'TYPE/ID', interaction: 'update', run: update },
  { method: 'PUT', path: 'TYPE', interaction: 'update', run: conditionalUpdate },
  { method: 'DELETE', path: 'TYPE/ID', interaction: 'delete', run: remove },
  { method: 'POST', path: 'TYPE', interaction: 'create', run: create },
  { method: 'GET', path: 'TYPE', interaction: 'search-type', run: searchType },
  { method: 'POST', path: 'TYPE/_search', interaction: 'search-type', run: searchType },
];

/** The one way from a method and a path to what answers. */
export function createDispatch(operations: readonly Operation[]): Dispatch {
  const routes = [
    ...interactions.map(({ method, path, run }) => ({ method, path, run })),
    ...operations.flatMap(operationRoutes),
  ];
  const table = new Map(routes.map(({ method, path, run }) => [`${method} ${path}`, run]));

  const dispatch: Dispatch = async (fhir, request) => {
    const { method, path } = request;
    if (path === '' && method === 'POST') return bundle(fhir, request, dispatch);
    const segments = path.split('/');
    const [type = '', id = '', , version = ''] = segments;
    if (!type.startsWith('$') && !resourceTypes.has(type)) throw unknownType(type);
    const run = table.get(`${method} ${shapeOf(segments)}`) ?? table.get(`${method} ${typedShapeOf(segments)}`);
    if (run) return run(fhir, request, { type, id, version });
    throw segments.some((segment) => segment.startsWith('$'))
      ? notFound(`the operation ${path}`)
      : notSupported(`${method} ${path} is not supported`);
  };
  return dispatch;
}

function operationRoutes({ code, level, type = '', methods, run }: Operation) {
  const path = level === 'system' ? `$${code}` : level === 'type' ? `${type}/$${code}` : `${type}/ID/$${code}`;
  return methods.map((method) => ({ method, path, run }));
}

const fixedWords = /^[_$]/;

/** `Patient/7/_history/2` -> `TYPE/ID/_history/VERSION` */
function shapeOf(segments: readonly string[]): string {
  return segments
    .map((segment, n) => (fixedWords.test(segment) ? segment : n === 0 ? 'TYPE' : n === 1 ? 'ID' : 'VERSION'))
    .join('/');
}

/** `Patient/7/$everything` -> `Patient/ID/$everything`; `$deliver` stays. */
function typedShapeOf(segments: readonly string[]): string {
  return segments.map((segment, n) => (n === 1 && !fixedWords.test(segment) ? 'ID' : segment)).join('/');
}
