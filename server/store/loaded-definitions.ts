// The definitions of loaded packages over the shipped ones, and which code systems are loaded: held in memory by every process,
// and read anew when something is loaded or removed.

import type { Pool } from 'pg';
import { type Definitions, layered } from '../definitions/definitions.ts';
import { type Deflated, deflatedDefinitions } from '../definitions/pack.ts';
import { follow } from './follow.ts';
import { loadedChannel } from './loading.ts';

/** A loaded code system, with the number of its rows. */
export type LoadedSystem = {
  number: number;
  system: string;
  version: string;
  name?: string;
  language?: string;
  count: number;
  properties: readonly string[];
};

export type LoadedDefinitions = {
  /** Loaded over shipped. Another object after each load or removal: what was compiled against one is good for that one alone. */
  current(): Definitions;
  /** Of each system the version in force last. */
  systems(): readonly LoadedSystem[];
  close(): void;
};

type Row = Omit<LoadedSystem, 'system' | 'name'> & { kind: string; name: string; title: string | null };

const rereadMs = 15_000;
const unheardMs = 1_000;
const page = 500;

/** Reads what is loaded and keeps it up to date. Holds one connection of the pool. */
export async function followLoaded({
  pool,
  shipped,
}: {
  pool: Pool;
  shipped: () => Definitions;
}): Promise<LoadedDefinitions> {
  let known = '';
  let definitions: Definitions | undefined;
  let systems: readonly LoadedSystem[] = [];
  const packages = new Map<number, readonly Deflated[]>();

  const read = async () => {
    const { rows } = await pool.query<Row>({ name: 'loaded', text: loadedText });
    const now = rows.map(({ number }) => number).join();
    if (now === known) return;
    const numbers = rows.filter(({ kind }) => kind === 'definitions').map(({ number }) => number);
    for (const number of numbers) if (!packages.has(number)) packages.set(number, await definitionsOf(pool, number));
    for (const number of packages.keys()) if (!numbers.includes(number)) packages.delete(number);
    const loaded = [...packages.values()].flat().sort(byVersion);
    // Sorting is stable: of the same version, the package that was loaded last comes last.
    definitions = loaded.length === 0 ? shipped() : layered(deflatedDefinitions(loaded), shipped());
    systems = rows.filter(({ kind }) => kind === 'codes').map(systemOf);
    known = now;
  };
  const pauseMs = (isListening: boolean) => (isListening ? rereadMs : unheardMs);
  const { close } = await follow({ pool, channel: loadedChannel, read, pauseMs });
  return { current: () => definitions ?? shipped(), systems: () => systems, close };
}

const loadedText = `
select number, kind, name, version, title, language, count, properties from loaded
where since is not null and until is null order by number`;

async function definitionsOf(pool: Pool, number: number): Promise<Deflated[]> {
  const found: Deflated[] = [];
  for (let after = -1; ; ) {
    const { rows } = await pool.query<{ n: number; type: string; urls: string[]; version: string; content: Buffer }>({
      name: 'loaded-definitions',
      text: `select n, type, urls, version, content from loaded_definition where loaded = $1 and n > $2 order by n limit ${page}`,
      values: [number, after],
    });
    for (const { n, type, urls, version, content } of rows) {
      for (const url of urls) found.push({ type, url, version, bytes: content });
      after = n;
    }
    if (rows.length < page) return found;
  }
}

const systemOf = ({ number, name, version, title, language, count, properties }: Row): LoadedSystem => ({
  ...{ number, system: name, version, count, properties },
  ...(title && { name: title }),
  ...(language && { language }),
});

const byVersion = (a: Deflated, b: Deflated): number => a.version.localeCompare(b.version, 'en', { numeric: true });
