// What the rows of a series say about each other: numbers of doses, groups, defaults. Part of check-schedule.ts.
import { checkDose } from './check-dose.ts';
import type { Findings, Told } from './findings.ts';
import { isOrdered } from './order.ts';
import type { AntigenFile, SeriesRow } from './source.ts';
import { doseShape, type Names, seriesShape } from './source-shapes.ts';

/** Checks every series of an antigen's file. `series` is known to be a list, what is in it is not known yet. */
export function checkSeries({ series }: AntigenFile, names: Names, findings: Findings, file: string): void {
  const sound = series.filter((one: unknown, i) => {
    const name = nameOf(one, i);
    const told = findings.at({ file, series: name });
    if (!findings.isClean(() => seriesShape(names)(one, '', told.fault))) return false;
    return (one as SeriesRow).doses.every((dose: unknown, j) => {
      const inDose = findings.at({ file, series: name, dose: String(j + 1) });
      return findings.isClean(() => doseShape(names)(dose, '', inDose.fault));
    });
  });
  // What series say about each other can only be judged when each can be read.
  if (sound.length < series.length) return;
  const groups = new Set(
    series.flatMap(({ selectSeries: { seriesGroup, seriesGroupName } }) => [seriesGroup, seriesGroupName]),
  );
  for (const [i, one] of series.entries()) {
    const told = findings.at({ file, series: one.seriesName });
    if (series.findIndex(({ seriesName }) => seriesName === one.seriesName) !== i)
      told.fault('seriesName', 'another series has this name');
    if (one.targetDisease !== series[0]?.targetDisease)
      told.fault('targetDisease', `is "${one.targetDisease}", the first series is for "${series[0]?.targetDisease}"`);
    checkGroups(one, groups, told);
    checkWindows(one, told);
    for (const [j, dose] of one.doses.entries()) {
      const inDose = findings.at({ file, series: one.seriesName, dose: String(j + 1) });
      if (dose.doseNumber !== j + 1)
        inDose.fault('doseNumber', `is ${dose.doseNumber}; doses are numbered from 1 in their order`);
      checkDose(dose, j + 1, groups, inDose);
    }
  }
  checkDefaults(series, (name) => findings.at({ file, series: name }));
}

function nameOf(series: unknown, index: number): string {
  const name = typeof series === 'object' && series !== null && 'seriesName' in series ? series.seriesName : undefined;
  return typeof name === 'string' && name !== '' ? name : `series[${index}]`;
}

function checkGroups(series: SeriesRow, groups: ReadonlySet<string>, { fault, oddity }: Told): void {
  const { seriesType, indications, equivalentSeriesGroups = [], selectSeries } = series;
  if (seriesType === 'Risk' && indications === undefined) fault('indications', 'is missing; the series is for a risk');
  if (seriesType !== 'Risk' && indications !== undefined)
    oddity('indications', `says nothing in a series of the type ${seriesType}`);
  for (const [i, group] of equivalentSeriesGroups.entries()) {
    if (!groups.has(group)) fault(`equivalentSeriesGroups[${i}]`, `there is no series group "${group}"`);
    else if (group === selectSeries.seriesGroup || group === selectSeries.seriesGroupName)
      oddity(`equivalentSeriesGroups[${i}]`, 'is the group of this series');
  }
}

function checkWindows(
  { indications = [], selectSeries: { minAgeToStart, maxAgeToStart } }: SeriesRow,
  { fault, oddity }: Told,
): void {
  if (!isOrdered(minAgeToStart, maxAgeToStart, true)) fault('selectSeries.maxAgeToStart', 'is not after minAgeToStart');
  for (const [i, { beginAge, endAge }] of indications.entries())
    if (!isOrdered(beginAge, endAge, true))
      oddity(`indications[${i}].endAge`, 'is not after beginAge: it never applies');
}

/** Two defaults of one group for the same people: the preference decides, or nothing does. */
function checkDefaults(series: readonly SeriesRow[], at: (name: string) => Told): void {
  const defaults = series.filter(({ selectSeries }) => selectSeries.defaultSeries);
  for (const [i, one] of defaults.entries()) {
    const other = defaults.slice(0, i).find((earlier) => isForTheSame(earlier, one));
    if (other === undefined) continue;
    const { seriesGroup, seriesPreference } = one.selectSeries;
    const words = `is one of two in group ${seriesGroup}; the other is "${other.seriesName}"`;
    const told = at(one.seriesName);
    if (seriesPreference !== other.selectSeries.seriesPreference) told.oddity('selectSeries.defaultSeries', words);
    else told.fault('selectSeries.defaultSeries', `${words}, of the same preference`);
  }
}

function isForTheSame(one: SeriesRow, other: SeriesRow): boolean {
  const { requiredGender: genders = [] } = one;
  const { requiredGender: others = [] } = other;
  const doMeet = genders.length === 0 || others.length === 0 || genders.some((gender) => others.includes(gender));
  return doMeet && one.selectSeries.seriesGroup === other.selectSeries.seriesGroup;
}
