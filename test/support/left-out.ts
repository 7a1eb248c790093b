// What this run of the tests could not do on this machine, and why. `npm test` prints the list at its end and, with CI=true,
// fails when there is anything on it (see run.ts).
import { appendFileSync } from 'node:fs';

/** The variable that carries the list's path from the runner to the test processes. */
export const LEFT_OUT_FILE = 'LEFT_OUT_FILE';

/**
 * Notes something left out, as `what: why`: `leftOut('redis: no redis-server found')`. Call it where the test is skipped;
 * the same note from several files is printed once.
 */
export function leftOut(note: string): void {
  const path = process.env[LEFT_OUT_FILE];
  if (path) appendFileSync(path, `${note.replaceAll('\n', ' ')}\n`);
  else console.warn(`left out: ${note}`);
}
