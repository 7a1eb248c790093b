// A CDSi schedule folder is read with every fault named by file, series, dose and field, or refused.
import { describe, expect, test } from 'vitest';
import { readSource } from '../../../server/forecast/cdsi/read-source.ts';
import { ScheduleError, type ScheduleFault } from '../../../server/forecast/schedule-error.ts';
import { inventedSchedule, textsOf, type Written } from './invented.ts';

const read = (written: Written) => readSource('test', textsOf(written));

const faultsOf = (run: () => unknown): readonly ScheduleFault[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ScheduleError) return error.faults;
    throw error;
  }
  return [];
};

describe('readSource', () => {
  test('gives a sound schedule as it is written, without warnings', () => {
    const written = inventedSchedule();
    const { source, warnings } = read(written);
    expect(source).toEqual({ folder: 'test', ...written });
    expect(warnings).toEqual([]);
  });

  test('refuses a file that is no JSON, by its name', () => {
    const texts = [...textsOf(inventedSchedule()), { file: 'antigens/new.json', text: '{"antigen":' }];
    expect(faultsOf(() => readSource('test', texts))).toMatchObject([{ file: 'antigens/new.json', field: '' }]);
  });

  test('refuses a folder without schedule.json, and one without antigens', () => {
    const [schedule, ...antigens] = textsOf(inventedSchedule());
    expect(faultsOf(() => readSource('test', antigens))[0]).toMatchObject({ file: 'schedule.json' });
    expect(faultsOf(() => readSource('test', schedule ? [schedule] : []))[0]).toMatchObject({
      fault: 'there is no file in antigens/',
    });
  });

  test('tells the faults of all files at once', () => {
    const written = inventedSchedule();
    spoil(written, 'antigens/blue.json', '0.doses.0.ages.0.minAge', 'soon');
    spoil(written, 'antigens/green.json', '0.doses.0.recurringDose', 'no');
    expect(faultsOf(() => read(written)).map(({ file }) => file)).toEqual([
      'antigens/blue.json',
      'antigens/green.json',
    ]);
  });

  test('says it in one line with the place', () => {
    const written = inventedSchedule();
    spoil(written, 'antigens/blue.json', '0.doses.1.ages.0.minAge', 'soon');
    expect(() => read(written)).toThrow(
      'antigens/blue.json > Blue fever series > 2 > ages[0].minAge: cannot read the duration "soon"',
    );
  });
});

const red = 'antigens/redpox.json';

