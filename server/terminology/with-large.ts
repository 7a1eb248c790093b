// The questions of the operations, answered from memory where that can be, and else from the tables of the large code systems.
// FHIR R4, https://hl7.org/fhir/R4/terminology-service.html

import type { JsonObject } from '../fhir/json.ts';
import { cannotExpand, tooCostly } from '../fhir/outcome.ts';
import type { CompiledTerminology } from './create-terminology.ts';
import { type ExpansionOptions, expansionOf, mostCodes } from './expansion.ts';
import type { LargeCodeSystems, LargeConcept, LargeSystem } from './large-code-systems.ts';
import { largeParts } from './large-parts.ts';
import { isUntold, type Member, type Untold } from './member.ts';

type Sources = { terminology: CompiledTerminology; large: LargeCodeSystems | undefined };

export const isLarge = (large: LargeCodeSystems | undefined, system: string): boolean =>
  large?.systems().some((one) => one.system === system) ?? false;

/** One page of a value set. Throws OperationOutcomeError 422 where it cannot be worked out or is too large for one answer. */
export async function expanded(
  { terminology, large }: Sources,
  valueSet: JsonObject,
  options: ExpansionOptions,
): Promise<{ total: number; contains: JsonObject[] }> {
  const list = terminology.members(valueSet).list();
  if (!isUntold(list)) return expansionOf(list as readonly Member[], options);
  const parts = large && taken(terminology, large, valueSet);
  if (!large || !parts) throw cannotExpand(list.why);
  if (isUntold(parts)) throw cannotExpand(parts.why);
  if (parts.selections.length === 0) throw cannotExpand(list.why);
  const { offset, count } = options;
  const first = parts.rest ? expansionOf(terminology.expand(parts.rest), options) : { total: 0, contains: [] };
  let total = first.total;
  const contains = first.contains;
  for (const { system, ...selection } of parts.selections) {
    if (options.excludedSystems.includes(system.system)) continue;
    const page = await large.expand(system, selection, {
      offset: Math.max(0, offset - total),
      count: count === undefined ? mostCodes : Math.max(0, count - contains.length),
      isActiveOnly: options.activeOnly,
      ...(options.filter === undefined ? {} : { text: options.filter }),
      ...(options.language === undefined ? {} : { language: options.language }),
    });
    total += page.total;
    contains.push(...page.concepts.map((one) => entryOf(system.system, one, options)));
  }
  if (count === undefined && total - offset > mostCodes)
    throw tooCostly(`The expansion has ${total} codes; ask for pages of up to ${mostCodes} with count and offset`);
  return { total, contains };
}

/** As `Members.find`, with what is in the tables. */
export async function memberIn(
  { terminology, large }: Sources,
  valueSet: JsonObject,
  { system, code }: { system?: string; code: string },
): Promise<Member | Untold | false> {
  const found = terminology.members(valueSet).find(system, code);
  if (!isUntold(found) || !large || system === undefined || !isLarge(large, system)) return found;
  const parts = taken(terminology, large, valueSet);
  if (isUntold(parts)) return parts;
  const chosen = parts.selections.filter((one) => one.system.system === system);
  for (const { system: of, ...selection } of chosen) {
    const concept = await large.validate(of, selection, code);
    if (concept) return memberOf(system, concept);
  }
  return parts.rest ? terminology.members(parts.rest).find(system, code) : false;
}

/** A concept of a large system as if it stood in a CodeSystem resource. */
export function memberOf(
  system: string,
  { code, display, definition, designations, properties, ...one }: LargeConcept,
): Member {
  const placedAs = (name: string) => properties.filter((property) => property.code === name).map(({ value }) => value);
  return {
    system,
    code,
    display,
    isAbstract: one.isAbstract ?? false,
    placed: {
      code,
      parents: placedAs('parent'),
      children: placedAs('child'),
      source: {
        code,
        display,
        ...(definition === undefined ? {} : { definition }),
        designation: [...designations],
        property: [
          ...(one.isInactive ? [{ code: 'inactive', valueBoolean: true }] : []),
          ...properties.map((property) => ({ code: property.code, ...givenValue(system, property) })),
        ],
      },
    },
  };
}

/** A large system as a CodeSystem that has no more than the codes that are asked about: of those it can tell all. */
export async function codeSystemOf(
  large: LargeCodeSystems,
  { system, version }: LargeSystem,
  codes: readonly { code: string }[],
): Promise<JsonObject> {
  const concept: JsonObject[] = [];
  for (const { code } of codes) {
    const found = await large.lookup({ system, ...(version === undefined ? {} : { version }) }, code);
    const source = found && memberOf(system, found).placed?.source;
    if (source) concept.push(source);
  }
  const versions = large.systems().filter((one) => one.system === system);
  const inForce = versions.find((one) => one.version === version) ?? versions.at(-1);
  const { name } = inForce ?? {};
  return {
    resourceType: 'CodeSystem',
    url: system,
    version: inForce?.version,
    ...(name === undefined ? {} : { name }),
    content: 'complete',
    concept,
  };
}

const taken = (terminology: CompiledTerminology, large: LargeCodeSystems, valueSet: JsonObject) =>
  largeParts(valueSet, { valueSet: terminology.valueSet, isLarge: (system) => isLarge(large, system) });

function givenValue(system: string, { type, value }: LargeConcept['properties'][number]): JsonObject {
  if (type === 'Coding') return { valueCoding: { system, code: value } };
  if (type === 'boolean') return { valueBoolean: value === 'true' };
  if (type === 'integer' || type === 'decimal')
    return { [type === 'integer' ? 'valueInteger' : 'valueDecimal']: Number(value) };
  return { [`value${type.charAt(0).toUpperCase()}${type.slice(1)}`]: value };
}

function entryOf(system: string, one: LargeConcept, { includeDesignations }: ExpansionOptions): JsonObject {
  return {
    system,
    ...(one.isAbstract ? { abstract: true } : {}),
    ...(one.isInactive ? { inactive: true } : {}),
    code: one.code,
    display: one.display,
    ...(includeDesignations && one.designations.length > 0 ? { designation: [...one.designations] } : {}),
  };
}
