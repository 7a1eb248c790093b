// `_include` and `_revinclude`: what is asked for, and what a resource refers to by it. Pure.
// FHIR R4, https://hl7.org/fhir/R4/search.html#include

import { resourceTypes } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest, unknownParameter } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { cannotUse, type Parameter, parametersOf } from './parameters.ts';

export type Include = {
  /** True for `_revinclude`: what refers to the resources found, instead of what they refer to. */
  isReverse: boolean;
  /** The type that refers; undefined for `*`, any. */
  source?: string;
  /** The parameter by which it refers; undefined for `*`, all of them. */
  code?: string;
  /** The type referred to, when only that is wanted. */
  target?: string;
  /** Also from what was included, not from the matches alone. */
  iterate: boolean;
};

/** Something that a resource refers to: `Type/id`, or a canonical URL of one of some types. */
export type Pointer =
  | { kind: 'local'; type: string; id: string }
  | { kind: 'canonical'; url: string; version?: string; types: readonly string[] };

/**
 * `name` is `_include` or `_revinclude`, with or without `:iterate` (`:recurse`, as it was called before R4). Throws
 * OperationOutcomeError 400 that names the parameters which can be followed.
 */
export function parseInclude(type: string, name: string, value: string): Include {
  const [direction, modifier] = name.split(':');
  const include = { isReverse: direction === '_revinclude', iterate: modifier !== undefined };
  if (value === '*') return include;
  const [source = '', code = '', target, ...rest] = value.split(':');
  if (code === '' || rest.length > 0)
    throw badRequest(`${name}=${value} must be of the form Source:parameter or Source:parameter:Target`, 'value', [
      name,
    ]);
  for (const one of target === undefined ? [source] : [source, target]) {
    if (!resourceTypes.has(one)) throw badRequest(`${name}=${value}: "${one}" is no resource type`, 'value', [name]);
  }
  const asked = { ...include, source, ...(code === '*' ? {} : { code }), ...(target ? { target } : {}) };
  const known = referencesOf(source).filter((one) => target === undefined || mayPointTo(one, target));
  if (followed(asked, source).length === 0)
    throw cannotUse(`${name}=${value}`, { type: source, code, known: known.map(codeOf) });
  if (!include.iterate) refuseWhereNothingCanBe(type, name, value, asked);
  return asked;
}

const followedBy = new WeakMap<Include, Map<string, Parameter[]>>();

/** The parameters of a type that this follows. */
export function followed(include: Include, type: string): Parameter[] {
  if (include.source !== undefined && include.source !== type) return [];
  const byType = followedBy.get(include) ?? new Map<string, Parameter[]>();
  followedBy.set(include, byType);
  const found = byType.get(type) ?? followedParameters(include, type);
  byType.set(type, found);
  return found;
}

/** Without a list of targets a parameter may point to any type. */
export const mayPointTo = ({ targets }: Parameter, type: string): boolean =>
  targets.length === 0 || targets.includes(type);

/** What the resource refers to by this include. Contained resources and what is elsewhere are left out. */
export function pointersOf(include: Include, resource: JsonObject, base: string): Pointer[] {
  return followed(include, String(resource.resourceType)).flatMap((parameter) =>
    parameter.values(resource).flatMap(({ value }) => pointerOf(include, parameter, value, base)),
  );
}

function pointerOf({ target }: Include, parameter: Parameter, value: unknown, base: string): Pointer[] {
  const text = typeof value === 'string' ? value : (value as { reference?: unknown } | null)?.reference;
  if (typeof text !== 'string' || text.startsWith('#')) return [];
  const local = localReference(text, base);
  if (local) {
    const isWanted = resourceTypes.has(local.type) && (target === undefined || target === local.type);
    return isWanted ? [{ kind: 'local', ...local }] : [];
  }
  if (typeof value !== 'string') return [];
  const [url = '', version] = text.replace(/#.*$/, '').split('|');
  const types = (target ? [target] : parameter.targets).filter((type) => parametersOf(type).has('url'));
  return url && types.length > 0 ? [{ kind: 'canonical', url, types, ...(version ? { version } : {}) }] : [];
}

function followedParameters({ code, target }: Include, type: string): Parameter[] {
  return referencesOf(type).filter(
    (parameter) =>
      (code === undefined || parameter.code === code) && (target === undefined || mayPointTo(parameter, target)),
  );
}

/** A search on Patient finds no Encounter whose references could be followed, unless another include brings them. */
function refuseWhereNothingCanBe(type: string, name: string, value: string, asked: Include): void {
  const { source = '', target } = asked;
  if (!asked.isReverse && source !== type) {
    throw badRequest(
      `${name}=${value}: a search on ${type} includes what ${type} refers to; write ${name}:iterate for what was included`,
      'not-supported',
      [name],
    );
  }
  const pointsHere = (parameter: Parameter) => mayPointTo(parameter, type) && (target ?? type) === type;
  if (asked.isReverse && !followed(asked, source).some(pointsHere)) {
    const known = referencesOf(source).filter((parameter) => mayPointTo(parameter, type));
    throw unknownParameter(`${name}=${value}, which may point to ${type},`, source, known.map(codeOf));
  }
}

const referencesOf = (type: string): Parameter[] =>
  [...parametersOf(type).values()].filter((parameter) => parameter.type === 'reference');

const codeOf = ({ code }: Parameter): string => code;
