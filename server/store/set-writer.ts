// Writes the sets of a code system's concepts, block by block in the order of positions.

import type { ClientBase } from 'pg';
import { byteas, integers, texts } from './binary-arrays.ts';
import { blockSize, storedBlock } from './position-set.ts';
import { gramName } from './set-names.ts';

const batch = 5_000;

const setText = `
insert into concept_set (loaded, name, block, members)
select $1::int, s.name, s.block, s.members from unnest($2::text[], $3::int[], $4::bytea[]) s(name, block, members)`;

/** `at` goes on to a position, never back; `add` and `addGram` put it in a set; `end` writes what is left. */
export function createSetWriter(client: ClientBase, loaded: number) {
  let block = 0;
  let place = 0;
  let sets = new Map<string, number[]>();
  // By the gram alone: there are hundreds for each concept, and to join each with what makes it a name takes most of the time.
  let grams = new Map<string, number[]>();

  return {
    async at(position: number): Promise<void> {
      const next = Math.floor(position / blockSize);
      if (next !== block) await flush();
      block = next;
      place = position % blockSize;
    },
    add: (name: string): void => addTo(sets, name),
    addGram: (gram: string): void => addTo(grams, gram),
    end: flush,
  };

  function addTo(some: Map<string, number[]>, name: string): void {
    const places = some.get(name);
    if (!places) some.set(name, [place]);
    else if (places[places.length - 1] !== place) places.push(place);
  }

  async function flush(): Promise<void> {
    for (const [gram, places] of grams) sets.set(gramName(gram), places);
    grams = new Map();
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
