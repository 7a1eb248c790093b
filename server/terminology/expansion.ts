// One page of a value set as ValueSet.expansion. FHIR R4, https://hl7.org/fhir/R4/valueset-operation-expand.html

import type { JsonObject } from '../fhir/json.ts';
import { tooCostly } from '../fhir/outcome.ts';
import { isInactive, type Placed } from './code-index.ts';
import type { Member } from './member.ts';
import { designationsOf, displayIn, withWords } from './words.ts';

export type ExpansionOptions = {
  /** Words that each code must have in its code, display or designations. */
  filter?: string | undefined;
  offset: number;
  /** Undefined: all of them, at most 10,000. */
  count: number | undefined;
  includeDesignations: boolean;
  activeOnly: boolean;
  /** Without headings, which nobody picks. */
  excludeNotForUI: boolean;
  /** Code systems whose codes are left out. */
  excludedSystems: readonly string[];
  /** BCP 47. */
  language: string | undefined;
};

export const mostCodes = 10_000;

/** `total` and `contains`. Throws OperationOutcomeError 422 where more than 10,000 codes would be one answer. */
export function expansionOf(
  members: readonly Member[],
  options: ExpansionOptions,
): { total: number; contains: JsonObject[] } {
  const { filter, offset, count } = options;
  const wanted = chosen(filter === undefined ? members : withWords(members, filter), options);
  if (count === undefined && wanted.length - offset > mostCodes)
    throw tooCostly(
      `The expansion has ${wanted.length} codes; ask for pages of up to ${mostCodes} with count and offset`,
    );
  const page = wanted.slice(offset, count === undefined ? undefined : offset + count);
  return { total: wanted.length, contains: page.map((one) => entryOf(one, options)) };
}

function chosen(
  members: readonly Member[],
  { activeOnly, excludeNotForUI, excludedSystems }: ExpansionOptions,
): readonly Member[] {
  if (!activeOnly && !excludeNotForUI && excludedSystems.length === 0) return members;
  return members.filter(
    (one) =>
      !(activeOnly && isRetired(one.placed)) &&
      !(excludeNotForUI && one.isAbstract) &&
      !excludedSystems.includes(one.system),
  );
}

function entryOf(member: Member, { includeDesignations, language }: ExpansionOptions): JsonObject {
  const { system, code, isAbstract, placed } = member;
  const display = displayIn(member, language);
  const designation = includeDesignations ? designationsOf(member) : [];
  return {
    system,
    ...(isAbstract ? { abstract: true } : {}),
    ...(isRetired(placed) ? { inactive: true } : {}),
    code,
    ...(display === undefined ? {} : { display }),
    ...(designation.length > 0 ? { designation } : {}),
  };
}

const isRetired = (placed: Placed | undefined): boolean => placed !== undefined && isInactive(placed);
