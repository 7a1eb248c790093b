// One process at a time uses a folder: a file with its id, which counts only while that process runs.

import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Another process uses the folder, or may not be told from one that does. The message is for people. */
export class FolderInUse extends Error {
  readonly isForPeople = true;
}

/** Takes the folder, and gives the function that leaves it. Throws FolderInUse. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await written(path)) return () => rm(path, { force: true });
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    // In a container every start may have the same id; a lock of our own id is of an earlier one.
    if (pid !== process.pid && isRunning(pid))
      throw new FolderInUse(`${folder} is used by process ${pid}; if that is something else, remove ${path}`);
    await rm(path, { force: true });
  }
  throw new FolderInUse(`${folder} is being taken by other processes`);
}

async function written(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
