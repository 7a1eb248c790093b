// The codes that `:in`, `:not-in`, `:above` and `:below` mean, from the ValueSet and CodeSystem resources stored here, as the
// caller sees them, and from R4's own lists. FHIR R4, https://hl7.org/fhir/R4/search.html#token

import { listedCodeSystem, listedValueSet } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { tooCostly } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { type Concept, expand, related, sourcesOf } from '../fhir/value-set.ts';
import type { Codes } from '../search/asked.ts';

/** Where the resources are. */
export type Terminology = {
  byUrl(type: 'ValueSet' | 'CodeSystem', url: string): Promise<JsonObject[]>;
  byId(type: 'ValueSet' | 'CodeSystem', id: string): Promise<JsonObject | undefined>;
};

const mostSources = 100;

/** Throws OperationOutcomeError 422 that says what is missing, 403 for a caller who may not search those types. */
export async function conceptsOf(terminology: Terminology, among: Codes): Promise<Concept[]> {
  const found: Concept[] = [];
  if (among.relation === 'in') {
    for (const name of among.valueSets) found.push(...(await codesOf(terminology, name)));
    return found;
  }
  for (const one of among.concepts) {
    const codeSystem = await resourceOf(terminology, 'CodeSystem', one.system);
    found.push(...related(codeSystem, among.relation, one));
  }
  return found;
}

/** The codes of a value set: `ValueSet/id`, or its canonical URL with or without `|version`. */
async function codesOf(terminology: Terminology, name: string): Promise<Concept[]> {
  const valueSets = new Map<string, JsonObject>();
  const codeSystems = new Map<string, JsonObject>();
  const wanted = new Set([name]);
  const systems = new Set<string>();
  for (const next of wanted) {
    if (wanted.size + systems.size > mostSources)
      throw tooCostly(`A value set in a search draws on at most ${mostSources} others and code systems`);
    const valueSet = await resourceOf(terminology, 'ValueSet', next);
    if (!valueSet) continue;
    valueSets.set(next, valueSet);
    const needed = sourcesOf(valueSet);
    for (const one of needed.valueSets) wanted.add(one);
    for (const one of needed.codeSystems) systems.add(one);
  }
  for (const next of systems) {
    const codeSystem = await resourceOf(terminology, 'CodeSystem', next);
    if (codeSystem) codeSystems.set(next, codeSystem);
  }
  return expand(name, { valueSets, codeSystems });
}

async function resourceOf(
  terminology: Terminology,
  type: 'ValueSet' | 'CodeSystem',
  name: string,
): Promise<JsonObject | undefined> {
  const local = localReference(name);
  if (local) return local.type === type ? terminology.byId(type, local.id) : undefined;
  const [url = '', version] = name.split('|');
  const stored = await terminology.byUrl(type, url);
  const [first] = stored.filter((one) => version === undefined || one.version === version).sort(bestFirst);
  return first ?? (type === 'ValueSet' ? listedValueSet(url) : listedCodeSystem(url));
}

/** Of several versions the active one is meant, and the latest of those. */
function bestFirst(one: JsonObject, other: JsonObject): number {
  const isActive = ({ status }: JsonObject) => Number(status === 'active');
  const version = (of: JsonObject) => (typeof of.version === 'string' ? of.version : '');
  return isActive(other) - isActive(one) || version(other).localeCompare(version(one), 'en', { numeric: true });
}
