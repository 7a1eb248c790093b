// ConceptMaps read in either direction. FHIR R4, https://hl7.org/fhir/R4/conceptmap-operation-translate.html

import { urlOf } from '../definitions/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { objects } from './code-index.ts';

export type Match = {
  /** http://hl7.org/fhir/concept-map-equivalence, of the target to the source. */
  equivalence: string;
  /** Absent where the map says that there is none. */
  concept?: { system?: string; version?: string; code: string; display?: string };
  product: { element: string; concept: { system?: string; code: string; display?: string } }[];
  /** The map's canonical. */
  source: string;
};

export type Asked = {
  system: string | undefined;
  code: string;
  /** Only codes of this system are wanted. */
  targetSystem: string | undefined;
  isReverse: boolean;
};

/** What a map has for a code, its own order kept. `others` finds the map that stands in for codes it lacks. */
export function translated(map: JsonObject, asked: Asked, others: (url: string) => JsonObject | undefined): Match[] {
  return inMap(map, asked, others, new Set());
}

function inMap(
  map: JsonObject,
  asked: Asked,
  others: (url: string) => JsonObject | undefined,
  open: Set<JsonObject>,
): Match[] {
  // A map that hands on to itself has no more to say.
  if (open.has(map)) return [];
  open.add(map);
  const found = objects(map.group).flatMap((group) => {
    if (!fits(group, asked)) return [];
    const matches = asked.isReverse ? reversed(map, group, asked.code) : forward(map, group, asked.code);
    if (matches.length > 0 || asked.isReverse || objects(group.element).some(({ code }) => code === asked.code))
      return matches;
    return unmapped(map, group, asked, others, open);
  });
  open.delete(map);
  return found;
}

function fits({ source, target }: JsonObject, { system, targetSystem, isReverse }: Asked): boolean {
  const [from, to] = isReverse ? [target, source] : [source, target];
  return (
    (system === undefined || from === undefined || from === system) &&
    (targetSystem === undefined || to === targetSystem)
  );
}

function forward(map: JsonObject, group: JsonObject, code: string): Match[] {
  return objects(group.element)
    .filter((element) => element.code === code)
    .flatMap((element) => objects(element.target))
    .map((target) => ({
      equivalence: String(target.equivalence),
      ...(typeof target.code === 'string' ? { concept: conceptOf(group.target, group.targetVersion, target) } : {}),
      product: objects(target.product).flatMap(productOf),
      source: canonicalOf(map),
    }));
}

const opposite: Record<string, string> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

function reversed(map: JsonObject, group: JsonObject, code: string): Match[] {
  return objects(group.element).flatMap((element) =>
    objects(element.target)
      .filter((target) => target.code === code && typeof element.code === 'string')
      .map((target) => {
        const equivalence = String(target.equivalence);
        return {
          equivalence: opposite[equivalence] ?? equivalence,
          concept: conceptOf(group.source, group.sourceVersion, element),
          product: [],
          source: canonicalOf(map),
        };
      }),
  );
}

/** What the group says of codes that it does not list. */
function unmapped(
  map: JsonObject,
  group: JsonObject,
  asked: Asked,
  others: (url: string) => JsonObject | undefined,
  open: Set<JsonObject>,
): Match[] {
  if (!isObject(group.unmapped)) return [];
  const { mode, code, display, url } = group.unmapped;
  const match = (one: JsonObject, equivalence: string): Match[] => [
    { equivalence, concept: conceptOf(group.target, group.targetVersion, one), product: [], source: canonicalOf(map) },
  ];
  if (mode === 'provided') return match({ code: asked.code }, 'equal');
  if (mode === 'fixed' && typeof code === 'string') return match({ code, display }, 'inexact');
  const other = mode === 'other-map' && typeof url === 'string' ? others(url) : undefined;
  return other ? inMap(other, asked, others, open) : [];
}

function conceptOf(system: unknown, version: unknown, { code, display }: JsonObject) {
  return {
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    code: String(code),
    ...(typeof display === 'string' ? { display } : {}),
  };
}

function productOf({ property, system, value, display }: JsonObject): Match['product'] {
  if (typeof property !== 'string') return [];
  return [{ element: property, concept: conceptOf(system, undefined, { code: value, display }) }];
}

function canonicalOf({ url, version }: JsonObject): string {
  const plain = urlOf(String(url ?? ''));
  return typeof version === 'string' ? `${plain}|${version}` : plain;
}
