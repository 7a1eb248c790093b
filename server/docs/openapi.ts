// CapabilityStatement and operations -> OpenAPI 3.1, for tools that do not read FHIR's own description. Nothing is described
// here that the CapabilityStatement does not name. https://spec.openapis.org/oas/v3.1.1

import type { CapabilityStatement } from '@medplum/fhirtypes';
import type { Operation } from '../interaction/request.ts';

type Resource = NonNullable<NonNullable<CapabilityStatement['rest']>[0]['resource']>[0];
type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  description?: string;
  required?: true;
  schema: object;
};
type Call = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: (Parameter | Ref)[];
  requestBody?: Ref;
  responses: object;
};
type Ref = { $ref: string };
type Paths = Record<string, Record<string, Call>>;

export type OpenApi = { openapi: string; paths: Paths; [member: string]: unknown };

/** The whole document. */
export function openApi(capabilities: CapabilityStatement, operations: readonly Operation[]): OpenApi {
  const rest = capabilities.rest?.[0];
  const paths: Paths = {};
  const add = (path: string, method: string, call: Call) => {
    paths[path] = { ...paths[path], [method]: call };
  };
  for (const resource of rest?.resource ?? []) {
    for (const { code } of resource.interaction ?? []) {
      for (const { path, method, ...call } of callsOf(code, resource)) add(path, method, { ...call, responses });
    }
  }
  for (const { code } of rest?.interaction ?? [])
    for (const { path, method, ...call } of systemCalls(code)) add(path, method, { ...call, responses });
  for (const operation of operations)
    for (const method of operation.methods)
      add(pathOf(operation), method.toLowerCase(), operationCall(operation, method));
  add('/metadata', 'get', {
    operationId: 'capabilities',
    summary: 'What this server does',
    tags: ['system'],
    responses,
  });
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tsumugi 紡ぎ: FHIR R4',
      version: capabilities.software?.version ?? '',
      description:
        'Errors are OperationOutcome resources. Unknown search parameters are refused, unless `Prefer: handling=lenient`.',
    },
    servers: [{ url: capabilities.implementation?.url ?? '' }],
    security: [{ bearer: [] }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components,
  };
}

type Located = Omit<Call, 'responses'> & { path: string; method: string };

/** The requests of one interaction code, http://hl7.org/fhir/restful-interaction; none for a code this page does not know. */
function callsOf(code: string, { type, searchParam = [] }: Resource): Located[] {
  const tags = [type];
  const search = [...searchParam.map(({ name, type: kind }) => query(name, kind)), ...resultParameters];
  const one = `/${type}/{id}`;
  const call = (path: string, method: string, summary: string, more: Partial<Call> = {}): Located => ({
    path,
    method,
    operationId: `${code}-${type}${path.includes('{id}') ? '' : '-type'}-${method}`,
    summary,
    tags,
    ...more,
    parameters: [...path.matchAll(/\{(id|vid)\}/g)]
      .map(([, name = '']): Parameter | Ref => ref('parameters', name))
      .concat(more.parameters ?? []),
  });
  const body = ref('requestBodies', 'Resource');
  switch (code) {
    case 'read':
      return [call(one, 'get', `Read one ${type}`, { parameters: [ref('parameters', 'ifNoneMatch')] })];
    case 'vread':
      return [call(`${one}/_history/{vid}`, 'get', `Read one version of a ${type}`)];
    case 'update':
      return [
        call(one, 'put', `Replace one ${type}`, { requestBody: body, parameters: [ref('parameters', 'ifMatch')] }),
        call(`/${type}`, 'put', `Replace the ${type} that fits, or create it`, {
          requestBody: body,
          parameters: search,
        }),
      ];
    case 'patch':
      return [
        call(one, 'patch', `Change parts of one ${type}`, {
          requestBody: ref('requestBodies', 'Patch'),
          parameters: [ref('parameters', 'ifMatch')],
        }),
        call(`/${type}`, 'patch', `Change parts of the ${type} that fits`, {
          requestBody: ref('requestBodies', 'Patch'),
          parameters: search,
        }),
      ];
    case 'delete':
      return [
        call(one, 'delete', `Delete one ${type}`),
        call(`/${type}`, 'delete', `Delete the ${type} that fits`, { parameters: search }),
      ];
    case 'create':
      return [
        call(`/${type}`, 'post', `Create a ${type}`, {
          requestBody: body,
          parameters: [ref('parameters', 'ifNoneExist')],
        }),
      ];
    case 'search-type':
      return [
        call(`/${type}`, 'get', `Search ${type}`, { parameters: search }),
        call(`/${type}/_search`, 'post', `Search ${type}, with the parameters as a form`, {
          requestBody: ref('requestBodies', 'Form'),
        }),
      ];
    case 'history-instance':
      return [call(`${one}/_history`, 'get', `The versions of one ${type}`, { parameters: historyParameters })];
    case 'history-type':
      return [
        call(`/${type}/_history`, 'get', `The versions of all ${type} resources`, { parameters: historyParameters }),
      ];
    default:
      return [];
  }
}

