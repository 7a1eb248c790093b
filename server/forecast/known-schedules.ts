// The schedules that answers can rest on, by the name that callers use.
import type { CdsiSchedule } from './cdsi/compiled.ts';
import type { Schedule } from './law/compiled.ts';
import { japaneseSchedule } from './schedules/jp/index.ts';

/** `jp` is in this repository; `us` is there where a folder with CDC's supporting data is set. */
export type Schedules = { readonly jp: Schedule; readonly us?: CdsiSchedule };

/** The schedules of this repository. */
export function ownSchedules(): Schedules {
  return { jp: japaneseSchedule() };
}

/** The names that can be asked for, as a sentence shows them. */
export function namesOf(schedules: Schedules): string {
  return Object.keys(schedules).join(', ');
}
