// From the texts of a schedule folder to what the engine goes by.
import type { ScheduleFault } from '../schedule-error.ts';
import { compileCdsi } from './compile.ts';
import type { CdsiSchedule } from './compiled.ts';
import { readSource, type SourceText } from './read-source.ts';

/** A schedule that can be used, with the oddities found in it. */
export type LoadedCdsi = { schedule: CdsiSchedule; warnings: ScheduleFault[] };

/** Reads, checks and compiles a folder. `id` names the schedule in answers. Throws `ScheduleError` naming every fault. */
export function loadCdsi(id: string, folder: string, texts: readonly SourceText[]): LoadedCdsi {
  const { source, warnings } = readSource(folder, texts);
  return { schedule: compileCdsi(source, id), warnings };
}
