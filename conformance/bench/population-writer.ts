// Writes a part of the population, a process of its own: through the product's own door, so with validation, extraction and
// the one write statement, in sets of some thousand creates. Takes its orders and reports over Node's IPC.
import { systemAccess } from '../../server/access/access.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import type { Change } from '../../server/store/change.ts';
import { type Connection, openPool } from '../../server/store/pool.ts';
import { createWriter } from '../../server/store/write.ts';
import { child, immunization, observation, populationFrom, someDose } from './families.ts';
import { familySize, type Person } from './seed.ts';

/** What a child has besides its Patient: one in `oneFullIn` a full record, the others this. */
export type Shape = { oneFullIn: number; doses: number; measurements: number };
export type WriteOrder = { connection: Connection; base: string; from: number; to: number; shape: Shape };
export type WriteReport = { families: Person[]; others: Person[] };

const atOnce = 400;

process.on('message', (order: WriteOrder) => {
  writePart(order).then(
    (report) => process.send?.(report),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));

async function writePart({ connection, base, from, to, shape }: WriteOrder): Promise<WriteReport> {
  const pool = openPool(connection, 2, 0);
  const write = createWriter({ pool, nowMs: Date.now, base });
  const access = systemAccess('bench');
  const report: WriteReport = { families: [], others: [] };
  let next = from;
  const lane = async () => {
    while (next < to) {
      const numbers = Array.from({ length: Math.min(atOnce, to - next) }, (_, n) => next + n);
      next += numbers.length;
      const changes = numbers.flatMap((n) => family(n, shape));
      const written = await write(access, changes, { request: crypto.randomUUID() });
      const ids = written.filter(({ type }) => type === 'Patient').map(({ id }) => id);
      numbers.forEach((n, position) => {
        const person = { id: ids[position] ?? '', n: populationFrom + n };
        (n % shape.oneFullIn === 0 ? report.families : report.others).push(person);
      });
    }
  };
  await Promise.all([lane(), lane()]);
  await pool.end();
  return report;
}

function family(n: number, { oneFullIn, ...few }: Shape): Change[] {
  const fullUrl = `urn:uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  const number = populationFrom + n;
  const isFull = n % oneFullIn === 0;
  const { doses, measurements } = isFull ? familySize : few;
  const dose = isFull ? immunization : someDose;
  const record = [
    child(number),
    ...Array.from({ length: doses }, (_, index) => dose(number, index, fullUrl)),
    ...Array.from({ length: measurements }, (_, index) => observation(number, isFull ? index : n + index, fullUrl)),
  ];
  return record.map((resource, index) => ({
    method: 'create',
    type: resource.resourceType,
    resource: resource as unknown as JsonObject,
    ...(index === 0 ? { fullUrl } : {}),
  }));
}
