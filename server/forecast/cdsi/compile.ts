// Turns a written CDSi schedule into a compiled one. CDSi logic specification 4.6, chapter 3.

import { compileAntigen } from './compile-antigen.ts';
import type { CdsiSchedule } from './compiled.ts';
import { observationCodings } from './observation-codings.ts';
import { type CdsiReader, createCdsiReader, type OpenProduct, type Pool, productOf } from './reader.ts';
import type { CdsiSource, ScheduleFile } from './source.ts';

/**
 * Compiles a schedule. It is taken to have passed check-schedule.ts; a row that makes no sense all the same throws a
 * `ScheduleError` with its place. `id` names the schedule in answers.
 */
export function compileCdsi(source: CdsiSource, id: string): CdsiSchedule {
  const { schedule } = source;
  const pool: Pool = { lengths: new Map(), products: new Map(), brands: new Set() };
  const reader = createCdsiReader(pool, { file: 'schedule.json' });
  const names = antigenNames(source);
  const antigenNumbers = new Map(names.map((name, i) => [name, i]));
  const groupNumbers = new Map(schedule.vaccineGroups.map(({ name }, i) => [name, i]));
  const products = compileProducts(schedule, antigenNumbers, pool, reader);
  compileConflicts(schedule, pool, reader);
  const antigens = source.antigens.map(({ file, content }, i) =>
    compileAntigen(content, i, groupNumbers, createCdsiReader(pool, { file, antigen: names[i] ?? content.antigen })),
  );
  const vaccineGroups = schedule.vaccineGroups.map(({ name, administerFullVaccineGroup }, index) => ({
    index,
    name,
    administerFull: administerFullVaccineGroup,
    antigens: antigensOf(schedule, name).flatMap((antigen) => antigenNumbers.get(antigen) ?? []),
  }));
  for (const product of products.values())
    for (const { index, antigens: inGroup } of vaccineGroups)
      if (product.associations.some(({ antigen }) => inGroup.includes(antigen))) product.vaccineGroups.push(index);
  return {
    kind: 'cdsi',
    id,
    version: schedule.version,
    antigens,
    vaccineGroups,
    products,
    brands: pool.brands,
    observations: new Set(schedule.observations.map(({ code }) => code)),
    codings: observationCodings(
      schedule,
      source.antigens.map(({ content }) => content),
    ),
    lengths: pool.lengths.size,
  };
}

/**
 * The name of each antigen in `schedule.json`, which is the target disease of its series. Two files of the published data
 * call themselves otherwise (`JE`, `YF`).
 */
export function antigenNames({ antigens }: CdsiSource): string[] {
  return antigens.map(({ content }) => content.series[0]?.targetDisease ?? content.antigen);
}

/** Only products with a row of their own are known in a history. */
function compileProducts(
  schedule: ScheduleFile,
  antigenNumbers: ReadonlyMap<string, number>,
  pool: Pool,
  reader: CdsiReader,
): Map<string, OpenProduct> {
  const products = new Map<string, OpenProduct>();
  for (const [i, { cvx, associations }] of schedule.cvxToAntigens.entries()) {
    const product = productOf(pool, cvx);
    products.set(cvx, product);
    for (const [j, row] of associations.entries()) {
      const antigen = antigenNumbers.get(row.antigen);
      if (antigen === undefined) continue;
      const field = `cvxToAntigens[${i}].associations[${j}]`;
      product.associations.push({
        antigen,
        from: reader.length(`${field}.beginAge`, row.beginAge),
        to: reader.length(`${field}.endAge`, row.endAge),
      });
    }
  }
  return products;
}

/** Pairs become a map on the impacted product. */
function compileConflicts(schedule: ScheduleFile, pool: Pool, reader: CdsiReader): void {
  for (const [i, row] of schedule.vaccineConflicts.entries()) {
    const field = `vaccineConflicts[${i}]`;
    const earlier = productOf(pool, row.conflictingCvx);
    const later = productOf(pool, row.impactedCvx);
    const end = reader.requiredLength(`${field}.conflictEndInterval`, row.conflictEndInterval);
    earlier.isConflicting = true;
    later.impactedBy ??= new Map();
    later.impactedBy.set(earlier.index, {
      begin: reader.requiredLength(`${field}.conflictBeginInterval`, row.conflictBeginInterval),
      minEnd: reader.length(`${field}.minConflictEndInterval`, row.minConflictEndInterval) ?? end,
      end,
      place: reader.place(field, `${row.conflictingCvx} before ${row.impactedCvx}`),
    });
  }
}

function antigensOf(schedule: ScheduleFile, group: string): readonly string[] {
  return schedule.vaccineGroupToAntigens.find(({ name }) => name === group)?.antigens ?? [];
}
