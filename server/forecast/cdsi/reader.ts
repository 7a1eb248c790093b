// Reads the texts of a written CDSi schedule: durations (each different one numbered), dates, products. What cannot be
// read is a `ScheduleError` with file, series, dose and field; check-schedule.ts finds all such faults at once.
import { type Day, parseDay } from '../days.ts';
import { parseDuration } from '../duration.ts';
import { ScheduleError } from '../schedule-error.ts';
import type { Place } from '../types.ts';
import type { Association, Conflict, Force, Length, Product } from './compiled.ts';

/** A product while the schedule is being put together. */
export type OpenProduct = { -readonly [K in keyof Product]: Product[K] } & {
  associations: Association[];
  vaccineGroups: number[];
  impactedBy: Map<number, Conflict> | undefined;
};

/** What all rows of a schedule share while it is compiled. */
export type Pool = { lengths: Map<string, number>; products: Map<string, OpenProduct>; brands: Set<string> };

export type Where = { file: string; antigen?: string; series?: string; dose?: number };

export type CdsiReader = {
  /** Name of the antigen being read, as the schedule has it. */
  antigen: string;
  place(field: string, value?: string): Place;
  length(field: string, text: string | undefined): Length | undefined;
  requiredLength(field: string, text: string | undefined): Length;
  day(field: string, text: string | undefined): Day | undefined;
  force(field: string, row: { effectiveDate?: string; cessationDate?: string }): Force;
  product(cvx: string): Product;
  brand(tradeName: string): string;
  productNumbers(codes: readonly string[]): ReadonlySet<number>;
  fault(field: string, fault: string): ScheduleError;
  at(inner: { series?: string; dose?: number }): CdsiReader;
};

export function createCdsiReader(pool: Pool, where: Where): CdsiReader {
  const { file, ...spot } = where;
  const reader: CdsiReader = {
    antigen: where.antigen ?? '',
    place: (field, value) => ({ ...spot, field, ...(value === undefined ? {} : { value }) }),
    length(field, text) {
      if (text === undefined || text === '') return undefined;
      const duration = parseDuration(text);
      if (duration === undefined) throw reader.fault(field, `"${text}" is not a duration`);
      return { ...duration, id: numberOf(pool.lengths, duration), place: reader.place(field, text) };
    },
    requiredLength(field, text) {
      const length = reader.length(field, text);
      if (length === undefined) throw reader.fault(field, 'is missing');
      return length;
    },
    day(field, text) {
      if (text === undefined || text === '') return undefined;
      const day = parseDay(text);
      if (day === undefined) throw reader.fault(field, `"${text}" is not a date`);
      return day;
    },
    force: (field, row) => ({
      from: reader.day(`${field}.effectiveDate`, row.effectiveDate) ?? Number.NEGATIVE_INFINITY,
      to: reader.day(`${field}.cessationDate`, row.cessationDate) ?? Number.POSITIVE_INFINITY,
    }),
    product: (cvx) => productOf(pool, cvx),
    brand(tradeName) {
      const brand = brandOf(tradeName);
      pool.brands.add(brand);
      return brand;
    },
    productNumbers: (codes) => new Set(codes.map((cvx) => productOf(pool, cvx).index)),
    fault(field, fault) {
      const { series, dose } = spot;
      const named = {
        ...(series === undefined ? {} : { series }),
        ...(dose === undefined ? {} : { dose: `dose ${dose}` }),
      };
      return new ScheduleError([{ file, ...named, field, fault }]);
    },
    at: (inner) => createCdsiReader(pool, { ...where, ...inner }),
  };
  return reader;
}

/** The product of a CVX code; one that no row associates with an antigen is a product all the same. */
export function productOf(pool: Pool, cvx: string): OpenProduct {
  const known = pool.products.get(cvx);
  if (known !== undefined) return known;
  const product: OpenProduct = {
    index: pool.products.size,
    cvx,
    associations: [],
    vaccineGroups: [],
    impactedBy: undefined,
    isConflicting: false,
  };
  pool.products.set(cvx, product);
  return product;
}

/** `ENGERIX-B ADULT` and `Engerix-B` are one brand: the first word counts, in small letters and digits. */
export function brandOf(tradeName: string): string {
  const [first = ''] = tradeName.trim().split(/\s+/);
  return first.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function numberOf(lengths: Map<string, number>, duration: { months: number; days: number }): number {
  const key = `${duration.months}/${duration.days}`;
  const number = lengths.get(key) ?? lengths.size;
  lengths.set(key, number);
  return number;
}
