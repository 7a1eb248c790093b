// A schedule as it was known on a day: rows decided later are left out, ends decided later are taken off. This answers
// why a dose was not offered in its time; doses are judged by the rows in force on their own day in any version.
import { type Day, formatDay, parseDay } from '../days.ts';
import type { Known, ScheduleSource, SeriesSource } from './schedule.ts';

/**
 * The versions of a schedule by the day they were known, each loaded once. A day on or after the last change, or a
 * schedule without changes, gives the whole schedule.
 */
export function scheduleVersions<Loaded>(
  source: ScheduleSource,
  load: (source: ScheduleSource) => Loaded,
): (day: Day) => Loaded {
  let changes: Day[] | undefined;
  const versions = new Map<Day | undefined, Loaded>();
  return (day) => {
    changes ??= changeDays(source);
    const change = changes.findLast((one) => one <= day);
    const known = versions.get(change) ?? load(scheduleOn(source, change ?? (changes[0] ?? day) - 1));
    versions.set(change, known);
    return known;
  };
}

/** The days on which a row or the end of a row became known, in order. */
export function changeDays(source: ScheduleSource): Day[] {
  const days = new Set<Day>();
  const note = (text: string | undefined) => {
    const day = text === undefined ? undefined : parseDay(text);
    if (day !== undefined) days.add(day);
  };
  walk(source, (row) => {
    note(row.knownFrom ?? row.givenFrom);
    note(row.endKnownFrom);
  });
  return [...days].sort((a, b) => a - b);
}

/** The written schedule as known on `day`. Series left without an ordinary period are not part of it. */
export function scheduleOn(source: ScheduleSource, day: Day): ScheduleSource {
  const date = formatDay(day);
  const known = knownPart({ ...source, series: [] }, date) as ScheduleSource;
  const series = source.series.flatMap(({ file, source: one }) => {
    const part = knownPart(one, date) as SeriesSource | undefined;
    const isOpen = part?.windows.some(({ extension }) => extension === undefined);
    return part === undefined || !isOpen || part.paths.length === 0 ? [] : [{ file, source: part }];
  });
  return { ...known, version: `${source.version} as known on ${date}`, series: connected(series, source.series) };
}

/** What is wrong with the days on which rows became known, each with its field. */
export function knownFaults(value: unknown, field = ''): { field: string; fault: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const row: Row = Array.isArray(value) ? {} : value;
  const faults = (['knownFrom', 'endKnownFrom'] as const).flatMap((name) => {
    const text = row[name];
    const isDay = text === undefined || parseDay(text) !== undefined;
    return isDay ? [] : [{ field: `${field}.${name}`, fault: `"${text}" is not a date` }];
  });
  if (row.endKnownFrom !== undefined && row.givenTo === undefined)
    faults.push({ field: `${field}.endKnownFrom`, fault: 'needs the end (givenTo) it is about' });
  const inner = Object.entries(value).flatMap(([name, part]) => {
    const place = Array.isArray(value) ? `${field}[${name}]` : `${field}${field === '' ? '' : '.'}${name}`;
    return knownFaults(part, place);
  });
  return [...faults, ...inner];
}

type Row = Known & { givenFrom?: string; givenTo?: string };

function walk(value: unknown, visit: (row: Row) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value as Row);
  for (const part of Object.values(value)) walk(part, visit);
}

/** A copy without what was not known; undefined for a row that was not. ISO dates compare as text. */
function knownPart(value: unknown, date: string): unknown {
  if (Array.isArray(value)) return value.map((part) => knownPart(part, date)).filter((part) => part !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const row = value as Row;
  const from = row.knownFrom ?? row.givenFrom;
  if (from !== undefined && from > date) return undefined;
  const copy: Record<string, unknown> = {};
  for (const [field, part] of Object.entries(value)) {
    const isEnd = field === 'givenTo' || field === 'endKnownFrom';
    const isLater = isEnd && row.endKnownFrom !== undefined && row.endKnownFrom > date;
    const kept = isLater ? undefined : knownPart(part, date);
    if (kept !== undefined) copy[field] = kept;
  }
  return copy;
}

type Written = ScheduleSource['series'];

/**
 * Phases numbered anew and references to series that were not there yet taken off. The rules of a series left out stay
 * where the first series keeps them: rules are shared.
 */
function connected(series: Written, all: Written): Written {
  const keys = new Set(series.map(({ source }) => source.key));
  const phases = new Map<string, number>();
  const orphans = Object.assign(
    {},
    ...all.filter(({ source }) => !keys.has(source.key)).map(({ source }) => source.rules),
  );
  return series.map(({ file, source }, i) => {
    const { requires, phase, continues, ...rest } = source;
    const number = phase === undefined ? 0 : (phases.get(phase.of) ?? 0) + 1;
    if (phase !== undefined) phases.set(phase.of, number);
    return {
      file,
      source: {
        ...rest,
        ...(i === 0 ? { rules: { ...source.rules, ...orphans } } : {}),
        ...(requires !== undefined && keys.has(requires.series) ? { requires } : {}),
        ...(continues !== undefined && keys.has(continues) ? { continues } : {}),
        ...(phase === undefined ? {} : { phase: { of: phase.of, number } }),
      },
    };
  });
}
