// What is in an answer of the server, whether it came as a value or as an error of the client's.

import { isObject, type JsonObject } from '../server/fhir/json.ts';

/** Of an error that fhir-kit-client throws; both undefined when there was no answer. */
export function responseOf(error: unknown): { status: number | undefined; data: unknown } {
  const response = isObject(error) || error instanceof Error ? (error as { response?: unknown }).response : undefined;
  if (!isObject(response)) return { status: undefined, data: undefined };
  return { status: typeof response.status === 'number' ? response.status : undefined, data: response.data };
}

/** The parameters of Parameters, or the parts of one of them; none of anything else. */
export function partsIn(answer: unknown, member: 'parameter' | 'part'): JsonObject[] {
  const parts = isObject(answer) ? answer[member] : undefined;
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}

/** What an OperationOutcome says, '' for anything else. */
export function diagnosticsOf(outcome: unknown): string {
  const issues = isObject(outcome) && Array.isArray(outcome.issue) ? outcome.issue.filter(isObject) : [];
  return issues
    .map(({ diagnostics }) => diagnostics)
    .filter((text) => typeof text === 'string')
    .join(' ');
}
