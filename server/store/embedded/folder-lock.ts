// One server per data folder. Each server announces itself with a claim file of its own and then looks for others:
// whoever looks second sees the first, and since a claim is never reused, deleting a dead one cannot hit a live one.
import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFolderInUse } from './errors.ts';
import { place, startMark } from './process-mark.ts';

export type FolderLock = { release(): void };

type Claim = { pid: number; startMark: string; place: string; claimedAtMs: number };

const heartbeatMs = 3_000;
const silenceMs = 15_000;
const attempts = 5;

/**
 * Takes the data folder, or throws DataFolderInUse. A claim of a dead process is cleared away. A claim made in another
 * container or on another host cannot be asked for its process: it counts as dead after 15 seconds without a sign of
 * life, which is waited for. Throws the file system's error where the folder cannot be written.
 */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  for (let attempt = 1; ; attempt++) {
    const file = await announce(dataDir);
    const rival = await liveRival(dataDir, file).catch((error) => {
      unlinkSync(file);
      throw error;
    });
    if (!rival) return held(file);
    unlinkSync(file);
    // Two that start at the same moment see each other and both step back: unequal pauses let one of them through.
    if (attempt === attempts || rival.claimedAtMs < Date.now() - 2_000) {
      throw new DataFolderInUse(dataDir, rival.pid, rival.place === place() ? undefined : hostOf(rival));
    }
    await sleep(20 + Math.random() * 150);
  }
}

async function announce(dataDir: string): Promise<string> {
  const mark = await startMark(process.pid);
  const claim: Claim = { pid: process.pid, startMark: mark ?? 'unknown', place: place(), claimedAtMs: Date.now() };
  const name = randomBytes(8).toString('hex');
  const draft = join(dataDir, `draft-${name}`);
  const file = join(dataDir, `lock-${name}`);
  await writeFile(draft, `${JSON.stringify(claim)}\n`, { mode: 0o600 });
  await rename(draft, file); // so that nobody reads half a claim
  return file;
}

function held(file: string): FolderLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined); // the folder may be on its way out
  }, heartbeatMs).unref();
  return {
    release() {
      clearInterval(heartbeat);
      try {
        unlinkSync(file);
      } catch {
        // The whole data folder may have been removed before.
      }
    },
  };
}

async function liveRival(dataDir: string, own: string): Promise<Claim | undefined> {
  for (const name of await readdir(dataDir)) {
    const file = join(dataDir, name);
    if (!name.startsWith('lock-') || file === own) continue;
    const claim = await readClaim(file);
    if (claim && (await isAlive(file, claim))) return claim;
    await rm(file, { force: true });
  }
  return undefined;
}

/** Undefined for a claim that vanished, or that a power cut left empty. */
async function readClaim(file: string): Promise<Claim | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}

async function isAlive(file: string, claim: Claim): Promise<boolean> {
  if (claim.place === place()) return (await startMark(claim.pid)) === claim.startMark;
  // Seen from outside only the heartbeat counts. Watching it for change needs no common clock.
  const first = await lastBeat(file);
  for (let waitedMs = 0; waitedMs < silenceMs; waitedMs += 500) {
    if (first === undefined || Date.now() - first > 10 * silenceMs) return false;
    await sleep(500);
    const beat = await lastBeat(file);
    if (beat !== first) return beat !== undefined;
  }
  return false;
}

const lastBeat = (file: string): Promise<number | undefined> =>
  stat(file).then(
    (found) => found.mtimeMs,
    () => undefined,
  );

const hostOf = (claim: Claim): string => claim.place.split(' ')[0] ?? 'another host';
