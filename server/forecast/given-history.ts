// The doses of an input as records in order, the same for every schedule: which dates can be read, on which days a vague one
// may have been given, and which record only repeats another (CDSi 4.2; one injection once is rule E4 of the Japanese sheet).
import { type Day, formatDay, parseDay, parseDayRange } from './days.ts';
import { ForecastInputError } from './forecast-input-error.ts';
import type { ForecastInput, GivenDose, Warning } from './types.ts';

/** `day` is the first or the last possible one, whichever is being tried. */
export type DatedDose = { dose: GivenDose; order: number; first: Day; last: Day; day: Day };

/** Birth and assessment day. Throws `ForecastInputError` for one that is no full date. */
export function readDates(input: ForecastInput): { birth: Day; asOf: Day } {
  const birth = parseDay(input.birthDate);
  if (birth === undefined) throw new ForecastInputError('birthDate', input.birthDate);
  const asOf = parseDay(input.assessmentDate);
  if (asOf === undefined) throw new ForecastInputError('assessmentDate', input.assessmentDate);
  return { birth, asOf };
}

/** What a schedule knows of a dose's product: `undefined` when it is not known, and `unknown` is the warning's text. */
export type ProductReader<Known> = {
  find: (dose: GivenDose) => Known | undefined;
  unknown: (vaccine: string) => string;
};

/** All readable records, by day and then by input order; those that cannot be used are left out with a warning. */
export function readHistory<Known extends object>(
  input: ForecastInput,
  dates: { birth: Day; asOf: Day },
  warnings: Warning[],
  products: ProductReader<Known>,
): { records: (DatedDose & Known)[]; duplicates: (DatedDose & Known)[] } {
  const records: (DatedDose & Known)[] = [];
  for (const [order, dose] of input.doses.entries()) {
    const known = products.find(dose);
    const range = known === undefined ? undefined : readDay(dose, dates, warnings);
    if (known === undefined)
      warnings.push({ code: 'unknownVaccine', doseId: dose.id, text: products.unknown(dose.vaccine) });
    else if (range !== undefined) records.push({ dose, order, ...range, day: range.last, ...known });
  }
  records.sort(byDay);
  return { records, duplicates: records.filter((record, i) => isDuplicate(record, i, records)) };
}

/** By day, then by input order. */
export function byDay(a: DatedDose, b: DatedDose): number {
  return a.day - b.day || a.order - b.order;
}

function readDay(
  dose: GivenDose,
  { birth, asOf }: { birth: Day; asOf: Day },
  warnings: Warning[],
): { first: Day; last: Day } | undefined {
  const leaveOut = (code: Warning['code'], text: string) => {
    warnings.push({ code, doseId: dose.id, text });
    return undefined;
  };
  const range = parseDayRange(dose.date);
  if (range === undefined) return leaveOut('invalidDate', `"${dose.date}" is not a date; the dose was left out.`);
  if (range.first > asOf)
    return leaveOut('afterAssessmentDate', `${dose.date} is after the assessment date; the dose is not history yet.`);
  if (range.last < birth)
    return leaveOut('beforeBirth', `${dose.date} is before the birth date ${formatDay(birth)}; the dose was left out.`);
  return { first: Math.max(range.first, birth), last: Math.min(range.last, asOf) };
}

/** Two records of one product on one known day are one injection; the later record is the duplicate. */
function isDuplicate(record: DatedDose, index: number, sorted: readonly DatedDose[]): boolean {
  if (record.first !== record.last) return false;
  for (let i = index - 1; i >= 0; i -= 1) {
    const earlier = sorted[i];
    if (earlier === undefined || earlier.day !== record.day) return false;
    if (earlier.dose.vaccine === record.dose.vaccine && earlier.first === earlier.last) return true;
  }
  return false;
}
