// Indexes what is stored again, when parameters were added or the extraction has changed, beside everything else the server
// does. Says in the log when a walk begins and when it has ended.

import type { Pool } from '../store/pool.ts';
import { askForVersion, type Step, stepReindex } from '../store/reindex.ts';
import { startLoop } from './loop.ts';

const pauseMs = 1_000;

/** Walks until stopped. `log` gets one line for people at a time. */
export function startReindex({
  pool,
  log,
  onError,
}: {
  pool: Pool;
  log: (line: string) => void;
  onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  let isAsked = false;
  const pass = async () => {
    if (!isAsked && (await askForVersion(pool)))
      log(
        'the index is of an older version: everything is indexed again; until then a search may miss some old records',
      );
    isAsked = true;
    const step = await stepReindex(pool);
    const line = step && lineOf(step);
    if (line) log(line);
    return step !== undefined;
  };
  return startLoop(pass, pauseMs, onError);
}

function lineOf({ type, step, done, isWhole }: Step): string | undefined {
  if (step === 'began') return `reindex of ${type} begins${isWhole ? '' : ' (search parameters have changed)'}`;
  return step === 'ended' ? `reindex of ${type} has ended: ${done} resources` : undefined;
}