describe('a fault of a dose is refused with its place', () => {
  test.each<[string, string, unknown, string]>([
    ['an unknown field', '0.doses.0.colour', 'red', 'colour'],
    ['a missing field', '0.doses.0.recurringDose', undefined, 'recurringDose'],
    ['a duration of centuries', '0.doses.0.ages.0.maxAge', '9000 years', 'ages[0].maxAge'],
    ['a wrong type', '0.doses.0.ages', '12 months', 'ages'],
    ['an unknown product', '0.doses.0.preferableVaccines.0.cvx', '999', 'preferableVaccines[0].cvx'],
    [
      'an unknown observation',
      '0.doses.1.preferableIntervals.2.fromRelevantObservation.code',
      '9',
      'preferableIntervals[2].fromRelevantObservation.code',
    ],
    [
      'an unknown product in a skip',
      '0.doses.1.conditionalSkips.0.sets.0.conditions.1.vaccineTypesCvx.0',
      '999',
      'conditionalSkips[0].sets[0].conditions[1].vaccineTypesCvx[0]',
    ],
    ['an age that cannot be read', '0.doses.0.ages.1.maxAge', 'old', 'ages[1].maxAge'],
    ['a date that cannot be read', '0.doses.0.ages.1.effectiveDate', '2010-02-30', 'ages[1].effectiveDate'],
    ['absMin after min', '0.doses.0.ages.1.absMinAge', '13 months', 'ages[1].minAge'],
    ['min after max', '0.doses.0.ages.1.maxAge', '300 days', 'ages[1].maxAge'],
    ['the first recommended age before min', '0.doses.0.ages.1.earliestRecAge', '11 months', 'ages[1].earliestRecAge'],
    ['the last recommended age before the first', '0.doses.0.ages.1.latestRecAge', '11 months', 'ages[1].latestRecAge'],
    ['the recommended age at the end', '0.doses.1.ages.0.maxAge', '4 years', 'ages[0].earliestRecAge'],
    ['two ages in force at once', '0.doses.0.ages.0.cessationDate', '2010-01-01', 'ages[1]'],
    ['cessation before effect', '0.doses.0.ages.1.cessationDate', '2009-12-31', 'ages[1].cessationDate'],
    [
      'an interval to a later dose',
      '0.doses.1.preferableIntervals.1.fromTargetDose',
      2,
      'preferableIntervals[1].fromTargetDose',
    ],
    ['an interval with two references', '0.doses.1.preferableIntervals.0.fromTargetDose', 1, 'preferableIntervals[0]'],
    [
      'an allowable interval from nothing',
      '0.doses.1.allowableIntervals.0.fromPrevious',
      false,
      'allowableIntervals[0]',
    ],
    [
      'an allowable interval without a length',
      '0.doses.1.allowableIntervals.0.absMinInt',
      undefined,
      'allowableIntervals[0].absMinInt',
    ],
    [
      'a product window that ends first',
      '0.doses.0.preferableVaccines.0.endAge',
      '12 months',
      'preferableVaccines[0].endAge',
    ],
    [
      'a skip by a group that is none',
      '0.doses.1.conditionalSkips.0.sets.1.conditions.0.seriesGroups.0',
      '7',
      'conditionalSkips[0].sets[1].conditions[0].seriesGroups',
    ],
    [
      'a skip of an unknown type',
      '0.doses.1.conditionalSkips.0.sets.0.conditions.0.type',
      'Mood',
      'conditionalSkips[0].sets[0].conditions[0].type',
    ],
    [
      'a count without a number',
      '0.doses.1.conditionalSkips.0.sets.0.conditions.1.doseCount',
      undefined,
      'conditionalSkips[0].sets[0].conditions[1].doseCount',
    ],
    ['an unknown context', '0.doses.1.conditionalSkips.0.context', 'Never', 'conditionalSkips[0].context'],
    ['numbers with a gap', '0.doses.1.doseNumber', 3, 'doseNumber'],
  ])('%s', (_, path, value, field) => {
    const written = inventedSchedule();
    spoil(written, red, path, value);
    const place = { file: red, series: 'Redpox 2-dose series', dose: path.startsWith('0.doses.0') ? '1' : '2' };
    expect(faultsOf(() => read(written))).toContainEqual(expect.objectContaining({ ...place, field }));
  });
});

describe('a fault of a series is refused with its place', () => {
  test.each<[string, string, unknown, string]>([
    ['no doses', '1.doses', [], 'doses'],
    ['an unknown vaccine group', '1.vaccineGroup', 'Grey', 'vaccineGroup'],
    ['another disease than the first series', '1.targetDisease', 'Wheeze', 'targetDisease'],
    ['a risk series without indications', '1.indications', undefined, 'indications'],
    [
      'an indication by an unknown observation',
      '1.indications.0.observationCode',
      '9',
      'indications[0].observationCode',
    ],
    ['an equivalent group that is none', '1.equivalentSeriesGroups.0', '7', 'equivalentSeriesGroups[0]'],
    ['an unknown type', '1.seriesType', 'Maybe', 'seriesType'],
    ['a start that ends before it begins', '1.selectSeries.minAgeToStart', '70 years', 'selectSeries.maxAgeToStart'],
  ])('%s', (_, path, value, field) => {
    const written = inventedSchedule();
    spoil(written, red, path, value);
    const place = { file: red, series: 'Redpox risk series', field };
    expect(faultsOf(() => read(written))).toContainEqual(expect.objectContaining(place));
  });

  test('two defaults in a group that nothing tells apart', () => {
    const written = inventedSchedule();
    const twin = { ...structuredClone(redContent(written).series[0]), seriesName: 'Redpox again' };
    spoil(written, red, '2', twin);
    const place = { file: red, series: 'Redpox again', field: 'selectSeries.defaultSeries' };
    expect(faultsOf(() => read(written))).toMatchObject([place]);
  });

  test('an antigen without series', () => {
    const written = inventedSchedule();
    set(redContent(written), ['series'], []);
    expect(faultsOf(() => read(written))).toContainEqual(expect.objectContaining({ file: red, field: 'series' }));
  });

  test('two series of one name', () => {
    const written = inventedSchedule();
    spoil(written, red, '1.seriesName', 'Redpox 2-dose series');
    expect(faultsOf(() => read(written))).toMatchObject([{ file: red, field: 'seriesName' }]);
  });

  test('two files for one disease', () => {
    const written = inventedSchedule();
    written.antigens.push({ file: 'antigens/twice.json', content: structuredClone(redContent(written)) });
    expect(faultsOf(() => read(written))).toMatchObject([{ file: 'antigens/twice.json', field: 'series' }]);
  });
});

