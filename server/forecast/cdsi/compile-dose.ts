// One written series dose to one compiled: ages, intervals, products, skips, season. CDSi 4.6, chapter 3.
import type { AgeRow, IntervalRow, ProductRow, Reference, SeriesDose, Skip, SkipCondition } from './compiled.ts';
import type { CdsiReader } from './reader.ts';
import type {
  PreferableIntervalRow,
  PreferableVaccineRow,
  SeriesDoseRow,
  SkipConditionRow,
  SkipRow,
} from './source.ts';

/** Compiles one dose; `reader` names the dose in places and faults. */
export function compileDose(row: SeriesDoseRow, reader: CdsiReader): SeriesDose {
  const inadvertent = row.inadvertentVaccines ?? [];
  return {
    number: row.doseNumber,
    ages: (row.ages ?? []).map((age, i) => compileAge(age, `ages[${i}]`, reader)),
    preferableIntervals: (row.preferableIntervals ?? []).flatMap((interval, i) =>
      compileInterval(interval, `preferableIntervals[${i}]`, reader),
    ),
    allowableIntervals: (row.allowableIntervals ?? []).flatMap((interval, i) =>
      compileInterval(interval, `allowableIntervals[${i}]`, reader),
    ),
    preferable: (row.preferableVaccines ?? []).map((vaccine, i) =>
      compileProduct(vaccine, `preferableVaccines[${i}]`, reader),
    ),
    allowable: (row.allowableVaccines ?? []).map((vaccine, i) =>
      compileProduct({ ...vaccine, forecastVaccineType: false }, `allowableVaccines[${i}]`, reader),
    ),
    inadvertent: inadvertent.length === 0 ? undefined : reader.productNumbers(inadvertent.map(({ cvx }) => cvx)),
    skips: (row.conditionalSkips ?? []).map((skip, i) => compileSkip(skip, `conditionalSkips[${i}]`, reader)),
    isRecurring: row.recurringDose,
    seasons: (row.seasonalRecommendation ?? []).map((season, i) => ({
      from: reader.day(`seasonalRecommendation[${i}].startDate`, season.startDate),
      to: reader.day(`seasonalRecommendation[${i}].endDate`, season.endDate),
      place: reader.place(`seasonalRecommendation[${i}]`, `${season.startDate ?? ''} to ${season.endDate ?? ''}`),
    })),
    place: reader.place('doseNumber'),
  };
}

function compileAge(row: NonNullable<SeriesDoseRow['ages']>[number], field: string, reader: CdsiReader): AgeRow {
  return {
    ...reader.force(field, row),
    absMin: reader.length(`${field}.absMinAge`, row.absMinAge),
    min: reader.length(`${field}.minAge`, row.minAge),
    earliestRec: reader.length(`${field}.earliestRecAge`, row.earliestRecAge),
    latestRec: reader.length(`${field}.latestRecAge`, row.latestRecAge),
    max: reader.length(`${field}.maxAge`, row.maxAge),
  };
}

/** A row that is counted from nothing holds on every day (6.5) and is left out; check-schedule.ts tells of it. */
function compileInterval(row: PreferableIntervalRow, field: string, reader: CdsiReader): IntervalRow[] {
  const reference = referenceOf(row, reader);
  if (reference === undefined) return [];
  const interval = {
    ...reader.force(field, row),
    reference,
    absMin: reader.length(`${field}.absMinInt`, row.absMinInt),
    min: reader.length(`${field}.minInt`, row.minInt),
    earliestRec: reader.length(`${field}.earliestRecInt`, row.earliestRecInt),
    latestRec: reader.length(`${field}.latestRecInt`, row.latestRecInt),
    isPriority: row.intervalPriority?.toLowerCase() === 'override',
    place: reader.place(field),
  };
  return [interval];
}

function referenceOf(row: PreferableIntervalRow, reader: CdsiReader): Reference | undefined {
  if (row.fromPrevious) return { from: 'previous' };
  if (row.fromTargetDose !== undefined) return { from: 'target', number: row.fromTargetDose };
  if (row.fromMostRecentCvx !== undefined)
    return { from: 'products', products: reader.productNumbers(row.fromMostRecentCvx) };
  if (row.fromRelevantObservation !== undefined) return { from: 'observation', code: row.fromRelevantObservation.code };
  return undefined;
}

function compileProduct(row: PreferableVaccineRow, field: string, reader: CdsiReader): ProductRow {
  const minMl = Number(row.volume);
  return {
    product: reader.product(row.cvx),
    mvx: row.mvx,
    brand: row.tradeName === undefined ? undefined : reader.brand(row.tradeName),
    from: reader.length(`${field}.beginAge`, row.beginAge),
    to: reader.length(`${field}.endAge`, row.endAge),
    minMl: minMl > 0 ? minMl : undefined,
    isForecast: row.forecastVaccineType,
    place: reader.place(field, row.vaccineType ?? row.cvx),
  };
}

function compileSkip(row: SkipRow, field: string, reader: CdsiReader): Skip {
  return {
    inEvaluation: row.context !== 'Forecast',
    inForecast: row.context !== 'Evaluation',
    isAny: row.setLogic?.toUpperCase() === 'OR',
    sets: row.sets.map((set, i) => ({
      ...reader.force(`${field}.sets[${i}]`, set),
      isAny: set.conditionLogic?.toUpperCase() === 'OR',
      conditions: set.conditions.map((condition, j) =>
        compileCondition(condition, `${field}.sets[${i}].conditions[${j}]`, reader),
      ),
    })),
    place: reader.place(field, row.sets.map(({ description }) => description ?? '').join('; ')),
  };
}

function compileCondition(row: SkipConditionRow, field: string, reader: CdsiReader): SkipCondition {
  const type = row.type.toLowerCase();
  if (type === 'age')
    return {
      kind: 'age',
      from: reader.length(`${field}.beginAge`, row.beginAge),
      to: reader.length(`${field}.endAge`, row.endAge),
    };
  if (type === 'interval')
    return { kind: 'interval', length: reader.requiredLength(`${field}.interval`, row.interval) };
  if (type === 'completed series') return { kind: 'completed', groups: row.seriesGroups ?? [] };
  if (!type.startsWith('vaccine count'))
    throw reader.fault(`${field}.type`, `"${row.type}" is not a kind of condition`);
  const logic = row.doseCountLogic?.toLowerCase();
  const compare = logic?.startsWith('greater') ? 'greater' : logic?.startsWith('less') ? 'less' : 'equal';
  return {
    kind: 'count',
    fromAge: reader.length(`${field}.beginAge`, row.beginAge),
    toAge: reader.length(`${field}.endAge`, row.endAge),
    from: reader.day(`${field}.startDate`, row.startDate) ?? Number.NEGATIVE_INFINITY,
    to: reader.day(`${field}.endDate`, row.endDate) ?? Number.POSITIVE_INFINITY,
    validOnly: row.doseType?.toLowerCase() === 'valid',
    products: row.vaccineTypesCvx === undefined ? undefined : reader.productNumbers(row.vaccineTypesCvx),
    compare,
    count: row.doseCount ?? 0,
  };
}
