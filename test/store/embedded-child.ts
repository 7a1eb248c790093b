// Not a test: a server process for the tests of the embedded PostgreSQL, to be killed, raced or run as another user.
// Takes a ChildTask as its argument, prints a ChildAnswer as one line, then waits to be ended (or exits by itself).
import pg from 'pg';
import { startEmbedded } from '../../server/store/embedded/launcher.ts';
import type { ChildAnswer, ChildTask } from './embedded-process.ts';

const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
if (task.uid !== undefined) {
  // After the imports, so that the checkout itself may lie where this user cannot read.
  process.setgroups?.([]);
  process.setgid?.(task.uid);
  process.setuid?.(task.uid);
}

const lines: string[] = [];
async function answer(): Promise<ChildAnswer> {
  try {
    const embedded = await startEmbedded({ ...task.options, log: (line) => lines.push(line) });
    const client = new pg.Client(embedded.connection);
    await client.connect();
    const { rows } = await client.query(task.sql ?? 'select 1 as one');
    await client.end();
    return { connection: embedded.connection, rows, lines };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: { name, message }, lines };
  }
}

const result = await answer();
process.stdout.write(`${JSON.stringify(result)}\n`);
if (task.wait && !result.error) setInterval(() => undefined, 1_000);
