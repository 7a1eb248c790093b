// The definitions of the npm packages, gathered for the pack: FHIR R4 (hl7.fhir.r4.examples, equal to the core package but for
// narrative), HL7 Terminology, the extensions pack and the International Patient Summary. All are CC0.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { trimmed } from './trim.ts';

/** Later ones are newer: of two definitions with one url and version the later is kept. */
const PACKAGES = [
  'hl7.fhir.r4.examples',
  'hl7.fhir.uv.extensions.r4',
  'hl7.terminology.r4',
  'hl7.fhir.uv.ips',
] as const;
const TYPES = [
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'OperationDefinition',
  'SearchParameter',
  'Questionnaire',
];
/** Where HL7 publishes; the examples package also holds definitions of nobody's. */
const PUBLISHED = /^(?:https?:\/\/(?:hl7\.org\/fhir|terminology\.hl7\.org)\/|urn:)/;

/** Always the same for the same packages: by type, url and version, the newest version of a url last. */
export function shippedResources(): JsonObject[] {
  const found = new Map<string, JsonObject>();
  for (const name of PACKAGES) {
    const isCore = name === 'hl7.fhir.r4.examples';
    for (const one of resourcesOf(name)) if (isPublished(one, isCore)) found.set(nameOf(one), one);
  }
  const expansions = new Map(resourcesOf('hl7.fhir.r4.expansions').map((one) => [String(one.url), one]));
  const kept = superseded([...found.values()]);
  const complete = new Set(kept.filter(isComplete).map(({ url }) => url));
  return kept.sort(byNameAndVersion).map((one) => withExpansion(trimmed(one), expansions, complete));
}

function resourcesOf(packageName: string): JsonObject[] {
  const folder = dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  return readdirSync(folder)
    .filter((file) => TYPES.some((type) => file.startsWith(`${type}-`)) && file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonObject);
}

/** Of the core package what has its version, and the tables of HL7 version 2 and 3, which have versions of their own. */
function isPublished({ url, version, resourceType }: JsonObject, isCore: boolean): boolean {
  if (typeof url !== 'string' || !PUBLISHED.test(url)) return false;
  if (!isCore) return true;
  if (resourceType === 'Questionnaire') return false;
  return version === '4.0.1' || url.startsWith('http://terminology.hl7.org/') || url.startsWith('urn:');
}

/** HL7 Terminology took over the tables of the core package, under the same urls. */
function superseded(all: JsonObject[]): JsonObject[] {
  const newest = new Map<string, JsonObject>();
  for (const one of all) newest.set(`${one.resourceType} ${one.url}`, one);
  return all.filter(
    (one) =>
      newest.get(`${one.resourceType} ${one.url}`) === one ||
      !String(one.url).startsWith('http://terminology.hl7.org/'),
  );
}

const isComplete = ({ resourceType, content }: JsonObject): boolean =>
  resourceType === 'CodeSystem' && content === 'complete';

/** A value set of codes that no complete code system here has keeps the expansion that HL7 gives for it. */
function withExpansion(
  definition: JsonObject,
  expansions: ReadonlyMap<string, JsonObject>,
  complete: ReadonlySet<unknown>,
): JsonObject {
  const { resourceType, url, compose } = definition;
  if (resourceType !== 'ValueSet' || !isObject(compose)) return definition;
  const expansion = expansions.get(String(url))?.expansion;
  const includes = Array.isArray(compose.include) ? compose.include.filter(isObject) : [];
  const isOpen = includes.some(({ system, concept }) => system !== undefined && !concept && !complete.has(system));
  return isOpen && isObject(expansion) ? { ...definition, expansion: withoutParameters(expansion) } : definition;
}

function withoutParameters({ parameter: _, ...expansion }: JsonObject): JsonObject {
  return expansion;
}

const nameOf = ({ resourceType, url, version }: JsonObject): string => `${resourceType} ${url}|${version}`;

function byNameAndVersion(a: JsonObject, b: JsonObject): number {
  const [x, y] = [`${a.resourceType} ${a.url}`, `${b.resourceType} ${b.url}`];
  if (x !== y) return x < y ? -1 : 1;
  return String(a.version).localeCompare(String(b.version), 'en', { numeric: true });
}
