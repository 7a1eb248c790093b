// HL7 v2 times (YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+-ZZZZ]) -> FHIR dateTime. A time without offset is Japan's (+09:00).
// HL7 v2.5 chapter 2A.77; FHIR R4 dateTime (a time of day needs seconds and an offset).

import { civilDate } from '../japanese-date.ts';

/** `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or a full dateTime; undefined when the text names no real time. */
export function hl7DateTime(text: string): string | undefined {
  const match = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d+)?)?)?)?)?)?([+-]\d{4})?$/.exec(
    text.trim(),
  );
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute, second = '00', fraction = '', offset] = match;
  const date = civilDate(Number(year), Number(month ?? 1), Number(day ?? 1));
  if (!date) return undefined;
  if (!month) return year;
  if (!day) return date.slice(0, 7);
  // An hour without minutes (seen as "2011070100") says no more than the day.
  if (hour === undefined || minute === undefined) return date;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  // Offsets go from -12:00 to +14:00.
  if (offset && !/^([+]0\d|[+]1[0-3]|-0\d|-1[01])[0-5]\d$|^[+]1400$|^-1200$/.test(offset)) return undefined;
  const zone = offset ? `${offset.slice(0, 3)}:${offset.slice(3)}` : '+09:00';
  return `${date}T${hour}:${minute}:${second}${fraction}${zone}`;
}

/** The day alone, for FHIR `date` elements. */
export function hl7Date(text: string): string | undefined {
  return hl7DateTime(text)?.slice(0, 10);
}
