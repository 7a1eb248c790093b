// Canonical resources (StructureDefinition, ValueSet, CodeSystem, ConceptMap, …) by their url: what validation, terminology and
// documentation work from. FHIR R4, https://hl7.org/fhir/R4/references.html#canonical

import type { JsonObject } from '../fhir/json.ts';

export type Definitions = {
  /**
   * A definition by `url` or `url|version`: of several versions the newest, and also where the version that is asked for is not
   * here. Always the same object for the same definition, so that what is compiled from it can be kept by it. Undefined when
   * there is none of that type and url.
   */
  find(resourceType: string, canonical: string): JsonObject | undefined;
  /** The urls of all definitions of a type, in no order. */
  urls(resourceType: string): Iterable<string>;
};

/** Definitions at hand: resources with a url; of several with the same one the last counts. */
export function definitionsOf(resources: readonly JsonObject[]): Definitions {
  const byUrl = new Map(resources.map((one) => [`${one.resourceType} ${one.url}`, one]));
  const byVersion = new Map(resources.map((one) => [`${one.resourceType} ${one.url}|${one.version}`, one]));
  return {
    find: (type, canonical) => byVersion.get(`${type} ${canonical}`) ?? byUrl.get(`${type} ${urlOf(canonical)}`),
    urls: (type) => resources.filter(({ resourceType }) => resourceType === type).map(({ url }) => String(url)),
  };
}

/** What `first` has, and else what `under` has. A version that is asked for and stands below goes before another above it. */
export function layered(first: Definitions, under: Definitions): Definitions {
  return {
    find(type, canonical) {
      const found = first.find(type, canonical);
      if (found === undefined || isOfVersion(found, canonical)) return found ?? under.find(type, canonical);
      const below = under.find(type, canonical);
      return below !== undefined && isOfVersion(below, canonical) ? below : found;
    },
    urls: (type) => new Set([...first.urls(type), ...under.urls(type)]),
  };
}

/**
 * Whether a canonical names a definition by its url, or by that and its version. A version that is not here means the newest too,
 * so what is remembered under the names that were asked for would have no end.
 */
export function isOwnName(canonical: string, { url, version }: JsonObject): boolean {
  return canonical === url || canonical === `${url}|${version}`;
}

/** The type that a profile is of; undefined where there is no such StructureDefinition. */
export function typeOfProfile(definitions: Definitions, canonical: string): string | undefined {
  const type = definitions.find('StructureDefinition', canonical)?.type;
  return typeof type === 'string' ? type : undefined;
}

/** A canonical without its version and fragment. */
export function urlOf(canonical: string): string {
  const end = canonical.search(/[|#]/);
  return end < 0 ? canonical : canonical.slice(0, end);
}

/** The version that a canonical names. */
export function versionOf(canonical: string): string | undefined {
  return canonical.includes('|') ? /\|([^#]*)/s.exec(canonical)?.[1] : undefined;
}

const isOfVersion = ({ version }: JsonObject, canonical: string): boolean => {
  const asked = versionOf(canonical);
  return asked === undefined || asked === version;
};
