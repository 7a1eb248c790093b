// The constraints of ElementDefinitions: FHIRPath compiled once, for values of one type, to a function that is asked of each value.
// https://hl7.org/fhir/R4/conformance-rules.html#constraints

import { parseFhirPath } from '../../fhir/fhirpath-syntax.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { compileTest, compileValues } from './compile-path.ts';
import { corrected } from './corrected.ts';
import type { Test } from './functions.ts';
import { type Nodes, nodeOf } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import { type Needed, Scope } from './scope.ts';

/**
 * Whether a value keeps the rule; undefined where that cannot be told: the expression is none that can be read, it asks what is not
 * known here, or does not fit these values.
 *
 * `value` is of the type that was compiled for, as parsed (a primitive's value, undefined where only its extensions are there;
 * `sibling` is then its `_name`). `resource` is what the value stands in (%resource), a contained one for its own elements;
 * `root` is what that one is contained in, or itself (%rootResource).
 */
export type Invariant = (
  value: unknown,
  resource: JsonObject,
  root?: JsonObject,
  sibling?: unknown,
  /** In place of what was given when it was compiled. */
  needed?: Needed,
) => boolean | undefined;

/**
 * The expression of a constraint for values of a FHIR type (`Patient`, `Patient.contact`, `Period`, `string`), compiled when it is
 * first asked. Never throws: what is no FHIRPath, or a function that nobody knows, makes an invariant that is always undefined. As
 * with HL7's validator the rule is broken also where the expression finds nothing.
 */
export function compileInvariant(expression: string, type: string, needed: Needed = {}): Invariant {
  let rule: Rule | undefined;
  return (value, resource, root = resource, sibling, given = needed) => {
    rule ??= ruleOf(expression);
    if (rule === 'unreadable') return undefined;
    const context = nodeOf(type, value, sibling);
    const own = value === resource ? context : nodeOf('Resource', resource);
    const scope = new Scope(context, own, root === resource ? own : nodeOf('Resource', root), given);
    try {
      return rule([context], scope) === true;
    } catch (error) {
      // A RangeError is of values nested too deep.
      if (error instanceof NotEvaluable || error instanceof RangeError) return undefined;
      throw error;
    }
  };
}

type Rule = Test | 'unreadable';

const rules = new Map<string, Rule>();
const mostRules = 10_000;

// The same rule stands in many definitions, and most of them are never asked.
function ruleOf(expression: string): Rule {
  const known = rules.get(expression);
  if (known !== undefined) return known;
  if (rules.size >= mostRules) rules.clear();
  const made = compiledRule(expression);
  rules.set(expression, made);
  return made;
}

function compiledRule(expression: string): Rule {
  try {
    return compileTest(parseFhirPath(corrected(expression)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return 'unreadable';
    throw error;
  }
}

/** The values that a FHIRPath finds in a value of a FHIR type. Throws SyntaxError when compiled, NotEvaluable when asked. */
export function compilePath(expression: string, needed: Needed = {}) {
  const values = compileValues(parseFhirPath(expression));
  return (type: string, value: unknown, resource?: JsonObject): Nodes => {
    const context = nodeOf(type, value);
    const own = resource === undefined ? undefined : nodeOf('Resource', resource);
    return values([context], new Scope(context, own, own, needed));
  };
}
