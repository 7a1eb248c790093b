// A search that takes longer than a statement may is refused in words, and is no fault of the server.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reach } from '../../server/access/access.ts';
import { parseQuery } from '../../server/search/parse-query.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { createSearcher } from '../../server/store/searcher.ts';
import { freshDatabase } from '../support/database.ts';

const everyone: Reach = { kind: 'all' };
const hurriedMs = 200;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let hurried: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 1, 30_000);
  await migrate(pool);
  hurried = openPool(database.connection, 1, hurriedMs);
});
afterAll(async () => {
  await hurried.end();
  await pool.end();
  await database.drop();
});

test('page, total and whole-system search > 422 too-costly', async () => {
  const searcher = createSearcher({ pool: hurried, nowMs: Date.now });
  const query = parseQuery('Patient', [], { lenient: false, nowMs: 0, base: '' });
  const refused = { status: 422, issues: [{ code: 'too-costly' }] };
  const blocker = await pool.connect();
  try {
    await blocker.query('begin');
    await blocker.query('lock table resource in access exclusive mode');
    await expect(searcher.page(query, everyone)).rejects.toMatchObject(refused);
    await expect(searcher.count(query, everyone)).rejects.toMatchObject(refused);
    await expect(searcher.systemPage([{ query, reach: everyone }])).rejects.toMatchObject(refused);
  } finally {
    await blocker.query('rollback');
    blocker.release();
  }
});
