// The codes of a ValueSet resource: its expansion where it brings a complete one, else what its compose says, worked out from
// the ValueSet and CodeSystem resources it names. Whatever cannot be worked out is refused: half a value set is a wrong one.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import { above, below, type Hierarchy, hierarchyOf, objects } from './code-system.ts';
import { isObject, type JsonObject, numberText } from './json.ts';
import { cannotExpand, tooCostly } from './outcome.ts';

export type Concept = { system: string; code: string };

/** Resources by what a ValueSet calls them: a canonical URL, with `|version` where it says one. */
export type Sources = { valueSets: ReadonlyMap<string, JsonObject>; codeSystems: ReadonlyMap<string, JsonObject> };

const mostCodes = 10_000;

/**
 * The codes of the value set that `sources` has by this name, each once. Throws OperationOutcomeError 422 that says what is
 * missing, or that there are more than 10,000.
 */
export function expand(name: string, sources: Sources): Concept[] {
  return [...expanded({ sources, known: new Map(), open: new Set() }, name).values()];
}

/** What must be among the sources for this one: nothing where the codes stand in it. */
export function sourcesOf(valueSet: JsonObject): { valueSets: string[]; codeSystems: string[] } {
  if (readyCodes(valueSet)) return { valueSets: [], codeSystems: [] };
  const parts = partsOf(valueSet, 'include').concat(partsOf(valueSet, 'exclude'));
  return {
    valueSets: parts.flatMap(namedValueSets),
    codeSystems: parts.filter(needsCodeSystem).map(systemName),
  };
}

/** The concept and what is above or below it. Throws OperationOutcomeError 422 where the hierarchy is not all there. */
export function related(codeSystem: JsonObject | undefined, relation: 'above' | 'below', one: Concept): Concept[] {
  const { system, code } = one;
  const hierarchy = wholeOf(codeSystem, system);
  if (!hierarchy.has(code)) throw cannotExpand(`the CodeSystem ${system} has no concept "${code}"`);
  const codes = relation === 'above' ? above(hierarchy, code) : below(hierarchy, code);
  return bounded([...codes].map((found) => ({ system, code: found })));
}

type Codes = Map<string, Concept>;
type Expanding = { sources: Sources; known: Map<string, Codes>; open: Set<string> };

function expanded(expanding: Expanding, name: string): Codes {
  const { sources, known, open } = expanding;
  const found = known.get(name);
  if (found) return found;
  const valueSet = sources.valueSets.get(name);
  if (!valueSet) throw cannotExpand(`the ValueSet ${name} is not stored here`);
  if (open.has(name)) throw cannotExpand(`the ValueSet ${name} includes itself`);
  open.add(name);
  const codes = byName(readyCodes(valueSet) ?? composed(expanding, name, valueSet));
  open.delete(name);
  known.set(name, codes);
  return codes;
}

function composed(expanding: Expanding, name: string, valueSet: JsonObject): Concept[] {
  const includes = partsOf(valueSet, 'include');
  if (includes.length === 0) throw cannotExpand(`the ValueSet ${name} has neither a compose nor a complete expansion`);
  const found: Codes = new Map();
  for (const part of includes) {
    for (const [key, one] of partCodes(expanding, name, part)) found.set(key, one);
    bounded([...found.keys()]);
  }
  for (const part of partsOf(valueSet, 'exclude')) {
    for (const key of partCodes(expanding, name, part).keys()) found.delete(key);
  }
  return [...found.values()];
}

/** "All the conditions": what is in the system, fits every filter and is in every value set. */
function partCodes(expanding: Expanding, name: string, part: JsonObject): Codes {
  const { system } = part;
  const [first, ...others] = namedValueSets(part).map((one) => expanded(expanding, one));
  if (typeof system !== 'string') {
    if (!first) throw cannotExpand(`an include of the ValueSet ${name} names neither a system nor a value set`);
    return inAll(first, others);
  }
  if (isListed(part)) return inAll(byName(listedCodes(part, system)), first ? [first, ...others] : []);
  if (!needsCodeSystem(part) && first)
    return new Map([...inAll(first, others)].filter(([, one]) => one.system === system));
  const hierarchy = wholeOf(expanding.sources.codeSystems.get(systemName(part)), systemName(part));
  let codes = [...hierarchy.keys()];
  for (const filter of objects(part.filter)) codes = codes.filter(filterTest(hierarchy, filter, system));
  return inAll(byName(bounded(codes.map((code) => ({ system, code })))), first ? [first, ...others] : []);
}

const inAll = (first: Codes, others: readonly Codes[]): Codes =>
  new Map([...first].filter(([key]) => others.every((codes) => codes.has(key))));

