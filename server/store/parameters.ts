// The search parameters that SearchParameter resources define: kept beside the record by the transaction that writes the
// resource, and known to every server process. FHIR R4, https://hl7.org/fhir/R4/searchparameter.html

import type { ClientBase, Pool } from 'pg';
import type { SearchParameterDefinition } from '../fhir/definitions.ts';
import { businessRule } from '../fhir/outcome.ts';
import { type CustomParameter, customSet, useCustomParameters } from '../search/custom-set.ts';
import { typeName, typeNumber } from '../search/keys.ts';
import { follow } from './follow.ts';

/** A SearchParameter that was written; without a definition it is draft, retired or deleted. */
export type Defining = { key: string; id: string; definition: SearchParameterDefinition | undefined };

const channel = 'parameters';
// A lost notification is made good this late; progress is read anew more often, and only while there is some.
const rereadMs = 15_000;
const progressMs = 1_000;

/**
 * Puts what was written in force, inside the transaction that wrote it, and asks for the walks that bring it into the rows
 * there are. Answers whether anything changed. Throws OperationOutcomeError 422 for a code that another SearchParameter has.
 */
export async function define(client: ClientBase, changes: readonly Defining[]): Promise<boolean> {
  const changed: Defining[] = [];
  for (const one of changes) if (!(await isInForce(client, one))) changed.push(one);
  if (changed.length === 0) return false;
  // Locks the row, so that two definitions of one code meet here.
  const { rows } = await client.query('update index_state set generation = generation + 1 returning generation');
  await client.query('delete from parameter where key = any($1::uuid[])', [changed.map(({ key }) => key)]);
  for (const { key, id, definition } of changed) {
    if (!definition) continue;
    const types = definition.base.map(typeNumber);
    await refuseTaken(client, definition, types);
    await client.query('insert into parameter (key, id, definition, types, state) values ($1, $2, $3, $4, $5)', [
      key,
      id,
      JSON.stringify(definition),
      types,
      'building',
    ]);
    await client.query(askText, [types, rows[0].generation, false]);
  }
  await client.query('select pg_notify($1, $2)', [channel, '']);
  return true;
}

/** Asks for walks over types: $1 their numbers, $2 the generation to bring in, $3 whether other code extracts. */
export const askText = `
insert into reindex as r (type, generation, whole) select distinct t.type, $2::bigint, $3::bool from unnest($1::int2[]) t(type)
on conflict (type) do update set generation = excluded.generation, whole = excluded.whole or (r.whole and r.ended is null),
  at = default, key = default, done = 0, total = null, started = null, ended = null`;

async function isInForce(client: ClientBase, { key, definition }: Defining): Promise<boolean> {
  const { rows } = await client.query('select definition from parameter where key = $1 and definition = $2', [
    key,
    definition ? JSON.stringify(definition) : null,
  ]);
  if (definition) return rows.length > 0;
  const { rowCount } = await client.query('select from parameter where key = $1', [key]);
  return rowCount === 0;
}

async function refuseTaken(client: ClientBase, { code }: SearchParameterDefinition, types: number[]): Promise<void> {
  const { rows } = await client.query<{ id: string; type: number }>(
    `select p.id, t.type from parameter p cross join unnest(p.types) t(type)
     where p.definition ->> 'code' = $1 and t.type = any($2::int2[]) limit 1`,
    [code, types],
  );
  const [taken] = rows;
  if (taken)
    throw businessRule(`The code ${code} of ${typeName(taken.type)} is taken by SearchParameter/${taken.id}`, [
      'SearchParameter.code',
    ]);
}

type Row = {
  id: string;
  definition: SearchParameterDefinition;
  state: CustomParameter['state'];
  done: number;
  total: number | null;
};

const setText = `
select s.generation::float8 as generation, coalesce((
  select jsonb_agg(jsonb_build_object('id', p.id, 'definition', p.definition, 'state', p.state, 'done', w.done, 'total', w.total)
    order by p.id)
  from parameter p cross join lateral (
    select sum(done) as done, case when count(total) = count(*) then sum(total) end as total from reindex where type = any(p.types)
  ) w
), '[]') as parameters
from index_state s`;

let asked = 0;
let answered = 0;

/** Reads the definitions and makes them those of this process, unless a later reading was quicker. */
export async function readParameters(connection: Pool | ClientBase): Promise<void> {
  const turn = ++asked;
  const { rows } = await connection.query<{ generation: number; parameters: Row[] }>({
    name: 'parameters',
    text: setText,
  });
  const [{ generation, parameters } = { generation: 0, parameters: [] }] = rows;
  if (turn < answered) return;
  answered = turn;
  useCustomParameters({
    generation,
    parameters: parameters.map(({ id, definition, state, done, total }) => ({
      reference: `SearchParameter/${id}`,
      definition,
      state,
      done: done ?? 0,
      total: total ?? undefined,
    })),
  });
}

/**
 * Reads the definitions and keeps them up to date: at once when another process changes them, and now and then in case
 * the news were lost. Holds one connection.
 */
export function followParameters({ pool }: { pool: Pool }): Promise<{ close(): void }> {
  const pauseMs = (isListening: boolean) => {
    const isBuilding = customSet().parameters.some(({ state }) => state === 'building');
    return isBuilding || !isListening ? progressMs : rereadMs;
  };
  return follow({ pool, channel, read: () => readParameters(pool), pauseMs });
}
