// What the rules find in a resource, in short: "severity code expression" of each finding.
import { definitionsOf } from '../../../server/definitions/definitions.ts';
import type { JsonObject } from '../../../server/fhir/json.ts';
import type { Terminology } from '../../../server/terminology/terminology.ts';
import type { Finding } from '../../../server/validation/finding.ts';
import { createValidator, type ValidatorOptions } from '../../../server/validation/validator.ts';

/** Knows the value sets it is given (url -> codes as `system#code`) and no others, and lets every code be one of its system. */
export function terminologyOf(valueSets: Record<string, string[]> = {}): Terminology {
  return {
    inValueSet: (valueSet, { system, code }) => {
      const codes = valueSets[valueSet];
      return { result: codes?.includes(system === undefined ? code : `${system}#${code}`) };
    },
    inCodeSystem: () => ({ result: true }),
    expand: ({ id }: JsonObject | (string & { id?: never })) =>
      (valueSets[`#${id}`] ?? []).map((name) => ({ system: name.split('#')[0] ?? '', code: name.split('#')[1] ?? '' })),
  };
}

/** Those of the rules beyond StructureDefinitions. */
export const findByRules = (resource: JsonObject, options: ValidatorOptions): Finding[] =>
  createValidator(options)(resource).filter(({ rule }) => rule === 'beyond');

export function found(
  resource: JsonObject,
  definitions: readonly JsonObject[] = [],
  terminology: Terminology = terminologyOf(),
): string[] {
  const findings = findByRules(resource, { definitions: definitionsOf(definitions), terminology });
  return findings.map(({ severity, code, expression }) => `${severity} ${code} ${expression}`);
}
