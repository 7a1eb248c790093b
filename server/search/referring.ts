// `_revinclude`: where to look for what refers to some resources. There is no index over all references, which would cost
// every write; a reference lies in the patient's own record nearly always, and there it is looked for first. Pure.

import { type Access, directoryTypes, patientOf, type Reach, reachOf } from '../access/access.ts';
import { leadsIntoCompartment } from '../fhir/compartments.ts';
import { patientCompartmentParameters, resourceTypes } from '../fhir/definitions.ts';
import { membership } from './extract.ts';
import { mark } from './hash.ts';
import { followed, type Include, mayPointTo } from './include.ts';
import { keyOf, nobody } from './keys.ts';
import type { Parameter } from './parameters.ts';

/** A resource that others may refer to. `owner` is the key of its patient; `url` is its canonical URL, where it has one. */
export type Target = { type: string; id: string; owner: string; url?: string };

/** One search for all that refers, as far as one kind of reach goes. */
export type Referring = {
  reach: Exclude<Reach, { kind: 'none' }>;
  /** A row refers to a target when it has one of these. */
  marks: string[];
  /** The patients in whose records to look, and the types to look at there. */
  owners: string[];
  types: string[];
  /** Entries of the population index to follow. */
  terms: string[];
  /** Types to read through from the newest, and how many rows at most: what the ways above may have missed. */
  walks: { type: string; most: number }[];
};

const mostMarks = 20_000;
const mostWalked = { owned: 1000, ownerless: 5000, altogether: 10_000, least: 50 };

/**
 * The searches for everything that refers to the targets by these reverse includes, as far as the caller may search.
 * `isCut`: the targets were too many, so what refers to the last of them is not looked for.
 */
export function referringTo(
  includes: readonly Include[],
  targets: readonly Target[],
  access: Access,
): { searches: Referring[]; isCut: boolean } {
  const links = linksTo(includes, new Set(targets.map(({ type }) => type)), access);
  const searches = new Map<string, Collected>();
  let marks = 0;
  let isCut = false;
  for (const target of targets) {
    const own = links.get(target.type) ?? [];
    marks += own.length;
    isCut = marks > mostMarks;
    if (isCut) break;
    for (const link of own) collect(searches, link, target);
  }
  return { searches: [...searches.values()].map(searchOf), isCut };
}

/** Resources of type `source` may refer by this parameter. */
type Link = { source: string; parameter: Parameter; reach: Exclude<Reach, { kind: 'none' }> };

function linksTo(includes: readonly Include[], types: ReadonlySet<string>, access: Access): Map<string, Link[]> {
  const links = new Map<string, Map<string, Link>>();
  for (const include of includes) {
    for (const source of include.source === undefined ? resourceTypes : [include.source]) {
      const reach = reachOf(access, 'search', source);
      if (reach.kind === 'none') continue;
      for (const parameter of followed(include, source)) {
        for (const type of types) {
          if ((include.target ?? type) !== type || !mayPointTo(parameter, type)) continue;
          const own = links.get(type) ?? new Map<string, Link>();
          links.set(type, own.set(`${source}.${parameter.code}`, { source, parameter, reach }));
        }
      }
    }
  }
  return new Map([...links].map(([type, own]) => [type, [...own.values()]]));
}

type Collected = {
  reach: Exclude<Reach, { kind: 'none' }>;
  marks: Set<string>;
  owners: Set<string>;
  types: Set<string>;
  terms: Set<string>;
  walks: Map<string, number>;
};

function collect(searches: Map<string, Collected>, { source, parameter, reach }: Link, target: Target): void {
  const name = reach.kind === 'narrowed' ? JSON.stringify([reach.parts, isByQuery(reach) ? source : '']) : reach.kind;
  const found = searches.get(name) ?? {
    reach,
    marks: new Set(),
    owners: new Set(),
    types: new Set(),
    terms: new Set(),
    walks: new Map(),
  };
  searches.set(name, found);
  const facts = [`${target.type}/${target.id}`, ...(target.url === undefined ? [] : [target.url])];
  const marks = facts.map((fact) => mark(`${source}.${parameter.code}>${fact}`));
  for (const one of marks) found.marks.add(one);
  if (patientCompartmentParameters(source).length > 0) found.types.add(source);
  const patient = patientOf(reach);
  if (patient !== undefined) withinPatient(found, patient, source, parameter, marks);
  else withinAll(found, source, parameter, marks, target);
}

/** A query is about one type. */
const isByQuery = (reach: Reach): boolean => reach.kind === 'narrowed' && reach.parts.some(({ query }) => query);

/** What one patient may see is in that patient's record, or a directory entry. */
function withinPatient(found: Collected, patient: string, source: string, parameter: Parameter, marks: string[]) {
  found.owners.add(keyOf('Patient', patient));
  found.terms.add(mark(membership(patient)));
  if (!directoryTypes.has(source)) return;
  if (parameter.population) for (const one of marks) found.terms.add(one);
  else found.walks.set(source, mostWalked.ownerless);
}

function withinAll(found: Collected, source: string, parameter: Parameter, marks: string[], target: Target): void {
  const isOwned = target.owner !== nobody;
  if (parameter.population) {
    for (const one of marks) found.terms.add(one);
    return;
  }
  if (isOwned) found.owners.add(target.owner);
  if (target.type === 'Patient') found.terms.add(mark(membership(target.id)));
  // What refers to a patient so is in that patient's compartment, all of it.
  if (target.type === 'Patient' && source !== 'Patient' && leadsIntoCompartment(source, parameter.code)) return;
  const most = isOwned ? mostWalked.owned : mostWalked.ownerless;
  found.walks.set(source, Math.max(found.walks.get(source) ?? 0, most));
}

function searchOf({ reach, marks, owners, types, terms, walks }: Collected): Referring {
  const share = Math.max(mostWalked.least, Math.floor(mostWalked.altogether / Math.max(walks.size, 1)));
  return {
    reach,
    marks: [...marks],
    owners: [...owners],
    types: [...types],
    terms: [...terms],
    walks: [...walks].map(([type, most]) => ({ type, most: Math.min(most, share) })),
  };
}
