// A value set that draws on code systems too large for memory, taken apart: what each of those has to be asked, and the rest, which
// is answered as any other value set. FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import { isObject, type JsonObject } from '../fhir/json.ts';
import { objects } from './code-index.ts';
import type { LargeFilter, LargePart, LargeSystem } from './large-code-systems.ts';
import type { Untold } from './member.ts';

export type LargeParts = {
  /** A ValueSet without the large systems; undefined where nothing else is in the value set. */
  rest: JsonObject | undefined;
  /** One for each large system that codes are included of. */
  selections: { system: LargeSystem; include: LargePart[]; exclude: LargePart[] }[];
};

type Find = { valueSet(canonical: string): JsonObject | undefined; isLarge(system: string): boolean };

// As deep as the value sets that are held in memory may stand in each other.
const mostNested = 100;

/** Says why where a part needs more than the tables of a large system can be asked. */
export function largeParts(valueSet: JsonObject, find: Find): LargeParts | Untold {
  const includes = flattened(valueSet, 'include', find, []);
  if ('why' in includes) return includes;
  const excludes = flattened(valueSet, 'exclude', find, []);
  if ('why' in excludes) return excludes;
  const isLarge = ({ system }: JsonObject) => typeof system === 'string' && find.isLarge(system);
  const selections = new Map<string, LargeParts['selections'][number]>();
  for (const part of includes.parts.filter(isLarge)) {
    const { system, version } = part;
    const name = `${system}|${version ?? ''}`;
    const known = selections.get(name) ?? {
      system: { system: String(system), ...(typeof version === 'string' ? { version } : {}) },
      include: [],
      exclude: [],
    };
    known.include.push(partOf(part));
    selections.set(name, known);
  }
  for (const part of excludes.parts.filter(isLarge)) {
    for (const one of selections.values()) if (one.system.system === part.system) one.exclude.push(partOf(part));
  }
  const small = (parts: readonly JsonObject[]) => parts.filter((part) => !isLarge(part));
  const include = small(includes.parts);
  const rest = { resourceType: 'ValueSet', url: valueSet.url, compose: { include, exclude: small(excludes.parts) } };
  return { rest: include.length > 0 ? rest : undefined, selections: [...selections.values()] };
}

/** The parts of a value set, and in place of value sets those of theirs. */
function flattened(
  valueSet: JsonObject,
  side: 'include' | 'exclude',
  find: Find,
  open: readonly string[],
): { parts: JsonObject[] } | Untold {
  const parts: JsonObject[] = [];
  for (const part of isObject(valueSet.compose) ? objects(valueSet.compose[side]) : []) {
    const names = Array.isArray(part.valueSet) ? part.valueSet.filter((one) => typeof one === 'string') : [];
    const [name] = names;
    if (name === undefined) {
      parts.push(part);
      continue;
    }
    const inner = find.valueSet(name);
    const isPlain = names.length === 1 && part.system === undefined;
    // What stands in a system that is at hand needs no taking apart.
    if (!inner || !isPlain || open.includes(name) || open.length >= mostNested || hasExcludes(inner)) {
      if (inner && drawsOnLarge(inner, find))
        return cannotExpand(`an ${side} of the ValueSet ${valueSet.url} joins ${names.join(' and ')}`);
      parts.push(part);
      continue;
    }
    const found = flattened(inner, 'include', find, [...open, name]);
    if ('why' in found) return found;
    parts.push(...found.parts);
  }
  return { parts };
}

const hasExcludes = ({ compose }: JsonObject): boolean => isObject(compose) && objects(compose.exclude).length > 0;

const drawsOnLarge = ({ compose }: JsonObject, { isLarge }: Find): boolean =>
  isObject(compose) && objects(compose.include).some(({ system }) => typeof system === 'string' && isLarge(system));

function partOf({ concept, filter }: JsonObject): LargePart {
  const codes = objects(concept).flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
  const filters = objects(filter).map(({ property, op, value }) => ({ property, op, value }) as LargeFilter);
  return { ...(codes.length > 0 ? { codes } : {}), ...(filters.length > 0 ? { filters } : {}) };
}

const cannotExpand = (why: string): Untold => ({ why, cause: 'cannot-expand' });
