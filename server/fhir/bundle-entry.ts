// What refuses one entry of a Bundle says which. The expression is FHIRPath from the Bundle, as OperationOutcome wants it.
// https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression

import { type Issue, OperationOutcomeError } from './outcome.ts';

/** Does work for entry `n`, now or later; refusals name the entry. Without `n` there is no Bundle, and they stay as they are. */
export function inEntry<T>(n: number | undefined, work: () => T): T {
  if (n === undefined) return work();
  const refuse = (error: unknown): never => {
    throw error instanceof OperationOutcomeError
      ? new OperationOutcomeError(error.status, atEntry(n, error.issues))
      : error;
  };
  try {
    const done = work();
    return done instanceof Promise ? (done.catch(refuse) as T) : done;
  } catch (error) {
    return refuse(error);
  }
}

/** Issues of an entry's resource, told of the Bundle. */
export function atEntry(n: number | undefined, issues: readonly Issue[]): Issue[] {
  if (n === undefined) return [...issues];
  return issues.map((issue) => ({ ...issue, expression: (issue.expression ?? ['']).map((path) => from(n, path)) }));
}

/** `Patient.gender` -> `Bundle.entry[3].resource.gender`; what is no element of the resource names the entry alone. */
function from(n: number, path: string): string {
  if (path.startsWith('Bundle.entry[')) return path;
  const [, element] = /^[A-Z]\w*((?:\.\w|\[).*)?$/s.exec(path) ?? [];
  if (element !== undefined) return `Bundle.entry[${n}].resource${element}`;
  return `Bundle.entry[${n}]`;
}
