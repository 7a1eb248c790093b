// Writes the sets of a code system's concepts, block by block in the order of positions.

import type { ClientBase } from 'pg';
import { byteas, integers, texts } from './binary-arrays.ts';
import { blockSize, storedBlock } from './position-set.ts';

const batch = 5_000;

const setText = `
insert into concept_set (loaded, name, block, members)
select $1::int, s.name, s.block, s.members from unnest($2::text[], $3::int[], $4::bytea[]) s(name, block, members)`;

/** `at` goes on to a position, never back; `add` puts it in a set; `end` writes what is left. */
export function createSetWriter(client: ClientBase, loaded: number) {
  let block = 0;
  let place = 0;
  let sets = new Map<string, number[]>();

  return {
    async at(position: number): Promise<void> {
      const next = Math.floor(position / blockSize);
      if (next !== block) await flush();
      block = next;
      place = position % blockSize;
    },
    add(name: string): void {
      const places = sets.get(name);
      if (!places) sets.set(name, [place]);
      else if (places[places.length - 1] !== place) places.push(place);
    },
    end: flush,
  };

  async function flush(): Promise<void> {
    // In the order of the index, so that its pages are written once.
    const names = [...sets.keys()].sort();
    for (let at = 0; at < names.length; at += batch) {
      const some = names.slice(at, at + batch);
      const members = some.map((name) => storedBlock(sets.get(name) ?? []));
      const values = [loaded, texts(some), integers(some.map(() => block)), byteas(members)];
      await client.query({ name: 'load-sets', text: setText, values });
    }
    sets = new Map();
  }
}
