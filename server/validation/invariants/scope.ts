// What an evaluation of a FHIRPath has at hand beside the values it walks over.

import type { JsonObject } from '../../fhir/json.ts';
import type { Node, Nodes } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';

/** What an expression may ask of its surroundings. What is not given, or answers undefined, cannot be evaluated. */
export type Needed = {
  /** Whether a value (Coding, CodeableConcept, code, …) is in a value set. */
  memberOf?: (valueSet: string, value: unknown, type: string) => boolean | undefined;
  /** Whether a value conforms to a profile. */
  conformsTo?: (profile: string, value: unknown, type: string) => boolean | undefined;
  /** The resource that a literal reference names; undefined where it is not at hand, which leaves it out of the result. */
  resolve?: (reference: string, root: JsonObject | undefined) => JsonObject | undefined;
  /** Whether the text of a narrative is XHTML that FHIR allows. */
  htmlChecks?: (xhtml: string) => boolean | undefined;
  /** The instant it is, as in `2026-04-01T09:00:00.000+09:00`. */
  now?: () => string;
};

const mostSteps = 2_000_000;

/** One evaluation. */
export class Scope {
  /** %context, %resource and %rootResource. */
  readonly context: Node;
  readonly resource: Node | undefined;
  readonly root: Node | undefined;
  readonly needed: Needed;
  /** $index and $total of the innermost function that has them. */
  index = 0;
  total: Nodes = [];
  #steps = 0;

  constructor(context: Node, resource: Node | undefined, root: Node | undefined, needed: Needed) {
    this.context = context;
    this.resource = resource;
    this.root = root;
    this.needed = needed;
  }

  /** To be called for every value that is walked over. Throws NotEvaluable when these are too many. */
  step(): void {
    if (++this.#steps > mostSteps) throw new NotEvaluable('it walks over too many values');
  }
}