function systemCalls(code: string): Located[] {
  const tags = ['system'];
  if (code === 'transaction')
    return [
      {
        path: '/',
        method: 'post',
        operationId: 'bundle',
        summary: 'A transaction or batch Bundle',
        tags,
        requestBody: ref('requestBodies', 'Resource'),
      },
    ];
  if (code === 'search-system')
    return [
      {
        path: '/',
        method: 'get',
        operationId: code,
        summary: 'Search several types',
        tags,
        parameters: resultParameters,
      },
    ];
  if (code === 'history-system')
    return [
      {
        path: '/_history',
        method: 'get',
        operationId: code,
        summary: 'The versions of all resources',
        tags,
        parameters: historyParameters,
      },
    ];
  return [];
}

function pathOf({ code, level, type = '' }: Operation): string {
  const of = type === 'Resource' ? '/{type}' : `/${type}`;
  const places = { system: '', type: of, instance: `${of}/{id}`, version: `${of}/{id}/_history/{vid}` };
  return `${places[level]}/$${code}`;
}

function operationCall(operation: Operation, method: string): Call {
  const { code, definition, documentation, level, type } = operation;
  const names = [...pathOf(operation).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ref('parameters', name));
  return {
    operationId: `${code}-${type ?? 'system'}-${level}-${method.toLowerCase()}`,
    summary: `$${code}: ${definition}`,
    ...(documentation === undefined ? {} : { description: documentation }),
    tags: [type ?? 'system'],
    ...(names.length > 0 ? { parameters: names } : {}),
    ...(method === 'POST' ? { requestBody: ref('requestBodies', 'Resource') } : {}),
    responses,
  };
}

const ref = (kind: string, name: string): Ref => ({ $ref: `#/components/${kind}/${name}` });

/** Every parameter may come several times, and with modifiers behind a colon, which OpenAPI has no word for. */
const query = (name: string, description: string): Parameter => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string' },
});

const resultParameters = ['_count', '_sort', '_include', '_revinclude', '_total', '_summary', '_elements'].map((name) =>
  ref('parameters', name),
);
const historyParameters = ['_count', '_since', '_at'].map((name) => ref('parameters', name));

const responses = { '2XX': ref('responses', 'Resource'), default: ref('responses', 'OperationOutcome') };

const content = (...types: string[]) => Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }]));
const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string' },
});
const path = (name: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[A-Za-z0-9\\-.]{1,64}$' },
});

const components = {
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An access token with SMART scopes' } },
  parameters: {
    type: path('type'),
    id: path('id'),
    vid: path('vid'),
    ifMatch: header('If-Match', 'The version that is to be changed: W/"3"'),
    ifNoneMatch: header('If-None-Match', 'The version that is known: W/"3"; 304 when it is still the current one'),
    ifNoneExist: header('If-None-Exist', 'Search criteria: nothing is created when one resource fits'),
    _count: query('_count', 'Entries on a page'),
    _sort: query('_sort', 'Parameters to sort by, - for descending'),
    _include: query('_include', 'What matches refer to: Type:parameter'),
    _revinclude: query('_revinclude', 'What refers to matches: Type:parameter'),
    _total: query('_total', 'none, estimate or accurate'),
    _summary: query('_summary', 'true, text, data, count or false'),
    _elements: query('_elements', 'The elements wanted'),
    _since: query('_since', 'Versions made at this instant or later'),
    _at: query('_at', 'Versions that were current at some moment of this time'),
  },
  requestBodies: {
    Resource: { required: true, content: content('application/fhir+json', 'application/fhir+xml') },
    Patch: { required: true, content: content('application/json-patch+json', 'application/fhir+json') },
    Form: { content: content('application/x-www-form-urlencoded') },
  },
  responses: {
    Resource: { description: 'A resource', content: content('application/fhir+json', 'application/fhir+xml') },
    OperationOutcome: {
      description: 'An OperationOutcome that says what was not right',
      content: content('application/fhir+json', 'application/fhir+xml'),
    },
  },
};
