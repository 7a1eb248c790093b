// The population behind the families that are measured: up to a million patients, written through the product's own door
// (validation, extraction, the one write statement) in sets of some thousand creates, with the secondary indexes built at
// the end. One child in 25 has a full record of 51 resources, the others a Patient, two doses and a measurement: 5.9 each.

import { systemAccess } from '../../server/access/access.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import type { Change } from '../../server/store/change.ts';
import type { Pool } from '../../server/store/pool.ts';
import { createWriter } from '../../server/store/write.ts';
import { child, immunization, observation, populationFrom, someDose } from './families.ts';
import { familySize, type Person } from './seed.ts';

export type Population = { families: Person[]; others: Person[]; resources: number };

const oneFullIn = 25;
const atOnce = 400;
/** How many of each kind are remembered for the workloads, spread over all. */
const sample = 4000;

/** Stores `patients` children and returns some of them. Calls `onProgress` now and then with how many are stored. */
export async function loadPopulation(
  pool: Pool,
  base: string,
  patients: number,
  onProgress: (stored: number) => void,
): Promise<Population> {
  const write = createWriter({ pool, nowMs: Date.now, base });
  const access = systemAccess('bench');
  const found: Population = { families: [], others: [], resources: 0 };
  const every = { families: Math.ceil(patients / oneFullIn / sample), others: Math.ceil(patients / sample) };
  let next = 0;
  const worker = async () => {
    while (next < patients) {
      const numbers = Array.from({ length: Math.min(atOnce, patients - next) }, (_, n) => next + n);
      next += numbers.length;
      const changes = numbers.flatMap(family);
      const written = await write(access, changes, { request: crypto.randomUUID() });
      const ids = written.filter(({ type }) => type === 'Patient').map(({ id }) => id);
      numbers.forEach((n, position) => {
        const person = { id: ids[position] ?? '', n: populationFrom + n };
        if (isFull(n) && (n / oneFullIn) % every.families === 0) found.families.push(person);
        if (!isFull(n) && n % every.others === 1 % every.others) found.others.push(person);
      });
      found.resources += written.length;
      if (Math.floor(next / 20_000) > Math.floor((next - numbers.length) / 20_000)) onProgress(next);
    }
  };
  await withoutIndexes(pool, () => withoutRelay(pool, () => Promise.all([worker(), worker()])));
  return found;
}

const isFull = (n: number): boolean => n % oneFullIn === 0;

function family(n: number): Change[] {
  const fullUrl = `urn:uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  const number = populationFrom + n;
  const doses = isFull(n) ? familySize.doses : 2;
  const measurements = isFull(n) ? familySize.measurements : 1;
  const dose = isFull(n) ? immunization : someDose;
  const record = [
    ...Array.from({ length: doses }, (_, index) => dose(number, index, fullUrl)),
    ...Array.from({ length: measurements }, (_, index) => observation(number, n + index, fullUrl)),
  ];
  return [
    { method: 'create', type: 'Patient', resource: child(number) as unknown as JsonObject, fullUrl },
    ...record.map(
      (resource): Change => ({
        method: 'create',
        type: resource.resourceType,
        resource: resource as unknown as JsonObject,
      }),
    ),
  ];
}

/** Building an index once costs a fraction of keeping it up to date; what comes out is the same, only tighter. */
async function withoutIndexes(pool: Pool, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await pool.query<{ indexname: string; indexdef: string }>(`
select indexname, indexdef from pg_indexes i
where schemaname = current_schema() and tablename in ('resource', 'term', 'words', 'sharing')
  and not exists (select from pg_constraint c where c.conname = i.indexname)`);
  for (const { indexname } of rows) await pool.query(`drop index ${indexname}`);
  await work();
  const client = await pool.connect();
  try {
    await client.query("set maintenance_work_mem = '512MB'");
    for (const { indexdef } of rows) await client.query(indexdef);
  } finally {
    client.release(true);
  }
}

/** Holds the relay's place, so that it does not read along, and moves it behind what was stored: nobody waits for that. */
async function withoutRelay(pool: Pool, work: () => Promise<unknown>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("insert into consumer (name) values ('jobs') on conflict do nothing");
    await client.query('begin');
    await client.query("select from consumer where name = 'jobs' for update");
    await work();
    await client.query(`
update consumer set (xid, id) = (select xid, id from outbox order by xid desc, id desc limit 1)
where name = 'jobs' and exists (select from outbox)`);
    await client.query('commit');
  } finally {
    client.release();
  }
}