describe('a fault of schedule.json is refused with its place', () => {
  test.each<[string, string, unknown, string]>([
    ['a product twice', 'cvxToAntigens.1.cvx', '901', 'cvxToAntigens'],
    [
      'a product of an unknown disease',
      'cvxToAntigens.0.associations.0.antigen',
      'Gout',
      'cvxToAntigens[0].associations[0].antigen',
    ],
    [
      'a group of an unknown disease',
      'vaccineGroupToAntigens.0.antigens.0',
      'Gout',
      'vaccineGroupToAntigens[0].antigens[0]',
    ],
    ['a group without antigens', 'vaccineGroupToAntigens.0.name', 'Wheeze', 'vaccineGroups[0]'],
    [
      'several antigens, whole or not is open',
      'vaccineGroups.1.administerFullVaccineGroup',
      undefined,
      'vaccineGroups[1].administerFullVaccineGroup',
    ],
    [
      'a conflict that ends before it begins',
      'vaccineConflicts.0.conflictEndInterval',
      '0 days',
      'vaccineConflicts[0].conflictEndInterval',
    ],
    ['no version', 'version', undefined, 'version'],
  ])('%s', (_, path, value, field) => {
    const written = inventedSchedule();
    set(written.schedule, path.split('.'), value);
    expect(faultsOf(() => read(written))).toContainEqual(expect.objectContaining({ file: 'schedule.json', field }));
  });
});

describe('an oddity of published schedules is kept as a warning', () => {
  test.each<[string, string, unknown, string]>([
    [
      'an interval that counts from nothing',
      '0.doses.1.preferableIntervals.0.fromPrevious',
      false,
      'preferableIntervals[0]',
    ],
    ['an indication that never applies', '1.indications.0.endAge', '5 years', 'indications[0].endAge'],
    ['a last recommended age past the last', '0.doses.0.ages.1.latestRecAge', '19 years', 'ages[1].latestRecAge'],
  ])('%s', (_, path, value, field) => {
    const written = inventedSchedule();
    spoil(written, red, path, value);
    expect(read(written).warnings).toMatchObject([{ file: red, field }]);
  });

  test('two defaults in a group, but not when they are for different people', () => {
    const written = inventedSchedule();
    const { series } = redContent(written);
    const [first] = series;
    if (first === undefined) throw new Error('no series');
    const selectSeries = { ...first.selectSeries, seriesPreference: 2 };
    const second = { ...structuredClone(first), seriesName: 'Redpox again', selectSeries };
    const withSecond = (genders: readonly [string[]?, string[]?]) => {
      const [one, other] = genders;
      const both = [
        { ...first, ...(one === undefined ? {} : { requiredGender: one }) },
        { ...second, ...(other === undefined ? {} : { requiredGender: other }) },
      ];
      spoil(written, red, '0', both[0]);
      spoil(written, red, '2', both[1]);
      return read(written).warnings;
    };
    expect(withSecond([])).toMatchObject([{ file: red, series: 'Redpox again', field: 'selectSeries.defaultSeries' }]);
    expect(withSecond([['Male'], ['Female', 'Unknown']])).toEqual([]);
  });

  test('a conflict with a product that has no antigen', () => {
    const written = inventedSchedule();
    set(written.schedule, ['vaccineConflicts', '0', 'impactedCvx'], '999');
    expect(read(written).warnings).toMatchObject([{ file: 'schedule.json', field: 'vaccineConflicts' }]);
  });

  test('a file whose antigen is called otherwise in its series', () => {
    const written = inventedSchedule();
    set(redContent(written), ['antigen'], 'RP');
    expect(read(written).warnings).toMatchObject([{ file: red, field: 'antigen' }]);
  });
});

function redContent(written: Written) {
  const found = written.antigens.find(({ file }) => file === red);
  if (found === undefined) throw new Error('no redpox');
  return found.content;
}

/** Sets a value in the series of a file, or takes it out. */
function spoil(written: Written, file: string, path: string, value: unknown): void {
  const found = written.antigens.find((one) => one.file === file);
  set(found?.content.series, path.split('.'), value);
}

function set(target: unknown, [name = '', ...rest]: string[], value: unknown): void {
  const record = target as Record<string, unknown>;
  if (rest.length > 0) set(record[name], rest, value);
  else if (value === undefined) delete record[name];
  else record[name] = value;
}
