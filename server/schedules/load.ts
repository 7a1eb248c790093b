// The schedules of a process, read once: the one of this repository, and that of the United States where its folder is set.
import { basename, resolve } from 'node:path';
import { type LoadedCdsi, loadCdsi } from '../forecast/cdsi/load-cdsi.ts';
import { ownSchedules, type Schedules } from '../forecast/known-schedules.ts';
import { ScheduleError } from '../forecast/schedule-error.ts';
import { readScheduleFolder, ScheduleFolderError } from './folder.ts';

/** The setting that names the folder of the United States schedule. */
export const US_SETTING = 'TSUMUGI_CDSI_DIR';

/**
 * The schedule in a folder. `id` names it in answers; the folder's name where it is absent. Throws `ScheduleFolderError`
 * where there is none, `ScheduleError` where it is faulty.
 */
export async function loadScheduleFolder(folder: string, id = basename(resolve(folder))): Promise<LoadedCdsi> {
  return loadCdsi(id, folder, await readScheduleFolder(folder));
}

/**
 * Every schedule of a server. `usFolder` is what the setting says. Throws `ScheduleFolderError` with one line that names
 * the setting when that folder cannot be used.
 */
export async function loadSchedules(usFolder: string | undefined): Promise<Schedules> {
  if (usFolder === undefined) return ownSchedules();
  try {
    return { ...ownSchedules(), us: (await loadScheduleFolder(usFolder, 'us')).schedule };
  } catch (error) {
    if (error instanceof ScheduleFolderError) throw new ScheduleFolderError(`${US_SETTING}: ${error.message}`);
    if (!(error instanceof ScheduleError)) throw error;
    const count = error.faults.length;
    throw new ScheduleFolderError(
      `${US_SETTING}: the schedule in ${usFolder} has ${count} ${count === 1 ? 'fault' : 'faults'}; "tsumugi schedule check ${usFolder}" names them`,
    );
  }
}
