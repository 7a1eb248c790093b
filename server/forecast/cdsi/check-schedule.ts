// Looks for what is wrong in a schedule's written form, so that a mistake in the data shows when it is loaded and never in
// an answer. CDC CDSi 4.6, chapter 3; the rules are about shape and reference, not about medicine.
//
// A fault makes an answer impossible or wrong: an unknown field, a name that stands nowhere, a window that no day falls
// into, a dose that waits for a later one. An oddity is a row that says nothing, or says it in a way that the rules still
// decide: published schedules hold some (conflicts with products that have no antigen, two default series in one group, of
// which the better preference is taken, an interval counted from nothing, an indication that ends before it begins, a last
// recommended age past the last age). A schedule with oddities is used, and they are kept beside it.
import { checkSeries } from './check-series.ts';
import { createFindings, type Findings, type Told } from './findings.ts';
import { isOrdered } from './order.ts';
import { isRecord } from './shape.ts';
import type { AntigenFile, ScheduleFile } from './source.ts';
import { antigenShape, type Names, scheduleShape } from './source-shapes.ts';

/** The name of the file that is not about one antigen. */
export const SCHEDULE_FILE = 'schedule.json';

/** What is wrong and what is odd in a schedule, as read from JSON. */
export function checkSchedule(schedule: unknown, antigens: readonly { file: string; content: unknown }[]): Findings {
  const findings = createFindings();
  const told = findings.at({ file: SCHEDULE_FILE });
  const names = namesOf(schedule, antigens);
  if (antigens.length === 0) told.fault('', 'there is no file in antigens/');
  if (findings.isClean(() => scheduleShape(names)(schedule, '', told.fault)))
    checkReferences(schedule as ScheduleFile, names, told);
  const seen = new Map<string, string>();
  for (const { file, content } of antigens) {
    const inFile = findings.at({ file });
    if (!findings.isClean(() => antigenShape(names)(content, '', inFile.fault))) continue;
    const { antigen, series } = content as AntigenFile;
    checkSeries(content as AntigenFile, names, findings, file);
    const disease = series[0]?.targetDisease ?? antigen;
    if (disease !== antigen) inFile.oddity('antigen', `is "${antigen}", its series are for "${disease}"`);
    const other = seen.get(disease);
    if (other !== undefined) inFile.fault('series', `"${disease}" has its series in ${other} already`);
    seen.set(disease, file);
  }
  return findings;
}

/** Every name the rows may use, taken from what looks like its place; a wrong shape is told elsewhere. */
function namesOf(schedule: unknown, antigens: readonly { content: unknown }[]): Names {
  const part = (name: string, key: string) =>
    new Set(rowsOf(schedule, name).flatMap((row) => (typeof row[key] === 'string' ? [row[key]] : [])));
  return {
    products: part('cvxToAntigens', 'cvx'),
    observations: part('observations', 'code'),
    vaccineGroups: part('vaccineGroups', 'name'),
    antigens: new Set(
      antigens.flatMap(({ content }) =>
        rowsOf(content, 'series').flatMap(({ targetDisease }) =>
          typeof targetDisease === 'string' ? [targetDisease] : [],
        ),
      ),
    ),
  };
}

function rowsOf(value: unknown, name: string): Record<string, unknown>[] {
  const rows = isRecord(value) ? value[name] : undefined;
  return Array.isArray(rows) ? rows.filter(isRecord) : [];
}

function checkReferences(schedule: ScheduleFile, names: Names, { fault, oddity }: Told): void {
  const once = (field: string, values: readonly string[]) => {
    const twice = new Set(values.filter((value, i) => values.indexOf(value) !== i));
    for (const value of twice) fault(field, `"${value}" stands there twice`);
  };
  const { vaccineConflicts, vaccineGroups, vaccineGroupToAntigens, cvxToAntigens, observations } = schedule;
  once(
    'vaccineGroups',
    vaccineGroups.map(({ name }) => name),
  );
  once(
    'vaccineGroupToAntigens',
    vaccineGroupToAntigens.map(({ name }) => name),
  );
  once(
    'cvxToAntigens',
    cvxToAntigens.map(({ cvx }) => cvx),
  );
  once(
    'observations',
    observations.map(({ code }) => code),
  );
  for (const [i, { name, administerFullVaccineGroup }] of vaccineGroups.entries()) {
    const field = `vaccineGroups[${i}]`;
    const row = vaccineGroupToAntigens.find((one) => one.name === name);
    if (row === undefined) fault(field, `"${name}" has no antigens in vaccineGroupToAntigens`);
    else if (row.antigens.length > 1 && administerFullVaccineGroup === undefined)
      fault(`${field}.administerFullVaccineGroup`, `is missing; "${name}" has ${row.antigens.length} antigens`);
  }
  const strangers = new Set<string>();
  for (const [i, row] of vaccineConflicts.entries()) {
    const field = `vaccineConflicts[${i}]`;
    for (const cvx of [row.conflictingCvx, row.impactedCvx]) if (!names.products.has(cvx)) strangers.add(cvx);
    for (const name of ['minConflictEndInterval', 'conflictEndInterval'] as const)
      if (!isOrdered(row.conflictBeginInterval, row[name])) fault(`${field}.${name}`, 'ends before it begins');
  }
  for (const cvx of strangers)
    oddity('vaccineConflicts', `has rows for the product "${cvx}", which has no antigen in cvxToAntigens`);
  for (const [i, { associations }] of cvxToAntigens.entries())
    for (const [j, { beginAge, endAge }] of associations.entries())
      if (!isOrdered(beginAge, endAge, true))
        fault(`cvxToAntigens[${i}].associations[${j}].endAge`, 'is not after beginAge');
}
