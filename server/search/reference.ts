// Search parameters of type reference, and canonical ones. FHIR R4 search, section reference.

import { leadsIntoCompartment } from '../fhir/compartments.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { isObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { localReference } from '../fhir/references.ts';
import { type Asked, type FactTest, type Filter, unescaped, unknownModifier } from './asked.ts';
import { mark } from './hash.ts';
import { isServerMade } from './keys.ts';
import type { Parameter } from './parameter.ts';
import { marksOnce } from './remembered.ts';
import { marksOf, noteAll, type Sheet } from './sheet.ts';
import { askedToken, tokenFacts } from './token.ts';

export function indexReferences(sheet: Sheet, parameter: Parameter, values: readonly TypedValue[]): void {
  for (const one of values) {
    const make = () => marksOf(sheet.type, parameter.code, referenceFacts(one), parameter.population);
    const { value } = one;
    const isPlain = isObject(value) && value.identifier === undefined && typeof value.reference === 'string';
    noteAll(sheet, isPlain ? marksOnce(parameter, 'reference', value.reference as string, make) : make());
  }
}

/** What a reference leaves to be found by: `>Type/id`, `>url` (canonicals with and without version), `>:` and the facts
 * of its identifier as a token. */
export function referenceFacts({ value }: TypedValue): string[] {
  if (typeof value === 'string') return urlFacts(value);
  if (!isObject(value)) return [];
  const facts = typeof value.reference === 'string' ? urlFacts(value.reference) : [];
  if (isObject(value.identifier)) {
    const { system, value: number } = value.identifier;
    const token = {
      ...(typeof system === 'string' ? { system } : {}),
      ...(typeof number === 'string' ? { code: number } : {}),
    };
    facts.push(...tokenFacts(token).map((fact) => `>:${fact}`));
  }
  return facts;
}

/** The facts that a search value may mean; more than one when only an id is given and several types are allowed. */
export function askedReferences(text: string, targets: readonly string[], base: string): string[] {
  const local = localReference(text, base);
  if (local) return [`>${local.type}/${local.id}`];
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(text)) return targets.map((type) => `>${type}/${text}`);
  return [`>${text}`];
}

export function referenceFilter(asked: Asked): Filter {
  const { type, name, modifier, parameter, values, options } = asked;
  const { code, targets } = parameter;
  if (modifier === 'identifier')
    return askedMarks(
      asked,
      values.map((text) => `>:${askedToken(text).fact}`),
    );
  const mayPointTo = targets.length > 0 ? targets.includes(modifier ?? '') : resourceTypes.has(modifier ?? '');
  if (modifier !== undefined && !mayPointTo) throw unknownModifier(name, [...targets, 'identifier', 'missing']);
  const facts = values.flatMap((text) =>
    askedReferences(unescaped(text), modifier ? [modifier] : targets, options.base),
  );
  if (facts.length === 0) throw anyType(name);
  const filter = askedMarks(asked, facts);
  const patients = facts.map((fact) => /^>Patient\/(.+)$/.exec(fact)?.[1]).filter((id) => id !== undefined);
  // A Patient is in its own compartment only, whatever it links to (see fhir/compartments.ts).
  const isWayIn = type !== 'Patient' && leadsIntoCompartment(type, code) && patients.length > 0;
  // An id alone may mean other types as well (subject=123): then only the one that can lead into a compartment is walked,
  // and the row check still takes all of them, so the walk would lose the others.
  const onlyPatients = isWayIn && patients.length === facts.length;
  if (onlyPatients) return { ...filter, patients };
  const [id = ''] = values;
  return isWayIn && values.length === 1 && isServerMade(id) ? { ...filter, bareId: { parameter, id } } : filter;
}

/** Inside a composite: one of the facts that `referenceFacts` gives. */
export function referenceTest(text: string, { name, parameter, options }: Asked, part: number): FactTest {
  const facts = askedReferences(unescaped(text), parameter.targets, options.base);
  if (facts.length === 0) throw anyType(name);
  return {
    test: facts.map((_, n) => `@ == $reference${part}_${n}`).join(' || '),
    values: Object.fromEntries(facts.map((fact, n) => [`reference${part}_${n}`, fact])),
  };
}

const anyType = (name: string) => badRequest(`${name} may refer to any type: give it as Type/id`, 'value', [name]);

function askedMarks({ type, parameter }: Asked, facts: readonly string[]): Extract<Filter, { kind: 'marks' }> {
  const marks = facts.map((fact) => mark(`${type}.${parameter.code}${fact}`));
  return { kind: 'marks', marks, negated: false, ...(parameter.population ? { terms: marks } : {}) };
}

function urlFacts(url: string): string[] {
  const local = localReference(url);
  if (local) return [`>${local.type}/${local.id}`];
  if (url.startsWith('#')) return [];
  const bar = url.indexOf('|');
  return bar > 0 ? [`>${url}`, `>${url.slice(0, bar)}`] : [`>${url}`];
}