function filterTest(hierarchy: Hierarchy, filter: JsonObject, system: string): (code: string) => boolean {
  const [property, op, value] = [filter.property, filter.op, filter.value].map((text) =>
    typeof text === 'string' ? text : '',
  ) as [string, string, string];
  const values = (code: string): string[] => {
    const placed = hierarchy.get(code);
    if (property === 'code' || property === 'concept') return [code];
    if (property === 'parent') return [...(placed?.parents ?? [])];
    if (property === 'child') return [...(placed?.children ?? [])];
    return placed?.properties.get(property) ?? [];
  };
  const listed = new Set(value.split(',').map((text) => text.trim()));
  const known = (): void => {
    if (!['code', 'concept', 'parent', 'child'].includes(property) && ![...hierarchy.keys()].some((c) => values(c)[0]))
      throw cannotExpand(`no concept of the CodeSystem ${system} has the property "${property}"`);
  };
  const from = (way: typeof above): Set<string> => {
    if (!hierarchy.has(value)) throw cannotExpand(`the CodeSystem ${system} has no concept "${value}"`);
    return way(hierarchy, value);
  };
  switch (op) {
    case 'is-a': {
      const found = from(below);
      return (code) => found.has(code);
    }
    case 'descendent-of': {
      const found = from(below);
      return (code) => code !== value && found.has(code);
    }
    case 'is-not-a': {
      const found = from(below);
      return (code) => !found.has(code);
    }
    case 'generalizes': {
      const found = from(above);
      return (code) => found.has(code);
    }
    case '=':
      known();
      return (code) => values(code).includes(value);
    case 'in':
      known();
      return (code) => values(code).some((one) => listed.has(one));
    case 'not-in':
      known();
      return (code) => !values(code).some((one) => listed.has(one));
    case 'exists':
      return (code) => values(code).length > 0 === (value === 'true');
    default:
      throw cannotExpand(
        `the filter "${op}" on ${system}. Known: is-a, descendent-of, is-not-a, generalizes, =, in, not-in, exists`,
      );
  }
}

/** Throws for a CodeSystem that is not stored or not complete. */
function wholeOf(codeSystem: JsonObject | undefined, name: string): Hierarchy {
  if (!codeSystem) throw cannotExpand(`the CodeSystem ${name} is not stored here`);
  if (codeSystem.content !== 'complete')
    throw cannotExpand(`the CodeSystem ${name} is stored here with content "${codeSystem.content}", not "complete"`);
  return hierarchyOf(codeSystem);
}

const unclosed = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';
const toocostly = 'http://hl7.org/fhir/StructureDefinition/valueset-toocostly';

/** The codes of an expansion that is there and whole; undefined for any other. */
function readyCodes({ expansion }: JsonObject): Concept[] | undefined {
  if (!isObject(expansion)) return undefined;
  const isCut = objects(expansion.extension).some(({ url }) => url === unclosed || url === toocostly);
  if (isCut || Number(numberText(expansion.offset) ?? 0) > 0) return undefined;
  const found: Concept[] = [];
  let entries = 0;
  const open = [expansion.contains];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { system, code, abstract, contains } of objects(next)) {
      entries += 1;
      open.push(contains ?? []);
      if (typeof code !== 'string' || abstract === true) continue;
      // A code without its system may mean anything.
      if (typeof system !== 'string') return undefined;
      found.push({ system, code });
    }
  }
  return Number(numberText(expansion.total) ?? 0) > entries ? undefined : bounded(found);
}

const partsOf = ({ compose }: JsonObject, name: 'include' | 'exclude'): JsonObject[] =>
  isObject(compose) ? objects(compose[name]) : [];

const namedValueSets = ({ valueSet }: JsonObject): string[] =>
  Array.isArray(valueSet) ? valueSet.filter((one) => typeof one === 'string') : [];

const isListed = ({ concept }: JsonObject): boolean => objects(concept).length > 0;

const needsCodeSystem = (part: JsonObject): boolean =>
  typeof part.system === 'string' &&
  !isListed(part) &&
  (objects(part.filter).length > 0 || namedValueSets(part).length === 0);

const systemName = ({ system, version }: JsonObject): string =>
  typeof version === 'string' ? `${system}|${version}` : String(system);

const listedCodes = ({ concept }: JsonObject, system: string): Concept[] =>
  objects(concept).flatMap(({ code }) => (typeof code === 'string' ? [{ system, code }] : []));

const byName = (concepts: readonly Concept[]): Codes =>
  new Map(concepts.map((one) => [`${one.system}|${one.code}`, one]));

function bounded<T>(codes: T[]): T[] {
  if (codes.length > mostCodes) throw tooCostly(`A value set in a search has at most ${mostCodes} codes`);
  return codes;
}
