// $graphql on the server and on one resource. Errors of a query answer as GraphQL has them, each with its OperationOutcome.
// FHIR R4, https://hl7.org/fhir/R4/graphql.html and https://hl7.org/fhir/R4/resource-operation-graphql.html

import type { JsonObject } from '../fhir/json.ts';
import { notFound, OperationOutcomeError, operationOutcome } from '../fhir/outcome.ts';
import type { Answer, Handler, Operation } from '../interaction/request.ts';
import { selectionsOf } from './document.ts';
import { execute } from './execute.ts';
import { createBudget } from './limits.ts';
import { readGraphqlRequest } from './read-request.ts';
import { createSource } from './source.ts';

const json = 'application/json; charset=utf-8';

const run: Handler = async (fhir, request, { type, id }) => {
  const asked = readGraphqlRequest(request);
  const budget = createBudget();
  const source = createSource({ fhir, request, budget });
  let root: JsonObject | undefined;
  if (id !== '') {
    root = await source.readAsked(type, id);
    if (!root) throw notFound(`${type}/${id}`);
  }
  try {
    const data = await execute({ source, budget, base: fhir.base }, selectionsOf(asked), root);
    return { status: 200, contentType: json, body: JSON.stringify({ data }) };
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    return failed(error, request.language);
  }
};

const graphql = {
  code: 'graphql',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql',
  methods: ['GET', 'POST'],
  run,
} as const;

/** The server's, and that of every resource. */
export const graphqlOperations: readonly Operation[] = [
  { ...graphql, level: 'system' },
  { ...graphql, level: 'instance', type: 'Resource' },
];

function failed(
  { status, issues, message, scope }: OperationOutcomeError,
  language: Parameters<typeof operationOutcome>[1],
): Answer {
  const resource = operationOutcome(issues, language);
  const body = JSON.stringify({ errors: [{ message, extensions: { resource } }] });
  return { status, contentType: json, body, ...(scope !== undefined && { lackingScope: scope }) };
}
