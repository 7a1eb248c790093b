// The query of a $graphql call: in the URL, as application/graphql, as JSON, or in a Parameters resource.
// FHIR R4, https://hl7.org/fhir/R4/resource-operation-graphql.html

import { isObject } from '../fhir/json.ts';
import { badRequest, malformed } from '../fhir/outcome.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import type { FhirRequest } from '../interaction/request.ts';
import type { GraphqlRequest } from './document.ts';

const known = ['query', 'variables', 'operationName', '_format', '_pretty'];

/** Throws 400 when there is no query. */
export function readGraphqlRequest({ query, body }: Pick<FhirRequest, 'query' | 'body'>): GraphqlRequest {
  const inUrl = new URLSearchParams(query);
  const unknown = [...inUrl.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw badRequest(
      `$graphql takes no parameter "${unknown}". Known: ${known.slice(0, 3).join(', ')}`,
      'not-supported',
    );
  const sent = { ...Object.fromEntries(inUrl), ...bodyMembers(body) };
  if (typeof sent.query !== 'string' || sent.query === '')
    throw badRequest('$graphql needs a query', 'required', ['query']);
  return {
    query: sent.query,
    variables: variablesOf(sent.variables),
    operationName: typeof sent.operationName === 'string' && sent.operationName !== '' ? sent.operationName : undefined,
  };
}

/** A body of type application/graphql arrives here as `query`. */
function bodyMembers(body: unknown): { query?: unknown; variables?: unknown; operationName?: unknown } {
  if (body === undefined) return {};
  if (body instanceof URLSearchParams) return Object.fromEntries(body);
  if (isObject(body) && body.resourceType === 'Parameters')
    return { query: single(readParameters(body, ['query']), 'query')?.valueString };
  if (!isObject(body)) throw malformed('The body must be an object with query, variables and operationName');
  return body;
}

function variablesOf(sent: unknown): Record<string, unknown> {
  if (sent === undefined || sent === null || sent === '') return {};
  const variables = typeof sent === 'string' ? parsed(sent) : sent;
  if (!isObject(variables)) throw badRequest('variables must be an object', 'value', ['variables']);
  return variables;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
