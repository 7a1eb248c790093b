// Arrays in PostgreSQL's binary form: what is sent is what the database reads from the same texts.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigints, instants, integers, jsons, smallints, texts, uuids } from '../../server/store/binary-arrays.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

let database: FreshDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 1, 30_000);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** What PostgreSQL makes of the parameter, element by element, beside what it makes of the texts. */
async function read(type: string, parameter: Buffer | string, wanted: readonly (string | null)[]) {
  const text = `select array(select v::text from unnest($1::${type}[]) v) as sent, array(select v::${type}::text from unnest($2::text[]) v) as wanted`;
  const { rows } = await pool.query<{ sent: string[]; wanted: string[] }>(text, [parameter, wanted]);
  return rows[0] ?? { sent: [], wanted: [] };
}

const storable = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed());
const times = fc
  .date({ min: new Date('0001-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const cases = [
  ['uuid', fc.uuid(), (values: string[]) => uuids(values)],
  ['int2', fc.integer({ min: -32768, max: 32767 }).map(String), (values: string[]) => smallints(values.map(Number))],
  ['int4', fc.integer().map(String), (values: string[]) => integers(values.map(Number))],
  ['int8', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), (values: string[]) => bigints(values)],
  ['timestamptz', fc.oneof(times, fc.constantFrom('infinity', '-infinity')), (values: string[]) => instants(values)],
  ['text', storable, (values: string[]) => texts(values)],
  [
    'jsonb',
    fc.jsonValue().map((value) => JSON.stringify(value).replaceAll('\\u0000', '')),
    (values: string[]) => jsons(values),
  ],
] as const;

test.each(cases)('%s[], none and many', async (type, value, parameterOf) => {
  await fc.assert(
    fc.asyncProperty(fc.array(value as fc.Arbitrary<string>, { maxLength: 60 }), async (values) => {
      const { sent, wanted } = await read(type, parameterOf(values), values);
      expect(sent).toEqual(wanted);
      expect(sent).toHaveLength(values.length);
    }),
    { numRuns: 60 },
  );
});

test('text that is missing is null', async () => {
  const { sent } = await read('text', texts(['', undefined, '試験 花子']), []);
  expect(sent).toEqual(['', null, '試験 花子']);
});

test('texts of several megabytes arrive whole, and the next small ones too', async () => {
  const long = '母子'.repeat(1_000_000);
  for (const values of [[long, 'x'], ['y'], [long, long]]) {
    const { rows } = await pool.query('select array(select md5(v) from unnest($1::text[]) v) as sums', [texts(values)]);
    const { rows: wanted } = await pool.query('select array(select md5(v) from unnest($1::text[]) v) as sums', [
      values,
    ]);
    expect(rows).toEqual(wanted);
  }
});
