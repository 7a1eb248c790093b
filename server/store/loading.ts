// A load: rows are filled under new numbers that nobody reads, one transaction puts them in force, and what they replace is
// forgotten a little later. One load at a time; a load that broke off leaves nothing but rows that the next one forgets.

import type { ClientBase, Pool } from 'pg';
import type { JsonObject } from '../fhir/json.ts';
import { LoadFault } from './load-fault.ts';
import type { LoadHead, Progress } from './load-head.ts';
import { writeCodeSystem } from './write-code-system.ts';
import { writeDefinitions } from './write-definitions.ts';

/** Facts about codes in any order, some at a time; see write-code-system.ts. */
export type CodeFacts = Parameters<typeof writeCodeSystem>[2];

export type Filling = {
  /** `partOf` is the number of a package. Returns how many concepts, and facts left out. Throws LoadFault. */
  codeSystem(head: LoadHead, facts: CodeFacts, partOf?: number): Promise<{ count: number; leftOut: number }>;
  /** Begins a package: `add` takes definitions, each with a url; `end` says whose they are. Throw LoadFault. */
  definitions(): Promise<{
    number: number;
    add(resources: readonly JsonObject[]): Promise<void>;
    end(head: LoadHead): Promise<void>;
  }>;
};

export type Loaded = LoadHead & { kind: 'definitions' | 'codes'; count: number; since: string };

export const loadedChannel = 'loaded';
// Any number will do as long as every process uses the same.
const loadLock = 7_205_763;
// Longer than a server takes to hear of a load that it was not told of, and then to end what it was doing.
const keptAfterSeconds = 120;
const mostAtOnce = 5_000;

/** Runs `fill` and puts all that it filled in force at once, or nothing of it where it throws. */
export async function load(pool: Pool, fill: (filling: Filling) => Promise<void>, progress: Progress): Promise<void> {
  const client = await pool.connect();
  const numbers: number[] = [];
  const begin = async (kind: string, { name, version, title, language }: LoadHead, partOf?: number) => {
    const { rows } = await client.query<{ number: number }>(
      'insert into loaded (kind, name, version, title, language, part_of) values ($1, $2, $3, $4, $5, $6) returning number',
      [kind, name, version, title, language, partOf],
    );
    const number = rows[0]?.number ?? 0;
    numbers.push(number);
    return number;
  };
  try {
    await client.query('set statement_timeout = 0');
    await takeTurn(client);
    while ((await forgetSome(client)) > 0);
    await fill({
      codeSystem: async (head, facts, partOf) => {
        const number = await begin('codes', head, partOf);
        const { count, properties, leftOut } = await writeCodeSystem(client, number, facts, progress);
        await client.query('update loaded set count = $2, properties = $3 where number = $1', [
          ...[number, count],
          properties,
        ]);
        return { count, leftOut };
      },
      definitions: async () => {
        const number = await begin('definitions', { name: '', version: '' });
        let count = 0;
        return {
          number,
          add: async (resources) => {
            count = await writeDefinitions(client, number, count, resources);
          },
          end: async ({ name, version, title }) => {
            await client.query('update loaded set name = $2, version = $3, title = $4, count = $5 where number = $1', [
              ...[number, name, version, title],
              count,
            ]);
          },
        };
      },
    });
    await putInForce(client, numbers);
  } catch (error) {
    await abandon(client, numbers).catch(() => undefined);
    throw error;
  } finally {
    // The connection goes with its temporary table and settings, and a little later than it is told to.
    await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
    client.release(true);
  }
}

/** What is in force, in the order of names and then of loading. */
export async function listLoaded(pool: Pool): Promise<Loaded[]> {
  const { rows } = await pool.query<Loaded>(
    `select kind, name, version, title, language, count, to_char(since, 'YYYY-MM-DD HH24:MI') as since from loaded
     where since is not null and until is null order by name, number`,
  );
  return rows;
}

/** Takes out of force what has this name and, where one is given, this version; with what came in a package. Returns what. */
export async function removeLoaded(pool: Pool, name: string, version?: string): Promise<Loaded[]> {
  const { rows } = await pool.query<Loaded>(
    `with named as (
       select number from loaded
       where until is null and since is not null and name = $1 and ($2::text is null or version = $2)
     ), ended as (
       update loaded l set until = now()
       where until is null and since is not null and (number in (select number from named) or part_of in (select number from named))
       returning kind, name, version, title, language, count
     ), told as materialized (select pg_notify($3, '') where exists (select from ended))
     select e.* from ended e left join told on true`,
    [name, version, loadedChannel],
  );
  return rows;
}

/** Forgets a bounded part of what is no more in force, or was never put there; answers how many rows. */
export async function pruneLoaded(pool: Pool): Promise<number> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as mine', [loadLock]);
    if (!rows[0].mine) return 0;
    try {
      return await forgetSome(client);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [loadLock]);
    }
  } finally {
    client.release();
  }
}

async function takeTurn(client: ClientBase): Promise<void> {
  const { rows } = await client.query('select pg_try_advisory_lock($1) as mine', [loadLock]);
  if (!rows[0].mine) throw new LoadFault('another load is under way on this database; wait until it has ended');
}

async function putInForce(client: ClientBase, numbers: readonly number[]): Promise<void> {
  await client.query('begin');
  await client.query(
    `with new as (select kind, name, version from loaded where number = any($1::int[])), replaced as (
       select l.number from loaded l, new n
       where l.kind = n.kind and l.name = n.name and l.version = n.version and l.since is not null and l.until is null
     )
     update loaded set until = now()
     where until is null and since is not null
       and (number in (select number from replaced) or part_of in (select number from replaced))`,
    [numbers],
  );
  await client.query('update loaded set since = now() where number = any($1::int[])', [numbers]);
  await client.query('select pg_notify($1, $2)', [loadedChannel, '']);
  await client.query('commit');
}

async function abandon(client: ClientBase, numbers: readonly number[]): Promise<void> {
  await client.query('rollback');
  if (numbers.length > 0) while ((await forgetSome(client)) > 0);
}

const forgetText = (table: string, order: string) => `
with old as materialized (select ctid as place from ${table} where loaded = $1 order by ${order} limit ${mostAtOnce})
delete from ${table} t using old where t.ctid = old.place`;
const forgetTexts = [
  forgetText('concept', 'loaded, position'),
  forgetText('concept_set', 'loaded, name, block'),
  forgetText('loaded_definition', 'loaded, n'),
];

/** The caller has the lock, so that what is not in force yet belongs to nobody. */
async function forgetSome(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ number: number }>(
    `select number from loaded where since is null or until < now() - interval '${keptAfterSeconds} seconds'
     order by number limit 1`,
  );
  const number = rows[0]?.number;
  if (number === undefined) return 0;
  let count = 0;
  for (const text of forgetTexts) count += (await client.query(text, [number])).rowCount ?? 0;
  if (count > 0) return count;
  await client.query('delete from loaded where number = $1', [number]);
  return 1;
}
