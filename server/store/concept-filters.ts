// What a filter of a value set takes from a loaded code system. FHIR R4, https://hl7.org/fhir/R4/valueset-filter-operator.html

import { cannotExpand } from '../fhir/outcome.ts';
import type { LargeFilter } from '../terminology/large-code-systems.ts';
import type { ConceptReader } from './concept-rows.ts';
import type { LoadedSystem } from './loaded-definitions.ts';
import { allPositions, noPositions, type PositionSet, positionsOf, subtract, unite } from './position-set.ts';
import { belowName, existsName, longestValue, propertyName } from './set-names.ts';

const longestPattern = 500;

/** Throws OperationOutcomeError 422 for what the tables cannot answer. */
export async function filterSet(
  concepts: ConceptReader,
  system: LoadedSystem,
  filter: LargeFilter,
): Promise<PositionSet> {
  const { property, op } = filter;
  const all = () => allPositions(system.count);
  const negated = async (op: LargeFilter['op']) =>
    subtract(all(), await filterSet(concepts, system, { ...filter, op }));
  if (op === 'not-in') return negated('in');
  if (op === 'is-not-a') return negated('is-a');
  if (op === 'exists' && filter.value !== 'true') {
    if (filter.value !== 'false') throw cannotExpand(`the value of a filter with exists is true or false`);
    return subtract(all(), await filterSet(concepts, system, { ...filter, value: 'true' }));
  }
  if (property === 'concept' || property === 'code') return conceptSet(concepts, system, filter);
  if (property === 'child') return parentsSet(concepts, system, filter);
  if (property === 'display') return displaySet(concepts, system, filter);
  return propertySet(concepts, system, filter);
}

async function conceptSet(concepts: ConceptReader, system: LoadedSystem, filter: LargeFilter): Promise<PositionSet> {
  const { number, count } = system;
  const { op, value } = filter;
  switch (op) {
    case '=':
      return positionsOf(await concepts.positions(number, [value]), count);
    case 'in':
      return positionsOf(await concepts.positions(number, listOf(value)), count);
    case 'exists':
      return allPositions(count);
    case 'regex':
      return positionsOf(await matching(filter, (pattern) => concepts.matchingCode(number, pattern)), count);
    case 'is-a':
      return unite(positionsOf(await concepts.positions(number, [value]), count), await below());
    case 'descendent-of':
      return below();
    case 'generalizes': {
      const place = (await concepts.places(number, [value])).get(value);
      return place ? positionsOf([place.position, ...place.ancestors], count) : noPositions(count);
    }
    default:
      throw unanswered(filter);
  }
  function below(): Promise<PositionSet> {
    return concepts.set(system, belowName(value));
  }
}

async function parentsSet(concepts: ConceptReader, system: LoadedSystem, filter: LargeFilter): Promise<PositionSet> {
  const { op, value } = filter;
  if (op !== '=' && op !== 'in') throw unanswered(filter);
  const places = await concepts.places(system.number, op === '=' ? [value] : listOf(value));
  return positionsOf(
    [...places.values()].flatMap(({ parents }) => parents),
    system.count,
  );
}

async function displaySet(concepts: ConceptReader, system: LoadedSystem, filter: LargeFilter): Promise<PositionSet> {
  const { number, count } = system;
  if (filter.op === '=') return positionsOf(await concepts.withDisplay(number, filter.value), count);
  if (filter.op === 'exists') return allPositions(count);
  if (filter.op !== 'regex') throw unanswered(filter);
  return positionsOf(await matching(filter, (pattern) => concepts.matchingDisplay(number, pattern)), count);
}

const states = ['inactive', 'notSelectable'];

async function propertySet(concepts: ConceptReader, system: LoadedSystem, filter: LargeFilter): Promise<PositionSet> {
  const { property, op, value } = filter;
  if (states.includes(property)) return stateSet(concepts, system, filter);
  if (!system.properties.includes(property))
    throw cannotExpand(
      `the code system ${system.system} has no property ${property}; it has ${['concept', 'display', ...system.properties].join(', ')}`,
    );
  const named = async (names: readonly string[]) =>
    (await concepts.sets(system, names)).reduce(unite, noPositions(system.count));
  switch (op) {
    case '=':
      return named([nameOf(property, value)]);
    case 'in':
      return named(listOf(value).map((one) => nameOf(property, one)));
    case 'exists':
      return named([existsName(property)]);
    case 'regex': {
      const start = propertyName(property, '');
      return named(await matching(filter, (pattern) => concepts.matchingNames(system.number, start, pattern)));
    }
    default:
      throw unanswered(filter);
  }
}

/** Where a release does not say it of a concept, it is false. */
async function stateSet(concepts: ConceptReader, system: LoadedSystem, filter: LargeFilter): Promise<PositionSet> {
  const { property, op, value } = filter;
  if (op === 'exists') return allPositions(system.count);
  if (op !== '=' || (value !== 'true' && value !== 'false')) throw unanswered(filter);
  const set = await concepts.set(system, propertyName(property, 'true'));
  return value === 'true' ? set : subtract(allPositions(system.count), set);
}

function nameOf(property: string, value: string): string {
  if (value.length > longestValue) throw cannotExpand(`a value in a filter has at most ${longestValue} characters`);
  return propertyName(property, value);
}

/**
 * The whole of a value fits the expression. It is PostgreSQL that reads it: without references back it takes no more time than the
 * text is long.
 */
async function matching<T>({ value }: LargeFilter, find: (pattern: string) => Promise<T>): Promise<T> {
  if (value.length > longestPattern || /\\[1-9]|\(\?(?!:)/.test(value))
    throw cannotExpand(
      'a regular expression in a filter has at most 500 characters, and no look-around or reference back',
    );
  try {
    return await find(`^(?:${value})$`);
  } catch (error) {
    // invalid_regular_expression
    if (error instanceof Error && 'code' in error && error.code === '2201B')
      throw cannotExpand('a regular expression in a filter cannot be read');
    throw error;
  }
}

const listOf = (value: string): string[] => value.split(',').map((one) => one.trim());

const unanswered = ({ property, op }: LargeFilter) =>
  cannotExpand(`a filter on ${property} with ${op} is not answered for a loaded code system`);
