// How commands reach a running server: over its public API, with a token of their own unless one is given.

import { type Config, readConfig } from '../config.ts';
import { runningEmbedded } from '../store/embedded/attach.ts';
import { openPool, type Pool } from '../store/pool.ts';
import { mintToken } from '../store/tokens.ts';
import { CommandError } from './command.ts';
import { explain } from './explain.ts';

const hourMs = 3_600_000;

/** The FHIR base and a token with every right, which ends after an hour. Throws CommandError when there is no server. */
export async function connect(flags: {
  server?: string | undefined;
  token?: string | undefined;
  /** As whom; what a client delivered is shown to that client alone. */
  client?: string | undefined;
}): Promise<{ fhirBase: string; token: string }> {
  const config = settingsOf();
  const server = flags.server ?? config.BASE_URL ?? `http://${config.HOST}:${config.PORT}`;
  const token =
    flags.token ??
    (await withDatabase(config, (pool) =>
      mintToken(pool, { client: flags.client ?? 'tsumugi-cli', scope: 'system/*.cruds', lifetimeMs: hourMs }),
    ));
  return { fhirBase: `${server.replace(/\/$/, '')}/fhir`, token };
}

/** Runs `work` on the database of the server that DATA_DIR or DATABASE_URL names. A `statementTimeoutMs` of 0 is none. */
export async function withDatabase<T>(
  config: Config,
  work: (pool: Pool) => Promise<T>,
  { connections = 1, statementTimeoutMs = 10_000 }: { connections?: number; statementTimeoutMs?: number } = {},
): Promise<T> {
  const embedded = config.DATABASE_URL === undefined ? await runningEmbedded(config.DATA_DIR) : undefined;
  if (!embedded && config.DATABASE_URL === undefined) {
    throw new CommandError(`no server is running on ${config.DATA_DIR}; start it, or set DATA_DIR or DATABASE_URL`);
  }
  const pool = openPool(embedded ?? { connectionString: config.DATABASE_URL ?? '' }, connections, statementTimeoutMs);
  try {
    return await work(pool);
  } catch (error) {
    return explain(error);
  } finally {
    await pool.end();
  }
}

/** The settings of this process; wrong ones end the command with a line each (CommandError). */
export function settingsOf(): Config {
  try {
    return readConfig();
  } catch (error) {
    return explain(error);
  }
}
