// Ready means that a client gets in: waits for the embedded PostgreSQL by connecting, and makes its database.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Connection } from './connection.ts';

/** Replaying the log after a crash takes a while: up to 2 GB of it. */
const timeoutMs = 180_000;

/**
 * Returns when the database of the connection can be used, which is created if the server does not have it yet.
 * Throws when the server ended before, or when it turns us away for good. `ended` tells how the server process ended.
 */
export async function waitUntilReady(connection: Connection, ended: Promise<string>): Promise<void> {
  let end: string | undefined;
  ended.then((how) => {
    end = how;
  });
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 100)) {
    const answer = await tryConnect(connection);
    if (answer === 'ready') return;
    if (answer === 'no database') return createDatabase(connection);
    if (end !== undefined) throw new Error(end);
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} seconds`);
    await sleep(pauseMs);
  }
}

async function tryConnect(connection: Connection): Promise<'ready' | 'no database' | 'not yet'> {
  const client = new pg.Client({ ...connection, ssl: false });
  client.on('error', () => undefined); // a connection lost after the answer says nothing new
  try {
    await client.connect();
    await client.end();
    return 'ready';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === '3D000') return 'no database';
    // Codes of five characters are PostgreSQL's; 57P03 is "starting up". The rest is a socket that is not there yet.
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== '57P03') throw error;
    return 'not yet';
  }
}

async function createDatabase(connection: Connection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres', ssl: false });
  await client.connect();
  try {
    // Copying files takes half the time of logging each page, and this is part of the first start.
    await client.query(`create database ${client.escapeIdentifier(connection.database)} strategy file_copy`);
  } finally {
    await client.end();
  }
}
