// What validation finds, and where a rule stands while it looks.

import type { Definitions } from '../definitions/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Terminology } from '../terminology/terminology.ts';

/** One issue of the answer. `expression` has one FHIRPath, from the resource's type: `Patient.name[0].given[1]`. */
export type Finding = Issue & {
  severity: 'error' | 'warning' | 'information';
  expression: string[];
  /** What kind of rule it is where strictness depends on that; none for what makes a resource invalid FHIR. Not shown. */
  rule?: 'profile' | 'unknown-profile' | 'unknown-extension' | 'binding' | 'beyond';
};

/** Where a resource stands whose rules are asked. */
export type Place = {
  /** FHIRPath of the resource: `Patient`, `Bundle.entry[2].resource`, `Patient.contained[0]`. */
  path: string;
  /** What it is contained in, or itself: whose `contained` a `#id` names. */
  root: JsonObject;
  /** The outermost resource, nearly always a Bundle, where it is in one. */
  outer?: JsonObject;
  definitions: Definitions;
  terminology: Terminology;
  /**
   * Adds a finding. `path` is whole, as in `${place.path}.item[0]`, or goes on from where the walk stands when it is empty or begins
   * with a dot. `code` is of http://hl7.org/fhir/issue-type.
   */
  report(severity: Finding['severity'], code: string, path: string, diagnostics: string): void;
  /** Counts steps of work that grows faster than the resource. Throws TooCostly, which ends the rule with a finding. */
  spend(steps: number): void;
};

/** More work than a check may take: no resource that anybody needs asks for it. */
export class TooCostly extends Error {}

/** What is asked of one resource type beyond its StructureDefinition; called for every resource of that type, however deep. */
export type ResourceRule = (resource: JsonObject, place: Place) => void;
