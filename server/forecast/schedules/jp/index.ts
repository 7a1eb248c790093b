// The Japanese schedule of FY2026 (Reiwa 8) as data: general rules, intervals between vaccines, and the series in the
// order they are forecast. Rule ids are our own; each rule names the law or notice it stands in.
import type { Schedule } from '../../compiled.ts';
import { loadSchedule } from '../../load-schedule.ts';
import type { ScheduleSource, SeriesSource } from '../../schedule.ts';
import { pneumococcalElderly, zoster } from './adult.ts';
import { bcg } from './bcg.ts';
import { dt2, dtp1 } from './dtp.ts';
import { cautions, conflicts, deferrals, generalRules, withExclusions } from './general.ts';
import { hepB, hepBPerinatal } from './hepb.ts';
import { hib } from './hib.ts';
import { hpv } from './hpv.ts';
import { influenza } from './influenza.ts';
import { je1, je2 } from './je.ts';
import { mr1, mr2 } from './mr.ts';
import { mumps } from './mumps.ts';
import { OBSERVATIONS } from './observations.ts';
import { packages } from './packages.ts';
import { pcv } from './pcv.ts';
import { PRODUCT_CLASSES } from './products.ts';
import { rota } from './rota.ts';
import { rsvMaternal } from './rsv-maternal.ts';
import { varicella } from './varicella.ts';

export const japaneseScheduleSource: ScheduleSource = {
  id: 'jp',
  version: '2026.1',
  products: PRODUCT_CLASSES,
  packages,
  conflicts,
  deferrals,
  cautions,
  observations: OBSERVATIONS,
  general: {
    invalidDose: 'E1',
    extraDose: 'E2',
    ageOutside: 'E3',
    duplicate: 'E4',
    sameDay: 'E4-product',
    vagueDate: 'E5',
    flawedDose: 'E6',
  },
  rules: generalRules,
  series: [
    series('jp/rota.ts', rota),
    series('jp/hepb.ts', hepB),
    series('jp/hepb.ts', hepBPerinatal),
    series('jp/pcv.ts', pcv),
    series('jp/dtp.ts', dtp1),
    series('jp/hib.ts', hib),
    series('jp/bcg.ts', bcg),
    series('jp/mr.ts', mr1),
    series('jp/varicella.ts', varicella),
    series('jp/mumps.ts', mumps),
    series('jp/je.ts', je1),
    series('jp/mr.ts', mr2),
    series('jp/je.ts', je2),
    series('jp/dtp.ts', dt2),
    series('jp/hpv.ts', hpv),
    series('jp/influenza.ts', influenza),
    series('jp/rsv-maternal.ts', rsvMaternal),
    series('jp/adult.ts', pneumococcalElderly),
    series('jp/adult.ts', zoster),
  ],
};

function series(file: string, source: SeriesSource) {
  return { file, source: withExclusions(source) };
}

let compiled: Schedule | undefined;

/** The compiled Japanese schedule, made once and shared. */
export function japaneseSchedule(): Schedule {
  compiled ??= loadSchedule(japaneseScheduleSource);
  return compiled;
}
