// The helper itself: what it hands out must be empty, separate and reachable both ways.
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase } from './database.ts';

test('freshDatabase > two of them share nothing, and the URL leads to the same place as the connection', async () => {
  const [one, other] = [await freshDatabase(), await freshDatabase()];
  const byConnection = new pg.Client(one.connection);
  const byUrl = new pg.Client({ connectionString: one.url });
  const stranger = new pg.Client(other.connection);
  await Promise.all([byConnection.connect(), byUrl.connect(), stranger.connect()]);
  await byConnection.query('create table kept as select 1 as n');
  expect((await byUrl.query('select n from kept')).rows).toEqual([{ n: 1 }]);
  await expect(stranger.query('select n from kept')).rejects.toThrow(/does not exist/);
  await Promise.all([byConnection.end(), byUrl.end(), stranger.end()]);
  await one.drop();
  await other.drop();
  await expect(new pg.Client(one.connection).connect()).rejects.toThrow(/does not exist/);
});
