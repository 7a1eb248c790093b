// Labels of the products of the Japanese schedule, as far as the needle check needs them: volumes, routes, label ages and
// market dates of the fact sheet. What is not written there is left out, and so not checked. On the one day on which a child
// is both under an age and that age (T2, T3) two volumes are right.
import type { PackageSource } from '../../law/schedule.ts';

// Codes of v3-RouteOfAdministration: SQ subcutaneous, IM intramuscular, PO by mouth, NASINHL nasal.
const HALF = { volumes: [{ millilitres: 0.5 }] };
const UNDER_THE_SKIN: PackageSource = { routes: ['SQ'], ...HALF };
const INTO_THE_MUSCLE: PackageSource = { routes: ['IM'], ...HALF };
const EITHER: PackageSource = { routes: ['SQ', 'IM'], ...HALF };
const HALF_FROM_THREE = {
  volumes: [
    { millilitres: 0.25, to: 'reach 36 months' },
    { millilitres: 0.5, from: 'reach 36 months' },
  ],
};
const FROM_NINE_YEARS = { licensed: { from: 'reach 108 months' } };
const FROM_TWO_YEARS = { licensed: { from: 'reach 24 months' } };

export const packages: Readonly<Record<string, PackageSource>> = {
  RV1: {
    routes: ['PO'],
    volumes: [{ millilitres: 1.5 }],
    licensed: { from: 'birth + 42 days', to: 'birth + 168 days' },
  },
  RV5: { routes: ['PO'], volumes: [{ millilitres: 2 }], licensed: { from: 'birth + 42 days', to: 'birth + 224 days' } },
  HepB: {
    routes: ['SQ', 'IM'],
    volumes: [
      { millilitres: 0.25, to: 'reach 120 months' },
      { millilitres: 0.5, from: 'reach 120 months' },
    ],
  },
  PCV7: { ...UNDER_THE_SKIN, market: { from: '2010-02-01', to: '2013-10-31' } },
  PCV13: { ...UNDER_THE_SKIN, market: { from: '2013-11-01' } },
  PCV15: EITHER,
  PCV20: EITHER,
  Hib: UNDER_THE_SKIN,
  'DPT-IPV-Hib': EITHER,
  'DPT-IPV': { ...UNDER_THE_SKIN, market: { from: '2012-11-01', to: '2025-07-31' } },
  DPT: UNDER_THE_SKIN,
  IPV: { ...UNDER_THE_SKIN, market: { from: '2012-09-01' } },
  OPV: { routes: ['PO'], market: { to: '2012-08-31' } },
  DT: { routes: ['SQ'], volumes: [{ millilitres: 0.1 }] },
  MR: UNDER_THE_SKIN,
  M: UNDER_THE_SKIN,
  R: UNDER_THE_SKIN,
  MUMPS: UNDER_THE_SKIN,
  VAR: UNDER_THE_SKIN,
  JE: { routes: ['SQ'], ...HALF_FROM_THREE },
  HPV2: INTO_THE_MUSCLE,
  HPV4: { ...INTO_THE_MUSCLE, ...FROM_NINE_YEARS },
  HPV9: { ...INTO_THE_MUSCLE, ...FROM_NINE_YEARS },
  'RSV-MAT': { ...INTO_THE_MUSCLE, licensed: { from: 'edd - 112 days', to: 'edd - 22 days' } },
  IIV: { routes: ['SQ'], ...HALF_FROM_THREE, licensed: { from: 'reach 6 months' } },
  'IIV-HD': { market: { from: '2026-10-01' } },
  'COVID-mRNA': { routes: ['IM'], licensed: { from: 'reach 6 months' } },
  LAIV: {
    routes: ['NASINHL'],
    volumes: [{ millilitres: 0.2 }],
    licensed: { from: 'reach 24 months', to: 'reach 228 months' },
  },
  RZV: INTO_THE_MUSCLE,
  ZVL: UNDER_THE_SKIN,
  MenACWY: { ...INTO_THE_MUSCLE, ...FROM_TWO_YEARS },
  'TYPHOID-Vi': FROM_TWO_YEARS,
  TBE: { licensed: { from: 'reach 12 months' } },
  YF: { licensed: { from: 'reach 9 months' } },
};
