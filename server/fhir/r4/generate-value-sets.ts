// Value sets that can be listed from the code systems of the package, for required bindings of `code` elements.

type Concept = { code: string; concept?: Concept[] };
type Include = {
  system?: string;
  valueSet?: string[];
  concept?: Concept[];
  filter?: { property: string; op: string; value: string }[];
};

export type CodeSystem = { url: string; content: string; concept?: Concept[] };
export type ValueSet = { url: string; compose?: { include: Include[]; exclude?: Include[] } };

const MAX_CODES = 60;
const VALUE_SET = 'http://hl7.org/fhir/ValueSet/';

/** Codes by the last part of the value set's url; sets that cannot be listed, or have more than 60 codes, are absent. */
export function codeLists(valueSets: ValueSet[], codeSystems: CodeSystem[]): Map<string, string[]> {
  const systems = new Map(codeSystems.map((system) => [system.url, system]));
  const byUrl = new Map(valueSets.map((valueSet) => [valueSet.url, valueSet]));
  const lists = new Map<string, string[]>();
  for (const { url } of valueSets) {
    if (!url.startsWith(VALUE_SET)) continue;
    const codes = codesOf(url, byUrl, systems);
    if (codes && codes.size > 0 && codes.size <= MAX_CODES) lists.set(url.slice(VALUE_SET.length), [...codes]);
  }
  return lists;
}

/**
 * The code systems a value set draws from, by the last part of its url: nearly always one. That system is what a search means
 * by the system of a `code` element, which has none of its own. Value sets whose systems are not all named are absent.
 */
export function systemLists(valueSets: ValueSet[]): Map<string, string[]> {
  const byUrl = new Map(valueSets.map((valueSet) => [valueSet.url, valueSet]));
  const lists = new Map<string, string[]>();
  for (const { url } of valueSets) {
    if (!url.startsWith(VALUE_SET)) continue;
    const systems = systemsOf(url, byUrl);
    if (systems && systems.size > 0) lists.set(url.slice(VALUE_SET.length), [...systems]);
  }
  return lists;
}

function systemsOf(url: string, byUrl: Map<string, ValueSet>): Set<string> | undefined {
  const compose = byUrl.get(url.replace(/\|.*$/, ''))?.compose;
  if (!compose) return undefined;
  const systems = new Set<string>();
  for (const { system, valueSet } of compose.include) {
    if (system) systems.add(system);
    for (const included of valueSet ?? []) {
      const found = systemsOf(included, byUrl);
      if (!found) return undefined;
      for (const one of found) systems.add(one);
    }
  }
  return systems;
}

function codesOf(url: string, byUrl: Map<string, ValueSet>, systems: Map<string, CodeSystem>): Set<string> | undefined {
  const compose = byUrl.get(url.replace(/\|.*$/, ''))?.compose;
  if (!compose) return undefined;
  const codes = new Set<string>();
  for (const include of compose.include) {
    const included = includedCodes(include, byUrl, systems);
    if (!included) return undefined;
    for (const code of included) codes.add(code);
  }
  for (const exclude of compose.exclude ?? []) {
    const excluded = includedCodes(exclude, byUrl, systems);
    if (!excluded) return undefined;
    for (const code of excluded) codes.delete(code);
  }
  return codes;
}

function includedCodes(
  { system, valueSet, concept, filter }: Include,
  byUrl: Map<string, ValueSet>,
  systems: Map<string, CodeSystem>,
): Iterable<string> | undefined {
  if (valueSet) {
    const only = valueSet.length === 1 && !system ? valueSet[0] : undefined;
    return only ? codesOf(only, byUrl, systems) : undefined;
  }
  if (concept) return concept.map(({ code }) => code);
  const defined = systems.get(system ?? '');
  if (!defined?.concept || defined.content !== 'complete') return undefined;
  if (!filter) return flatten(defined.concept);
  const [only] = filter;
  if (filter.length !== 1 || only?.property !== 'concept' || only.op !== 'is-a') return undefined;
  const root = find(defined.concept, only.value);
  return root ? flatten([root]) : undefined;
}

function flatten(concepts: Concept[]): string[] {
  return concepts.flatMap(({ code, concept }) => [code, ...flatten(concept ?? [])]);
}

function find(concepts: Concept[], code: string): Concept | undefined {
  for (const concept of concepts) {
    const found = concept.code === code ? concept : find(concept.concept ?? [], code);
    if (found) return found;
  }
  return undefined;
}
