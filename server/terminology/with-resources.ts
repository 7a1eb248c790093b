// A Terminology that answers from resources stored beside the definitions (or sent along): those go first. Value sets name others
// and code systems, so what is needed is found step by step, each step asked of the store at once.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import { type Definitions, urlOf, versionOf } from '../definitions/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { tooCostly } from '../fhir/outcome.ts';
import { objects } from './code-index.ts';
import { type CompiledTerminology, createTerminology } from './create-terminology.ts';
import type { InForce } from './in-force.ts';

export type DefinitionType = 'ValueSet' | 'CodeSystem' | 'ConceptMap';
/** `name`: a canonical, with `|version` where one is meant. */
export type Wanted = { type: DefinitionType; name: string };

/** Every stored resource with one of these urls that may be seen, of all versions. */
export type FindStored = (type: DefinitionType, urls: readonly string[]) => Promise<readonly JsonObject[]>;

const mostSources = 1000;

/**
 * Answers about `wanted` and about `given`, resources that are at hand, with everything they draw on, until `isOver`. Throws OperationOutcomeError 422
 * where that is more than 1,000 resources.
 */
export async function withResources(
  { definitions, terminology }: InForce,
  find: FindStored,
  wanted: readonly Wanted[],
  given: readonly JsonObject[] = [],
  isOver: () => boolean = () => false,
): Promise<{ definitions: Definitions; terminology: CompiledTerminology }> {
  const resources = new Map<string, JsonObject>();
  const asked = new Set<string>();
  let next = [...wanted, ...given.flatMap(namedIn)];
  while (next.length > 0) {
    const fresh = distinct(next).filter((one) => !asked.has(keyOf(one)));
    for (const one of fresh) asked.add(keyOf(one));
    if (asked.size > mostSources)
      throw tooCostly(`A value set draws on at most ${mostSources} others and code systems here`);
    const stored = await storedOf(find, fresh, given);
    for (const [key, resource] of stored) resources.set(key, resource);
    next = fresh
      .filter(({ type }) => type === 'ValueSet')
      .flatMap((one) => namedIn(stored.get(keyOf(one)) ?? definitions.find(one.type, one.name) ?? {}));
  }
  if (resources.size === 0 && given.length === 0) return { definitions, terminology };
  const over: Definitions = {
    find: (type, canonical) => resources.get(`${type} ${canonical}`) ?? definitions.find(type, canonical),
    urls: (type) => new Set([...urlsOf(resources, type), ...definitions.urls(type)]),
  };
  return { definitions: over, terminology: createTerminology(over, { isOver }) };
}

/** What a ValueSet draws on. A code system is also asked for without its version, which is what an expansion calls it by. */
export function namedIn({ resourceType, compose, expansion }: JsonObject): Wanted[] {
  if (resourceType !== 'ValueSet') return [];
  const parts = isObject(compose) ? [...objects(compose.include), ...objects(compose.exclude)] : [];
  const expanded = isObject(expansion) ? new Set(objects(expansion.contains).map(({ system }) => system)) : [];
  return [
    ...parts.flatMap(({ system, version, valueSet }): Wanted[] => [
      ...systemNames(system, version),
      ...(Array.isArray(valueSet) ? valueSet : []).filter(isText).map((name): Wanted => ({ type: 'ValueSet', name })),
    ]),
    ...[...expanded].flatMap((system) => systemNames(system, undefined)),
  ];
}

/** Of several versions the active one is meant, and the latest of those. */
export function bestFirst(one: JsonObject, other: JsonObject): number {
  const isActive = ({ status }: JsonObject) => Number(status === 'active');
  const version = (of: JsonObject) => (typeof of.version === 'string' ? of.version : '');
  return isActive(other) - isActive(one) || version(other).localeCompare(version(one), 'en', { numeric: true });
}

const isText = (one: unknown): one is string => typeof one === 'string';

function systemNames(system: unknown, version: unknown): Wanted[] {
  if (!isText(system)) return [];
  const plain: Wanted = { type: 'CodeSystem', name: system };
  return isText(version) ? [{ type: 'CodeSystem', name: `${system}|${version}` }, plain] : [plain];
}

async function storedOf(
  find: FindStored,
  wanted: readonly Wanted[],
  given: readonly JsonObject[],
): Promise<Map<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  for (const type of ['ValueSet', 'CodeSystem', 'ConceptMap'] as const) {
    const names = wanted.filter((one) => one.type === type).map(({ name }) => name);
    if (names.length === 0) continue;
    const sent = given.filter(({ resourceType }) => resourceType === type);
    const stored = [...(await find(type, [...new Set(names.map(urlOf))]))].sort(bestFirst);
    for (const name of names) {
      const version = versionOf(name);
      const fits = (one: JsonObject) => one.url === urlOf(name) && (version === undefined || one.version === version);
      const best = sent.find(fits) ?? stored.find(fits);
      if (best) found.set(`${type} ${name}`, best);
    }
  }
  return found;
}

const keyOf = ({ type, name }: Wanted): string => `${type} ${name}`;
const distinct = (wanted: readonly Wanted[]): Wanted[] => [...new Map(wanted.map((one) => [keyOf(one), one])).values()];

function* urlsOf(resources: ReadonlyMap<string, JsonObject>, type: string): Generator<string> {
  for (const { resourceType, url } of resources.values()) if (resourceType === type && isText(url)) yield url;
}
