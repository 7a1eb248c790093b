// What a code system says of one code, and what two codes are to each other.
// FHIR R4, https://hl7.org/fhir/R4/codesystem-operation-lookup.html, https://hl7.org/fhir/R4/codesystem-operation-subsumes.html

import { isObject, type JsonObject } from '../fhir/json.ts';
import { above, type CodeIndex, isAbstract, isInactive, objects, type Placed, propertyText } from './code-index.ts';
import { displayIn } from './words.ts';

type Parameter = { name: string; [value: string]: unknown };

/** The parameters of the answer. `properties`: those that were asked for; none: all. */
export function lookedUp(
  index: CodeIndex,
  placed: Placed,
  { properties, language }: { properties: readonly string[]; language: string | undefined },
): Parameter[] {
  const { source } = index;
  const display = displayIn(
    { ...(typeof placed.source.display === 'string' && { display: placed.source.display }), placed },
    language,
  );
  const isWanted = (name: string) => properties.length === 0 || properties.includes(name) || properties.includes('*');
  return [
    { name: 'name', valueString: firstText(source.title, source.name, index.system) },
    ...(index.version === undefined ? [] : [{ name: 'version', valueString: index.version }]),
    { name: 'display', valueString: display ?? placed.code },
    ...(isWanted('designation') ? objects(placed.source.designation).map(designation) : []),
    ...propertiesOf(index, placed)
      .filter((one) => isWanted(one.code))
      .map(propertyParameter),
  ];
}

export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

/** What the first concept is to the second. */
export function subsumption(index: CodeIndex, first: string, second: string): Subsumption {
  if (first === second) return 'equivalent';
  const isUnder = above(index, second).has(first);
  const isOver = above(index, first).has(second);
  // In a circle each stands below the other.
  if (isUnder && isOver) return 'equivalent';
  if (isUnder) return 'subsumes';
  return isOver ? 'subsumed-by' : 'not-subsumed';
}

type Property = { code: string; value: JsonObject; description?: string };

/** What is derived from the hierarchy, and what the concept says itself. */
function propertiesOf(index: CodeIndex, { source, parents, children, ...placed }: Placed): Property[] {
  const own = objects(source.property).filter(({ code }) => typeof code === 'string');
  const names = new Set(own.map(({ code }) => code));
  const whole = { source, parents, children, ...placed };
  // What the hierarchy says already; a parent that is no concept here is told as it is written.
  const isTold = (one: JsonObject) => {
    const of = one.code === 'parent' ? parents : one.code === 'child' ? children : [];
    return of.includes(propertyText(one) ?? '');
  };
  return [
    ...(typeof source.definition === 'string'
      ? [{ code: 'definition', value: { valueString: source.definition } }]
      : []),
    { code: 'inactive', value: { valueBoolean: isInactive(whole) } },
    ...(isAbstract(whole) && !names.has('notSelectable')
      ? [{ code: 'notSelectable', value: { valueBoolean: true } }]
      : []),
    ...parents.map((code) => ({ code: 'parent', value: { valueCode: code }, ...described(index, code) })),
    ...children.map((code) => ({ code: 'child', value: { valueCode: code }, ...described(index, code) })),
    ...own
      .filter((one) => one.code !== 'inactive' && !isTold(one))
      .map((one) => ({
        code: String(one.code),
        value: Object.fromEntries(Object.entries(one).filter(([name]) => name.startsWith('value'))),
      })),
  ];
}

const described = ({ concepts }: CodeIndex, code: string): { description?: string } => {
  const display = concepts.get(code)?.source.display;
  return typeof display === 'string' ? { description: display } : {};
};

const propertyParameter = ({ code, value, description }: Property): Parameter => ({
  name: 'property',
  part: [
    { name: 'code', valueCode: code },
    ...(Object.keys(value).length > 0 ? [{ name: 'value', ...value }] : []),
    ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
  ],
});

const designation = ({ language, use, value }: JsonObject): Parameter => ({
  name: 'designation',
  part: [
    ...(typeof language === 'string' ? [{ name: 'language', valueCode: language }] : []),
    ...(isObject(use) ? [{ name: 'use', valueCoding: use }] : []),
    { name: 'value', valueString: value },
  ],
});

const firstText = (...texts: unknown[]): string => texts.find((one) => typeof one === 'string' && one !== '') as string;
