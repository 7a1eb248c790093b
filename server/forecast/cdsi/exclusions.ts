// What closes an antigen to a person: immunity and contraindications. CDSi 4.6, 7.2 and 7.3 (CALCDTCI-1, -2).
import type { Because } from '../types.ts';
import type { Antigen, Product, Series } from './compiled.ts';
import { isWithinAges, type Patient } from './patient.ts';
import { ground } from './series-state.ts';

export type Exclusions = {
  immune: Because | undefined;
  contraindicated: Because | undefined;
  /** Products that may not be given, each with its reason. */
  products: ReadonlyMap<Product, Because>;
  guidance: readonly string[];
};

/** Looks at one antigen once, for all of its series. */
export function exclusionsOf(patient: Patient, antigen: Antigen): Exclusions {
  const immune = immunityOf(patient, antigen);
  if (patient.observations.size === 0) return immune === undefined ? NOTHING : { ...NOTHING, immune };
  let contraindicated: Because | undefined;
  const products = new Map<Product, Because>();
  const guidance: string[] = [];
  for (const row of antigen.contraindications) {
    if (!patient.observations.has(row.code) || !isWithinAges(patient, row.from, row.to, patient.asOf)) continue;
    if (row.guidance !== undefined) guidance.push(row.guidance);
    if (row.products === undefined) contraindicated ??= ground('contraindicated', 'status', row.place);
    const because = ground('productContraindicated', 'product', row.place);
    for (const { product, from, to } of row.products ?? [])
      if (isWithinAges(patient, from, to, patient.asOf) && !products.has(product)) products.set(product, because);
  }
  return { immune, contraindicated, products, guidance };
}

/** A series is closed when the antigen is, or when none of the products it prefers is left. */
export function contraindicationOf(series: Series, exclusions: Exclusions): Because | undefined {
  if (exclusions.contraindicated !== undefined) return exclusions.contraindicated;
  const { products } = exclusions;
  const [first] = series.preferable;
  if (products.size === 0 || first === undefined || !series.preferable.every((one) => products.has(one)))
    return undefined;
  const because = products.get(first);
  return because && { ...because, sets: 'status' };
}

const NOTHING: Exclusions = {
  immune: undefined,
  contraindicated: undefined,
  products: new Map<Product, Because>(),
  guidance: [],
};

function immunityOf(patient: Patient, { immunity }: Antigen): Because | undefined {
  for (const { code, place } of immunity.observations)
    if (patient.observations.has(code)) return ground('immuneByObservation', 'status', place);
  for (const { before, country, exclusions, place } of immunity.births) {
    if (patient.birth >= before || exclusions.some((code) => patient.observations.has(code))) continue;
    if (country === undefined || isSameCountry(country, patient.birthCountry))
      return ground('immuneByBirth', 'status', place, before);
  }
  return undefined;
}

/** An unknown country of birth is not the one asked for. */
function isSameCountry(asked: string, known: string | undefined): boolean {
  return known !== undefined && letters(asked) === letters(known);
}

function letters(country: string): string {
  return country.toUpperCase().replace(/[^A-Z]/g, '');
}
