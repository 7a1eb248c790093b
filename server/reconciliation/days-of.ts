// The days that a record names, as people where it happened count them.

import { type DayRange, parseDayRange } from '../forecast/days.ts';
import { japanDate } from '../forecast/facts/calendar-date.ts';

/** Of a FHIR dateTime; undefined when there is none, or none that can be read. */
export const daysOf = (dateTime: string | undefined): DayRange | undefined =>
  dateTime === undefined ? undefined : parseDayRange(japanDate(dateTime) ?? '');

export const isDay = (days: DayRange | undefined): boolean => days !== undefined && days.first === days.last;
