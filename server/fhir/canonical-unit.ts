// UCUM units -> what makes values in different units comparable: a canonical unit and the way to it. https://ucum.org/ucum
// Each unit is worked out once.

import { ucumUnit } from './ucum.ts';

/** `canonical` names the dimension; a value times `factor`, plus `offset`, is the value in its canonical unit. */
export type CanonicalUnit = { canonical: string; factor: number; offset: number };

const units = new Map<string, CanonicalUnit | undefined>();
const mostUnits = 5000;
const longestUnit = 100;
const avogadro = 6.0221367e23; // As the unit tables have it: in them, a mole is this many.

/**
 * Undefined for what is no UCUM code and for units that only compare with themselves: arbitrary ones ([iU]) and those on a
 * logarithmic scale ([pH]). Degrees Celsius and Fahrenheit are kelvins with an offset.
 */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  if (units.has(code)) return units.get(code);
  if (code.length > longestUnit) return undefined;
  if (units.size >= mostUnits) units.clear();
  const found = workedOut(code);
  units.set(code, found);
  return found;
}

/** A value in its canonical unit, to 12 digits: what two conversions differ by behind them is their own doing. */
export function toCanonical(value: number, { factor, offset }: CanonicalUnit): number {
  return Number((value * factor + offset).toPrecision(12));
}

function workedOut(code: string): CanonicalUnit | undefined {
  const unit = ucumUnit(code);
  const dimension = unit?.dim_?.dimVec_;
  if (!unit || !dimension || unit.isArbitrary_) return undefined;
  const factor = unit.magnitude_ / avogadro ** unit.moleExp_;
  const canonical = `${dimension.join()};${unit.moleExp_}`;
  if (unit.cnv_ === null) return { canonical, factor, offset: 0 };
  if (unit.cnv_ === 'Cel') return { canonical, factor: unit.cnvPfx_, offset: 273.15 };
  if (unit.cnv_ === 'degF') return { canonical, factor: (unit.cnvPfx_ * 5) / 9, offset: (459.67 * 5) / 9 };
  return undefined;
}
