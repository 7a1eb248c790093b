// The unit tables of UCUM, https://ucum.org/ucum: which codes are units. They load when the first one is asked (50 ms, once).

import { createRequire } from 'node:module';

export const ucumSystem = 'http://unitsofmeasure.org';

export type UcumUnit = {
  magnitude_: number;
  dim_: { dimVec_: number[] | null } | null;
  cnv_: string | null;
  cnvPfx_: number;
  isArbitrary_: boolean;
  moleExp_: number;
};
type Tables = { getSpecifiedUnit(code: string, purpose: 'validate'): { unit: UcumUnit | null; origString: string } };

// No space and no letter of another alphabet stands in a unit outside its annotations, and the tables take none inside.
const mayBeUnit = /^[!-~]{1,100}$/;
let tables: Tables | undefined;

/** The unit of a case-sensitive code, undefined for anything that is none: also for names and other spellings of units. */
export function ucumUnit(code: string): UcumUnit | undefined {
  if (!mayBeUnit.test(code)) return undefined;
  tables ??= loadTables();
  const { unit, origString } = tables.getSpecifiedUnit(code, 'validate');
  return unit && origString === code ? unit : undefined;
}

function loadTables(): Tables {
  const { UcumLhcUtils } = createRequire(import.meta.url)('@lhncbc/ucum-lhc') as {
    UcumLhcUtils: { getInstance(): Tables };
  };
  return UcumLhcUtils.getInstance();
}
