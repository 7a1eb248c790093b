// Runs work in the background: takes one at a time, holds it while it runs, sweeps away what nobody fetches any more. Any number
// of processes may do so beside each other when they share the folder.

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../fhir/json.ts';
import type { StoredWork, Works } from '../store/works.ts';
import { startLoop } from './loop.ts';

export type Run = (work: StoredWork, tools: Tools) => Promise<JsonObject>;
export type Tools = {
  folder: string;
  save(state: JsonObject, progress: string): Promise<void>;
  signal: AbortSignal;
};

/** Thrown by `save`, and the reason of `signal`. */
class WorkStopped extends Error {}

const pauseMs = 500;
const holdEveryMs = 20_000;
const sweepEveryMs = 60_000;
const mostAttempts = 3;
/** A work that takes its process with it each time must not do so for ever; planned restarts count as well. */
const mostTaken = 12;
/** A large export must not keep every family waiting for its archive. */
const atOnce = 2;

type Options = {
  works: Works;
  /** The folder of the folders. */
  dir: string;
  kinds: readonly string[];
  run: Run;
  /** The answer for a work that fails for good because of `error`; undefined when it may be tried again. */
  refusalOf: (error: unknown, isLast: boolean, work: StoredWork) => JsonObject | undefined;
  onError: (error: unknown) => void;
};

/** Works until stopped; what runs then is given back, to go on elsewhere. */
export function startWorks(options: Options): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = Array.from({ length: atOnce }, () =>
    startLoop(() => runNext(options, stopping.signal), pauseMs, options.onError),
  );
  const sweeping = startLoop(() => sweepFolders(options), sweepEveryMs, options.onError);
  return {
    stop: async () => {
      stopping.abort(new WorkStopped());
      for (const loop of [...loops, sweeping]) await loop.stop();
    },
  };
}

async function runNext(options: Options, stopping: AbortSignal): Promise<boolean> {
  if (stopping.aborted) return false;
  const { works, dir, run, refusalOf, onError } = options;
  const work = await works.take(options.kinds);
  if (!work) return false;
  const { id, attempts } = work;
  if (attempts > mostTaken) {
    await works.end(id, attempts, 'failed', refusalOf(new Error('the process ended each time'), true, work) ?? {});
    return true;
  }
  const folder = join(dir, id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const cancelled = new AbortController();
  const hold = async (saved?: { state: JsonObject; progress: string }) => {
    if (!(await works.hold(id, attempts, saved))) cancelled.abort(new WorkStopped());
  };
  const timer = setInterval(() => void hold().catch(onError), holdEveryMs);
  const signal = AbortSignal.any([stopping, cancelled.signal]);
  try {
    const save = async (state: JsonObject, progress: string) => {
      await hold({ state, progress });
      signal.throwIfAborted();
    };
    // A run that does not listen to the signal is left behind.
    const answer = await Promise.race([run(work, { folder, save, signal }), stopped(signal)]);
    await works.end(id, attempts, 'done', answer);
  } catch (error) {
    if (stopping.aborted) await works.giveBack(id, attempts);
    else if (!cancelled.signal.aborted) {
      const refusal = refusalOf(error, attempts >= mostAttempts, work);
      if (refusal) await works.end(id, attempts, 'failed', refusal);
      else await works.giveBack(id, attempts);
    }
  } finally {
    clearInterval(timer);
  }
  // Another process may have taken it over, and then works in this folder.
  if (cancelled.signal.aborted && !(await works.find(id))) await rm(folder, { recursive: true, force: true });
  return true;
}

async function sweepFolders({ works, dir }: Options): Promise<boolean> {
  // First the folders: a row is there before its folder.
  const folders = await readdir(dir).catch(() => []);
  const known = await works.sweep();
  for (const name of folders) if (!known.has(name)) await rm(join(dir, name), { recursive: true, force: true });
  return false;
}

const stopped = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
