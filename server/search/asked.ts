// What a search asks, once it is understood: a Filter for each parameter. And what the files of the parameter types share
// while they read one: splitting at commas, bars and dollars (FHIR R4 search, section escaping) and refusing modifiers.

import { badRequest, type OperationOutcomeError } from '../fhir/outcome.ts';
import type { Parameter } from './parameter.ts';

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';
export type Range = { lo: number; hi: number };
/** A date or number as it is asked for. What the ends of the range mean is in date.ts and number.ts. */
export type RangeFilter = { prefix: Prefix; range: Range };

/** A jsonpath predicate about one fact, `@`, and the values of the `$names` in it. Names end in the number of the part. */
export type FactTest = { test: string; values: Record<string, string | number> };

export type Filter =
  | { kind: 'id'; ids: string[] }
  | { kind: 'updated'; dates: RangeFilter[] }
  | { kind: 'date'; code: string; isMain: boolean; present: string; dates: RangeFilter[] }
  | { kind: 'string'; code: string; number: number; population: boolean; contains: boolean; norms: string[] }
  | {
      kind: 'marks';
      marks: string[];
      negated: boolean;
      /** The population terms to walk, when there is one for every value. */
      terms?: string[];
      /** The terms are business identifiers: only few have the same. */
      isIdentifier?: boolean;
      /** The Patient ids meant, when the parameter is a way into the patient compartment. */
      patients?: string[];
      /** A bare id of this server's making that a reference which leads into the compartment may mean, in several types. */
      bareId?: { parameter: Parameter; id: string };
    }
  /** Some fact of this parameter passes one of the tests. */
  | { kind: 'facts'; code: string; tests: FactTest[] }
  /** Something at one of these JSON paths of the stored text passes one of the tests. */
  | { kind: 'content'; paths: string[]; tests: FactTest[] }
  /** Text at one of these JSON paths, normalised, begins with or contains one of the norms. */
  | { kind: 'text'; paths: string[]; contains: boolean; norms: string[] }
  /** Within so many km of one of these positions, by facts [latitude, longitude]. */
  | { kind: 'near'; code: string; places: { latitude: number; longitude: number; distanceKm: number }[] }
  /** Some string of this parameter, normalised, ends with one of the norms. */
  | { kind: 'ending'; code: string; norms: string[] }
  | { kind: 'every' | 'some'; filters: Filter[] }
  | { kind: 'not'; filter: Filter }
  /** Is an entry of one of these List resources. Resolved to ids before the statement is made, as all that follow. */
  | { kind: 'list'; lists: string[] }
  /** Has, or has not, one of the codes that terminology names. Resolved to marks. */
  | { kind: 'codes'; parameter: Parameter; among: Codes; negated: boolean }
  /** Refers by `parameter` to something that fits one of these. Resolved to marks. */
  | { kind: 'chain'; parameter: Parameter; targets: { type: string; filter: Filter }[] }
  /** Is referred to, by `parameter` of a resource of type `source` that fits. Resolved to ids. */
  | { kind: 'has'; source: string; parameter: Parameter; filter: Filter };

/** `in`: value sets, by id as `ValueSet/id` or by canonical URL. `above`, `below`: concepts, each `system|code`. */
export type Codes =
  | { relation: 'in'; valueSets: string[] }
  | { relation: 'above' | 'below'; concepts: { system: string; code: string }[] };

export type QueryOptions = {
  lenient: boolean;
  nowMs: number;
  base: string;
  /** How many more types the chains of this search may be tried on. */
  links?: { left: number };
};

/** True when the statement cannot be made before something else has been read: store/chains.ts does that. */
export function needsResolving(filter: Filter): boolean {
  if (filter.kind === 'every' || filter.kind === 'some') return filter.filters.some(needsResolving);
  if (filter.kind === 'not') return needsResolving(filter.filter);
  return filter.kind === 'chain' || filter.kind === 'has' || filter.kind === 'list' || filter.kind === 'codes';
}

/** One parameter of a search on `type`. The values still have their escapes. */
export type Asked = {
  type: string;
  /** With its modifier, as it was sent. */
  name: string;
  modifier: string | undefined;
  parameter: Parameter;
  values: string[];
  options: QueryOptions;
};

/** The parts between a separator that is not escaped, with the escapes still in them. */
export function split(text: string, separator: ',' | '|' | '$'): string[] {
  const parts = [''];
  for (let n = 0; n < text.length; n++) {
    const character = text.charAt(n);
    if (character === separator) parts.push('');
    else parts[parts.length - 1] += character === '\\' ? character + text.charAt(++n) : character;
  }
  return parts;
}

/** `\,` `\|` `\$` `\\` are the characters themselves; any other backslash is one. */
export const unescaped = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

/** So that `unescaped` gives the text back. */
export const escaped = (text: string): string => text.replace(/[,|$\\]/g, '\\$&');

/** Throws for any modifier. */
export function noModifier({ name, modifier }: { name: string; modifier: string | undefined }): void {
  if (modifier !== undefined) throw unknownModifier(name, ['missing']);
}

export const unknownModifier = (name: string, known: readonly string[]): OperationOutcomeError =>
  badRequest(`${name}: this modifier is not supported. Known here: ${known.join(', ') || 'none'}`, 'not-supported', [
    name,
  ]);

export const badValue = (name: string, text: string, what: string): OperationOutcomeError =>
  badRequest(`${name}: "${text}" is not ${what}`, 'value', [name]);
