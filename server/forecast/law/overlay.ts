// What a municipality adds to the national schedule: doses it pays for, periods it opens, facts it recognises. A patch in the
// words of schedule.ts, keyed by municipality; rows hold only for people who live there (forecast-logic 11.13).

import type { RuleSource, Text } from '../rule.ts';
import { ScheduleError, type ScheduleFault } from '../schedule-error.ts';
import type { ConditionSource } from './condition.ts';
import { municipalityCode } from './municipality.ts';
import type { CoverageSource, ScheduleSource, SeriesSource, WindowSource } from './schedule.ts';

export type OverlaySource = {
  /** Five digits, or six with the check digit. */
  municipality: string;
  name: Text;
  version: string;
  /** Rules of the municipality; ids begin with its code. */
  rules: Readonly<Record<string, RuleSource>>;
  series: Readonly<Record<string, { windows?: readonly WindowSource[]; coverage?: readonly CoverageSource[] }>>;
  /** Observations that hold for every resident, for example that a shortage is recognised. */
  recognises?: readonly { rule: string; observation: string }[];
};

/**
 * The schedule with the rows of a municipality. Any number of overlays can be applied one after the other; the result
 * is loaded and checked like any schedule. Throws `ScheduleError` for a code that is none, a series the schedule does not
 * have, and a rule id that is taken or does not begin with the code.
 */
export function applyOverlay(source: ScheduleSource, overlay: OverlaySource): ScheduleSource {
  const file = `overlay/${overlay.municipality}`;
  const faults: ScheduleFault[] = [];
  const code = municipalityCode(overlay.municipality) ?? '';
  if (code === '')
    faults.push({ file, field: 'municipality', fault: `"${overlay.municipality}" is not a JIS X 0402 code` });
  for (const id of Object.keys(overlay.rules)) {
    if (!id.startsWith(`${code}-`))
      faults.push({ file, field: `rules.${id}`, fault: `does not begin with "${code}-"` });
    else if (source.rules[id] !== undefined)
      faults.push({ file, field: `rules.${id}`, fault: 'the rule is written twice' });
  }
  const keys = new Set(source.series.map((one) => one.source.key));
  for (const series of Object.keys(overlay.series))
    if (!keys.has(series)) faults.push({ file, series, field: 'series', fault: 'is not a series of the schedule' });
  if (faults.length > 0) throw new ScheduleError(faults);
  const recognised = (overlay.recognises ?? []).map((row) => ({ ...row, municipality: code }));
  return {
    ...source,
    version: `${source.version} + ${code} ${overlay.version}`,
    rules: { ...source.rules, ...overlay.rules },
    recognises: [...(source.recognises ?? []), ...recognised],
    series: source.series.map((one) => ({
      ...one,
      source: withRows(one.source, overlay.series[one.source.key], code),
    })),
  };
}

function withRows(source: SeriesSource, rows: OverlaySource['series'][string] | undefined, code: string): SeriesSource {
  if (rows === undefined) return source;
  const resident: ConditionSource = { resident: code };
  const here = <Row extends { when?: ConditionSource }>(row: Row): Row => ({
    ...row,
    when: row.when === undefined ? resident : { all: [resident, row.when] },
  });
  return {
    ...source,
    windows: [...source.windows, ...(rows.windows ?? []).map(here)],
    coverage: [...(source.coverage ?? []), ...(rows.coverage ?? []).map((row) => ({ ...row, municipality: code }))],
  };
}
