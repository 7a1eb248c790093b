// The days on which a family and a clinic can meet: weekdays on which the clinic is open, without the periods to avoid.
// Public holidays are not known here; whoever shows a plan says so.
import type { Day } from '../days.ts';

/** As FHIR writes them (http://hl7.org/fhir/days-of-week), Monday first. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Both ends inclusive; infinite where it has none. */
export type Span = { from: Day; to: Day };

export type Calendar = {
  isOpen(day: Day): boolean;
  /** The first open day not before `day`, undefined when there is none. */
  next(day: Day): Day | undefined;
  /** The last open day not after `day` and not before `floor`. */
  last(day: Day, floor: Day): Day | undefined;
};

/** No weekday named: all of them. */
export function createCalendar(open: readonly Weekday[], avoid: readonly Span[]): Calendar {
  const weekdays = new Set(open.length === 0 ? WEEKDAYS : open);
  const isWeekdayOpen = (day: Day) => weekdays.has(weekdayOf(day));
  const blocks = (day: Day) => avoid.find(({ from, to }) => from <= day && day <= to);
  return {
    isOpen: (day) => isWeekdayOpen(day) && blocks(day) === undefined,
    next: (start) => {
      // Each step leaves a closed weekday or a whole period behind, so there are few.
      for (let day = start; Number.isFinite(day); ) {
        const block = blocks(day);
        if (block === undefined && isWeekdayOpen(day)) return day;
        day = (block?.to ?? day) + 1;
      }
      return undefined;
    },
    last: (end, floor) => {
      for (let day = end; day >= floor; ) {
        const block = blocks(day);
        if (block === undefined && isWeekdayOpen(day)) return day;
        day = (block?.from ?? day) - 1;
      }
      return undefined;
    },
  };
}

/** Day 0, 1970-01-01, was a Thursday. */
export function weekdayOf(day: Day): Weekday {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? 'mon';
}
