// What was selected -> the JSON object of the answer. A name that occurs again becomes a list of all its values, unless
// @singleton forbids that. Pure. FHIR R4, https://hl7.org/fhir/R4/graphql.html, section "List Manipulation Directives"

import type { JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';

/** The values that one selection gives to one name of the object around it. */
export type Named = { key: string; form: Form; values: readonly unknown[] };
/** `one`: written without a list as long as it stays alone. */
export type Form = 'one' | 'list' | 'singleton';

/** Throws OperationOutcomeError 400 when a @singleton has several values. */
export function objectOf(selected: readonly Named[]): JsonObject {
  const fields = new Map<string, Named>();
  for (const { key, form, values } of selected) {
    const known = fields.get(key);
    if (known?.form === 'singleton') throw notSingle(key);
    fields.set(key, known ? { key, form: 'list', values: [...known.values, ...values] } : { key, form, values });
  }
  return Object.fromEntries([...fields].map(([key, field]) => [key, written(field)]));
}

function written({ key, form, values }: Named): unknown {
  if (form === 'list') return values;
  if (values.length > 1) throw notSingle(key);
  return values[0] ?? null;
}

const notSingle = (key: string) => badRequest(`${key} has several values and cannot be a @singleton`, 'invalid', [key]);
