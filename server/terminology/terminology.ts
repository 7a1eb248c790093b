// What can be asked about codes: the interface that validation and the operations share.
// FHIR R4 terminology service, https://hl7.org/fhir/R4/terminology-service.html

import type { JsonObject } from '../fhir/json.ts';

/** A code as a resource gives it; a `code` element has the systems of its value set for one. */
export type Coded = { system?: string; version?: string; code: string; display?: string };

/**
 * Whether a code is in a value set, or known to its code system. `undefined` where that cannot be told here: the value set cannot
 * be expanded, the code system is not here or not complete. `message` is for people; `display` the right words for the code.
 */
export type CodeCheck = {
  result: boolean | undefined;
  /** Of a refusal, or of what cannot be told. */
  cause?:
    | 'not-in-value-set'
    | 'unknown-code'
    | 'unknown-system'
    | 'unknown-value-set'
    | 'cannot-expand'
    | 'wrong-display'
    | 'abstract';
  message?: string;
  display?: string;
};

export type Terminology = {
  /** Whether a code is in a value set (canonical); a `code` without a system is in it with any system. Never throws. */
  inValueSet(valueSet: string, coded: Coded): CodeCheck;
  /** Whether a code system has this code, and whether the display is one of its words. Never throws. */
  inCodeSystem(coded: Coded & { system: string }): CodeCheck;
  /** Every code of a value set where it can be listed, with its words. Throws OperationOutcomeError 422 where it cannot. */
  expand(valueSet: JsonObject | string): readonly { system: string; code: string; display?: string }[];
};
