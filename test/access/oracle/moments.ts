// Dates of the record as spans of instants. Days are Japan's (UTC+9, no summer time).

/** All instants of a date, a month, a year or an instant: from (included) until (excluded). */
export type Instants = { fromMs: number; untilMs: number };

const dayMs = 86_400_000;
const japanMs = 9 * 3_600_000;

/** 00:00 in Japan of a day; a day or month that is too great runs over, as in Date.UTC. */
export function japan(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) - japanMs;
}

/** `2026`, `2026-04`, `2026-04-01` and instants with a zone; an instant is the one millisecond. */
export function instantsOf(text: string): Instants {
  const date = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(text);
  if (!date) return { fromMs: Date.parse(text), untilMs: Date.parse(text) + 1 };
  const [year, month, day] = date.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  const y = year ?? 0;
  if (month === undefined) return { fromMs: japan(y, 1, 1), untilMs: japan(y + 1, 1, 1) };
  if (day === undefined) return { fromMs: japan(y, month, 1), untilMs: japan(y, month + 1, 1) };
  return { fromMs: japan(y, month, day), untilMs: japan(y, month, day) + dayMs };
}

/** A Period: a date stands for the whole day, an instant as an end is the first that is outside. */
export function periodOf(period: { start?: string; end?: string }): Instants {
  const { start, end } = period;
  return {
    fromMs: start === undefined ? Number.NEGATIVE_INFINITY : instantsOf(start).fromMs,
    untilMs: end === undefined ? Number.POSITIVE_INFINITY : isDate(end) ? instantsOf(end).untilMs : Date.parse(end),
  };
}

const isDate = (text: string): boolean => !text.includes('T');

/** "All instants are compared with the moment of the request; a start is included, an end is not." */
export function isWithin(momentMs: number, { fromMs, untilMs }: { fromMs?: number; untilMs?: number }): boolean {
  return (fromMs === undefined || fromMs <= momentMs) && (untilMs === undefined || momentMs < untilMs);
}

/**
 * "Birthdays are 00:00 in Japan of the day itself; one born on 29 February has theirs on 1 March in common years. An
 * incomplete `birthDate` counts as its latest possible day … A Patient without one is a child for ever."
 */
export function birthdayMs(birthDate: string | undefined, years: number): number {
  if (birthDate === undefined) return Number.POSITIVE_INFINITY;
  const lastDay = new Date(instantsOf(birthDate).untilMs - 1 + japanMs);
  // Date.UTC makes 1 March of the 29 February of a common year.
  return japan(lastDay.getUTCFullYear() + years, lastDay.getUTCMonth() + 1, lastDay.getUTCDate());
}
