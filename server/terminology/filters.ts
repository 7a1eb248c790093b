// The filters of ValueSet.compose.include over a code system that is all here.
// FHIR R4, https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.filter

import { createContext, Script } from 'node:vm';
import type { JsonObject } from '../fhir/json.ts';
import { above, below, type CodeIndex, type Placed, valuesOf } from './code-index.ts';

/** The codes that fit every filter; a sentence where one of them cannot be answered. */
export function filteredCodes(index: CodeIndex, filters: readonly JsonObject[]): ReadonlySet<string> | string {
  let codes: Placed[] = [...index.concepts.values()];
  for (const filter of filters) {
    const test = filterTest(index, filter);
    if (typeof test === 'string') return test;
    codes = codes.filter(test);
  }
  return new Set(codes.map(({ code }) => code));
}

type Test = (one: Placed) => boolean;
const known = 'is-a, descendent-of, is-not-a, generalizes, =, in, not-in, regex, exists';
const structural: ReadonlySet<string> = new Set(['code', 'concept', 'parent', 'child', 'display']);

function filterTest(index: CodeIndex, filter: JsonObject): Test | string {
  const [property = '', op = '', value = ''] = [filter.property, filter.op, filter.value].map((text) =>
    typeof text === 'string' ? text : '',
  );
  const { system, concepts } = index;
  switch (op) {
    case 'is-a':
    case 'descendent-of':
    case 'is-not-a':
    case 'generalizes': {
      const start = index.find(value)?.code;
      if (start === undefined) return `the CodeSystem ${system} has no concept "${value}"`;
      const found = op === 'generalizes' ? above(index, start) : below(index, start);
      if (op === 'descendent-of') found.delete(start);
      return op === 'is-not-a' ? ({ code }) => !found.has(code) : ({ code }) => found.has(code);
    }
    case '=':
    case 'in':
    case 'not-in': {
      if (!hasProperty(index, property)) return `no concept of the CodeSystem ${system} has the property "${property}"`;
      const listed = new Set(op === '=' ? [value] : value.split(',').map((text) => text.trim()));
      return op === 'not-in'
        ? (one) => !valuesOf(one, property).some((text) => listed.has(text))
        : (one) => valuesOf(one, property).some((text) => listed.has(text));
    }
    case 'exists':
      return (one) => valuesOf(one, property).length > 0 === (value === 'true');
    case 'regex': {
      const texts = new Set([...concepts.values()].flatMap((one) => valuesOf(one, property)));
      const matching = matchingTexts(value, [...texts]);
      if (typeof matching === 'string') return `the regex of a filter on ${system} ${matching}`;
      return (one) => valuesOf(one, property).some((text) => matching.has(text));
    }
    default:
      return `the filter "${op}" on ${system}. Known: ${known}`;
  }
}

/** Named by a concept, or announced by the CodeSystem: then no concept need have it. */
const hasProperty = ({ concepts, source }: CodeIndex, property: string): boolean =>
  structural.has(property) ||
  (Array.isArray(source.property) && source.property.some((one: JsonObject) => one?.code === property)) ||
  [...concepts.values()].some((one) => valuesOf(one, property).length > 0);

const regexMs = 200;

/** The texts that a regular expression matches whole. It may come from anybody: the clock of node:vm ends one that does not end. */
function matchingTexts(pattern: string, texts: readonly string[]): ReadonlySet<string> | string {
  try {
    const inside = createContext({ pattern, texts });
    const found: unknown = matching.runInContext(inside, { timeout: regexMs });
    return new Set(
      String(found)
        .split('\n')
        .filter(Boolean)
        .map((n) => texts[Number(n)] ?? ''),
    );
  } catch (error) {
    const isLate = (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return isLate ? `takes longer than ${regexMs} ms` : 'cannot be read';
  }
}

const matching = new Script(
  "const whole = new RegExp('^(?:' + pattern + ')$', 'u'); texts.flatMap((text, n) => whole.test(text) ? [n] : []).join('\\n')",
);
