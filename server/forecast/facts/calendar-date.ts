// The calendar day of a FHIR dateTime, as people where it happened count it.
import { formatDay, parseDayRange } from '../days.ts';

/**
 * Day, month or year of a FHIR dateTime in Japan: an instant with an offset is moved to Japan's time (UTC+9, no daylight
 * saving). Undefined when it is no dateTime.
 */
export function japanDate(dateTime: string): string | undefined {
  const match = /^(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(\d\d):(\d\d)\S*?(Z|[+-]\d\d:\d\d)?)?$/.exec(dateTime);
  const date = match?.[1];
  const range = date === undefined ? undefined : parseDayRange(date);
  if (match === null || date === undefined || range === undefined) return undefined;
  const zone = match[4];
  if (zone === undefined || date.length < 10) return date;
  const minutes = Number(match[2]) * 60 + Number(match[3]) - offsetMinutes(zone) + 9 * 60;
  return formatDay(range.first + Math.floor(minutes / (24 * 60)));
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}

/** An instant (milliseconds since 1970) as a day in Japan, `YYYY-MM-DD`. */
export const todayInJapan = (nowMs: number): string => formatDay(Math.floor((nowMs + 9 * 3_600_000) / 86_400_000));
