// Concepts and sets of concepts, read from the tables of a loaded code system by index walks.

import type { Pool } from 'pg';
import type { LargeConcept, LargeProperty } from '../terminology/large-code-systems.ts';
import { addBlock, membersOf, noPositions, type PositionSet } from './position-set.ts';
import { propertyName } from './set-names.ts';
import type { More } from './write-code-system.ts';

type Row = { position: number; code: string; display: string; inactive: boolean; abstract: boolean; more: string };
type Size = { number: number; count: number };
type Place = { position: number; parents: number[]; ancestors: number[] };

export type ConceptReader = ReturnType<typeof createConceptReader>;

const rowsText = `
select c.position, c.code, c.display, c.inactive, c.abstract, c.more
from unnest($2::int[]) with ordinality p(position, n) cross join lateral (
  select * from concept c where c.loaded = $1 and c.position = p.position
) c order by p.n`;
const placesText = `
select c.code, c.position, c.parents, c.ancestors from unnest($2::text[]) w(code) cross join lateral (
  select * from concept c where c.loaded = $1 and c.code = w.code
) c`;
const setsText = `
select s.name, s.block, s.members from unnest($2::text[]) w(name) cross join lateral (
  select * from concept_set s where s.loaded = $1 and s.name = w.name
) s`;
const rangeText = `
select block, members from concept_set where loaded = $1 and name collate "C" >= $2 and name collate "C" < $3`;
const wordText = `
select c.position from unnest($2::int[]) p(position) cross join lateral (
  select c.position from concept c
  where c.loaded = $1 and c.position = p.position and strpos(c.words, $3) > 0
) c`;
const codeMatchText = `select position from concept where loaded = $1 and code ~ $2`;
const displayMatchText = `select position from concept where loaded = $1 and display ~ $2`;
const displayText = `select position from concept where loaded = $1 and display = $2`;
const namesText = `
select distinct name from concept_set
where loaded = $1 and name collate "C" >= $2 and name collate "C" < $3 and substr(name, length($2) + 1) ~ $4`;

export function createConceptReader({ pool }: { pool: Pool }) {
  const query = async <T extends object>(name: string, text: string, values: unknown[]): Promise<T[]> =>
    (await pool.query<T>({ name: `concepts-${name}`, text, values })).rows;
  const positionsIn = async (name: string, text: string, values: unknown[]): Promise<number[]> =>
    (await query<{ position: number }>(name, text, values)).map(({ position }) => position);

  /** One set for each name, in no order; a name that nothing has gives an empty one. */
  async function sets({ number, count }: Size, names: readonly string[]): Promise<PositionSet[]> {
    const byName = new Map(names.map((name) => [name, noPositions(count)]));
    type Block = { name: string; block: number; members: Buffer };
    for (const { name, block, members } of await query<Block>('sets', setsText, [number, names])) {
      const set = byName.get(name);
      if (set) addBlock(set, block, members);
    }
    return [...byName.values()];
  }

  async function set(size: Size, name: string): Promise<PositionSet> {
    const [only = noPositions(size.count)] = await sets(size, [name]);
    return only;
  }

  /** All that is in a set whose name begins so. */
  async function beginning({ number, count }: Size, start: string): Promise<PositionSet> {
    type Block = { block: number; members: Buffer };
    const blocks = await query<Block>('range', rangeText, [number, start, `${start}\u{10ffff}`]);
    return blocks.reduce((set, { block, members }) => addBlock(set, block, members), noPositions(count));
  }

  /** By position, in this order; without their parents and children. */
  async function at(number: number, positions: readonly number[]): Promise<LargeConcept[]> {
    if (positions.length === 0) return [];
    return (await query<Row>('rows', rowsText, [number, positions])).map(conceptOf);
  }

  /** By code; what is no code of the system is not in it. */
  async function places(number: number, codes: readonly string[]): Promise<Map<string, Place>> {
    const rows = await query<Place & { code: string }>('places', placesText, [number, codes]);
    return new Map(rows.map((row) => [row.code, row]));
  }

  return {
    at,
    places,
    set,
    sets,
    beginning,
    positions: async (number: number, codes: readonly string[]): Promise<number[]> =>
      [...(await places(number, codes)).values()].map(({ position }) => position),

    /** One concept with its parents and children among its properties; undefined for what is no code of the system. */
    async whole(number: number, code: string): Promise<LargeConcept | undefined> {
      const place = (await places(number, [code])).get(code);
      if (!place) return undefined;
      // Of the children the positions are all that is asked for, wherever the code system ends.
      const below = await query<{ block: number; members: Buffer }>('sets', setsText, [
        number,
        [propertyName('parent', code)],
      ]);
      const most = below.reduce((end, { block }) => Math.max(end, block + 1), 0) * 8192;
      const children = below.reduce((set, { block, members }) => addBlock(set, block, members), noPositions(most));
      const near = [place.position, ...place.parents, ...membersOf(children)];
      const [concept, ...others] = await at(number, near);
      if (!concept) return undefined;
      const relations = others.map((other, n): LargeProperty => {
        return { code: n < place.parents.length ? 'parent' : 'child', type: 'code', value: other.code };
      });
      return { ...concept, properties: [...concept.properties, ...relations] };
    },

    /** Those of the positions among whose words this one is. */
    withWord: async (number: number, positions: readonly number[], word: string): Promise<number[]> =>
      positions.length === 0 ? [] : positionsIn('word', wordText, [number, positions, word]),

    /** By a regular expression of PostgreSQL. */
    matchingCode: (number: number, pattern: string) => positionsIn('code-match', codeMatchText, [number, pattern]),
    matchingDisplay: (number: number, pattern: string) =>
      positionsIn('display-match', displayMatchText, [number, pattern]),
    withDisplay: (number: number, display: string) => positionsIn('display', displayText, [number, display]),

    /** Names of sets that begin with this and go on as the expression says. */
    async matchingNames(number: number, start: string, pattern: string): Promise<string[]> {
      const values = [number, start, `${start}\u{10ffff}`, pattern];
      return (await query<{ name: string }>('names', namesText, values)).map(({ name }) => name);
    },
  };
}

function conceptOf({ code, display, inactive, abstract, more }: Row): LargeConcept {
  const { definition, designations = [], properties = [] } = JSON.parse(more) as More;
  return {
    ...{ code, display, designations, properties },
    ...(inactive && { isInactive: true }),
    ...(abstract && { isAbstract: true }),
    ...(definition !== undefined && { definition }),
  };
}
