// Reads the texts of a schedule folder (`schedule.json` and `antigens/*.json`) into its written form, checked: the engine
// is only ever given what this file has let through. CDC CDSi 4.6, chapter 3.
import { ScheduleError, type ScheduleFault } from '../schedule-error.ts';
import { checkSchedule, SCHEDULE_FILE } from './check-schedule.ts';
import type { AntigenFile, CdsiSource, ScheduleFile } from './source.ts';

/** A file of the folder: its path from there, with `/`, and its text. */
export type SourceText = { file: string; text: string };

/**
 * The written form of a schedule, with the oddities found in it. Throws `ScheduleError` naming every fault by file,
 * series, dose and field.
 */
export function readSource(
  folder: string,
  texts: readonly SourceText[],
): { source: CdsiSource; warnings: ScheduleFault[] } {
  const faults: ScheduleFault[] = [];
  const parsed = texts.flatMap(({ file, text }) => {
    try {
      return [{ file, content: JSON.parse(text) as unknown }];
    } catch (error) {
      faults.push({ file, field: '', fault: `is not JSON: ${(error as Error).message}` });
      return [];
    }
  });
  const schedule = parsed.find(({ file }) => file === SCHEDULE_FILE);
  const antigens = parsed.filter((one) => one !== schedule);
  if (schedule === undefined && faults.length === 0)
    faults.push({ file: SCHEDULE_FILE, field: '', fault: 'is not in the folder' });
  if (schedule === undefined || faults.length > 0) throw new ScheduleError(faults);
  const { faults: found, warnings } = checkSchedule(schedule.content, antigens);
  if (found.length > 0) throw new ScheduleError(found);
  return {
    source: {
      folder,
      schedule: schedule.content as ScheduleFile,
      antigens: antigens.map(({ file, content }) => ({ file, content: content as AntigenFile })),
    },
    warnings,
  };
}
