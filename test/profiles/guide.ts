// The implementation guide as tests read it: our profiles, what they stand on, and the examples. JP Core is not ours to ship; its
// definitions are looked up in ../shared/data where that is at hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { type Definitions, definitionsOf, layered } from '../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { partialSnapshotOf } from '../../server/definitions/snapshot.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';

export type Constraint = { key: string; severity: 'error' | 'warning'; human: string; expression: string };
export type Element = {
  id: string;
  path: string;
  sliceName?: string;
  min?: number;
  max?: string;
  type?: { code: string; profile?: string[]; targetProfile?: string[] }[];
  constraint?: Constraint[];
  binding?: { strength: string; valueSet: string };
  [member: string]: unknown;
};
export type Profile = JsonObject & {
  id: string;
  url: string;
  type: string;
  baseDefinition: string;
  differential: { element: Element[] };
};
export type Example = JsonObject & { resourceType: string; id: string; meta: { profile?: string[] } };

const profilesFolder = new URL('../../profiles/', import.meta.url);
export const jpCoreFolder = new URL('../../../shared/data/jp-core/jp-core-1.2.0/', import.meta.url);

export const hasJpCore = existsSync(jpCoreFolder);

/** Ours, HL7's, and JP Core's where they are at hand. */
export const definitions: Definitions = hasJpCore
  ? layered(shippedDefinitions(), definitionsOf(resourcesIn(jpCoreFolder)))
  : shippedDefinitions();

export const profiles = resourcesIn(new URL('structure-definitions/', profilesFolder)).filter(
  ({ kind }) => kind === 'resource',
) as Profile[];
export const valueSets = resourcesIn(new URL('value-sets/', profilesFolder));
export const examples = resourcesIn(new URL('examples/', profilesFolder)) as Example[];

function resourcesIn(folder: URL): JsonObject[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as JsonObject);
}

/** The profile and those of ours that it stands on. */
export function withBases(profile: Profile): Profile[] {
  const base = profiles.find(({ url }) => url === profile.baseDefinition);
  return base === undefined ? [profile] : [profile, ...withBases(base)];
}

/** What an expression gives for a resource, or for what `path` selects of it. */
export function evaluate(resource: JsonObject, expression: string): unknown[] {
  return fhirpath.evaluate(resource, expression, { resource }, r4, { async: false }) as unknown[];
}

/** The constraints of a profile and of ours below it, with the path of their element. */
export const constraintsOf = (profile: Profile): (Constraint & { path: string })[] =>
  withBases(profile).flatMap(({ differential }) =>
    differential.element.flatMap(({ path, constraint = [] }) => constraint.map((one) => ({ ...one, path }))),
  );

/** Whether a constraint holds wherever its element stands in the resource. */
export function holds(resource: JsonObject, { path, expression }: { path: string; expression: string }): boolean {
  const where = path.replaceAll('[x]', '');
  return evaluate(resource, `${where}.all(${expression})`)[0] === true;
}

/** The element that a differential's path names in FHIR R4. Undefined when there is none. */
export function baseElement(type: string, path: string): JsonObject | undefined {
  const [, ...steps] = path.split('.');
  let found = elementOf(type, type);
  let here = [{ type, path: type }];
  for (const step of steps) {
    const place = here.find((one) => elementOf(one.type, `${one.path}.${step}`) !== undefined);
    if (place === undefined) return undefined;
    found = elementOf(place.type, `${place.path}.${step}`);
    const codes = ((found?.type ?? []) as { code: string }[]).map(({ code }) => code);
    const isInside = codes.length === 0 || codes[0] === 'BackboneElement' || codes[0] === 'Element';
    here = isInside
      ? [{ type: place.type, path: `${place.path}.${step}` }]
      : codes.map((code) => ({ type: code, path: code }));
  }
  return found;
}

function elementOf(type: string, path: string): JsonObject | undefined {
  const definition = definitions.find('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${type}`);
  const snapshot = definition?.snapshot as { element: JsonObject[] } | undefined;
  return snapshot?.element.find((one) => one.path === path);
}

/** Where an element of a type stands: of one inside a data type, where the element of that type does. */
export function placeIn(type: string, path: string): number {
  const definition = definitions.find('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${type}`);
  const snapshot = definition?.snapshot as { element: { path: string }[] } | undefined;
  const place = snapshot?.element.findIndex((one) => one.path === path) ?? 0;
  return place >= 0 ? place : placeIn(type, path.split('.').slice(0, -1).join('.'));
}

/**
 * What of its profile, and of all that it stands on, a resource does not keep: how often elements and extensions come, fixed values
 * and patterns, and our rules. Elements inside slices are not looked at.
 */
export function unmet(resource: JsonObject, profile: Profile): string[] {
  const { elements } = partialSnapshotOf(profile, definitions);
  const broken = constraintsOf(profile).filter((one) => !holds(resource, one));
  return [
    ...(elements as unknown as Element[]).flatMap((one) => elementFaults(resource, one)),
    ...broken.map(({ key }) => key),
  ];
}

function elementFaults(
  resource: JsonObject,
  { id, path, min = 0, max = '*', sliceName, type, ...rest }: Element,
): string[] {
  const url = path.endsWith('.extension') ? type?.[0]?.profile?.[0] : undefined;
  const isInsideSlice = /:[^.]+\./.test(id) || (sliceName !== undefined && url === undefined);
  if (isInsideSlice || !path.includes('.')) return [];
  const where = path.replaceAll('[x]', '');
  const at = where.lastIndexOf('.');
  const [parent, child] = [where.slice(0, at), where.slice(at + 1)];
  const step = child === 'extension' && url !== undefined ? `extension('${url}')` : child;
  const is = (limit: string) => evaluate(resource, `${parent}.all(${step}.count() ${limit})`)[0] === true;
  const faults = [
    ...(min > 0 && !is(`>= ${min}`) ? [`${id}: fewer than ${min}`] : []),
    ...(max !== '*' && !is(`<= ${max}`) ? [`${id}: more than ${max}`] : []),
  ];
  for (const [name, wanted] of Object.entries(rest).filter(([one]) => /^(?:fixed|pattern)[A-Z]/.test(one)))
    for (const value of evaluate(resource, where))
      if (!hasAll(value, wanted)) faults.push(`${id}: not as ${name} has it`);
  return faults;
}

/** Whether a value has all that a pattern has; of a list, one of its members each. */
function hasAll(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((one) => value.some((member) => hasAll(member, one)));
  if (!isObject(pattern)) return value === pattern;
  return isObject(value) && Object.entries(pattern).every(([name, part]) => hasAll(value[name], part));
}
