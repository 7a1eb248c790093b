// The code systems that are loaded, answered from their tables: every filter, hierarchy and searched word is a set of positions
// (position-set.ts), read once and combined here. FHIR R4 terminology service, https://hl7.org/fhir/R4/terminology-service.html

import type { Pool } from 'pg';
import { normalise } from '../fhir/normalise.ts';
import type {
  LargeCodeSystems,
  LargeConcept,
  LargeExpansion,
  LargePart,
  LargeSelection,
  LargeSystem,
} from '../terminology/large-code-systems.ts';
import { filterSet } from './concept-filters.ts';
import { createConceptReader } from './concept-rows.ts';
import { createKeptSets } from './kept-sets.ts';
import type { LoadedSystem } from './loaded-definitions.ts';
import {
  allPositions,
  has,
  intersect,
  membersOf,
  noPositions,
  type PositionSet,
  positionsOf,
  sizeOf,
  subtract,
  unite,
} from './position-set.ts';
import { beginningName, gramsOfWord, propertyName } from './set-names.ts';

/** `systems` are those in force; see loaded-definitions.ts. */
export function createLargeCodeSystems({
  pool,
  systems,
}: {
  pool: Pool;
  systems: () => readonly LoadedSystem[];
}): LargeCodeSystems {
  const concepts = createConceptReader({ pool });
  const keep = createKeptSets();

  return {
    systems: () => systems().map(({ number: _, properties: __, ...system }) => system),

    async lookup(asked, code) {
      const system = inForce(asked);
      return system && concepts.whole(system.number, code);
    },

    async validate(asked, selection, code) {
      const system = inForce(asked);
      const position = system && (await concepts.positions(system.number, [code]))[0];
      if (!system || position === undefined) return undefined;
      if (!isEverything(selection) && !has(await selected(system, selection), position)) return undefined;
      return concepts.whole(system.number, code);
    },

    async expand(asked, selection, page) {
      const system = inForce(asked);
      if (!system) return { total: 0, concepts: [] };
      const { text = '', isActiveOnly = false } = page;
      const key = `${system.number} expand ${JSON.stringify([selection, text, isActiveOnly])}`;
      const found = await keep(key, () => expansion(system, selection, text, isActiveOnly));
      const rows = await concepts.at(system.number, membersOf(found, page.offset, page.count));
      return { total: sizeOf(found), concepts: rows.map((concept) => inLanguage(concept, page)) };
    },

    async subsumes(asked, first, second) {
      const system = inForce(asked);
      if (!system) return undefined;
      const places = await concepts.places(system.number, [first, second]);
      const [one, other] = [places.get(first), places.get(second)];
      if (!one || !other) return undefined;
      if (one.position === other.position) return 'equivalent';
      if (other.ancestors.includes(one.position)) return 'subsumes';
      return one.ancestors.includes(other.position) ? 'subsumed-by' : 'not-subsumed';
    },
  };

  function inForce({ system, version }: LargeSystem): LoadedSystem | undefined {
    return systems().findLast((one) => one.system === system && (version === undefined || one.version === version));
  }

  function selected(system: LoadedSystem, selection: LargeSelection): Promise<PositionSet> {
    return keep(`${system.number} ${JSON.stringify(selection)}`, async () => {
      const set = noPositions(system.count);
      for (const part of selection.include) unite(set, await partSet(system, part));
      for (const part of selection.exclude) subtract(set, await partSet(system, part));
      return set;
    });
  }

  async function partSet(system: LoadedSystem, { filters = [], codes }: LargePart): Promise<PositionSet> {
    const set = codes
      ? positionsOf(await concepts.positions(system.number, codes), system.count)
      : allPositions(system.count);
    for (const filter of filters) intersect(set, await filterSet(concepts, system, filter));
    return set;
  }

  async function expansion(
    system: LoadedSystem,
    selection: LargeSelection,
    text: string,
    isActiveOnly: boolean,
  ): Promise<PositionSet> {
    const set = (await selected(system, selection)).slice();
    if (isActiveOnly) subtract(set, await concepts.set(system, propertyName('inactive', 'true')));
    const words = text
      .split(/\s+/)
      .map(normalise)
      .filter((word) => word !== '');
    if (words.length === 0) return set;
    const names = words.flatMap((word) => gramsOfWord(word).names);
    for (const one of await concepts.sets(system, [...new Set(names)])) intersect(set, one);
    for (const word of words) if (!gramsOfWord(word).isExact) await keepThoseWith(word, set, system);
    return set;
  }

  /** Of concepts that have a word's grams, takes away those that have them apart from each other. */
  async function keepThoseWith(word: string, set: PositionSet, system: LoadedSystem): Promise<void> {
    const start = beginningName(word);
    const certain = start === undefined ? noPositions(system.count) : await concepts.beginning(system, start);
    const doubtful = subtract(set.slice(), certain);
    const found = await concepts.withWord(system.number, membersOf(doubtful), word);
    subtract(set, subtract(doubtful, positionsOf(found, system.count)));
  }
}

const isEverything = ({ include, exclude }: LargeSelection): boolean =>
  exclude.length === 0 && include.some(({ filters = [], codes }) => filters.length === 0 && codes === undefined);

/** `ja` also takes what is in `ja-JP`, and the other way about. */
function inLanguage(concept: LargeConcept, { language }: LargeExpansion): LargeConcept {
  if (language === undefined) return concept;
  const wanted = concept.designations.filter((one) => one.language?.toLowerCase() === language.toLowerCase());
  const near = concept.designations.filter((one) => baseOf(one.language) === baseOf(language));
  const [best] = [...wanted, ...near];
  return best ? { ...concept, display: best.value } : concept;
}

const baseOf = (language: string | undefined): string | undefined => language?.toLowerCase().split('-')[0];
