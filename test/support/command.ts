// Commands run as the command line runs them: on the database that the settings name, with what they print.

import { expect, vi } from 'vitest';
import type { Command } from '../../server/cli/command.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { freshDatabase } from './database.ts';

export type CommandDatabase = { pool: Pool; close(): Promise<void> };

/** A migrated database that the settings name until it is closed. */
export async function openCommandDatabase(): Promise<CommandDatabase> {
  const database = await freshDatabase();
  const pool = openPool(database.connection, 2, 30_000);
  await migrate(pool);
  vi.stubEnv('DATABASE_URL', database.url);
  // The runner has one of its own, which is no address.
  vi.stubEnv('BASE_URL', '');
  return {
    pool,
    async close() {
      vi.unstubAllEnvs();
      await pool.end();
      await database.drop();
    },
  };
}

/** What a command prints that ends well. */
export async function run(command: Command, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  expect(await command.run(args, { line, error: line })).toBe(0);
  return lines;
}
