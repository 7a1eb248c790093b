// The Japanese schedule of FY2026 (Reiwa 8) as data: general rules, intervals between vaccines, and the series in the
// order they are forecast. Rule ids are our own; each rule names the law or notice it stands in.
import type { Schedule } from '../../law/compiled.ts';
import { loadSchedule } from '../../law/load-schedule.ts';
import type { ScheduleSource, SeriesSource } from '../../law/schedule.ts';
import { pneumococcalElderly, zoster, zosterVoluntary } from './adult.ts';
import { covidElderly, influenzaElderly, rubellaMen } from './adult-programmes.ts';
import { bcg } from './bcg.ts';
import { dpt5, dpt11, dptMaternal, ipv5, polio, tetanus } from './boosters.ts';
import { hepBCatchUp, mrCatchUp, mrLateFirst, varicellaCatchUp } from './catch-up.ts';
import { dt2, dtp1 } from './dtp.ts';
import { cautions, conflicts, deferrals, exclusions, withExclusions } from './general.ts';
import { generalRules } from './general-rules.ts';
import { hepB, hepBPerinatal } from './hepb.ts';
import { hib } from './hib.ts';
import { hpv } from './hpv.ts';
import { hpvVoluntary } from './hpv-voluntary.ts';
import { influenza } from './influenza.ts';
import { je1, je2 } from './je.ts';
import { mr1, mr2 } from './mr.ts';
import { mrAfterTest } from './mr-after-test.ts';
import { mumps } from './mumps.ts';
import { OBSERVATIONS } from './observations.ts';
import { packages } from './packages.ts';
import { pcv } from './pcv.ts';
import { PRODUCT_CLASSES } from './products.ts';
import { covid, hibRisk, menACWY, pcvRisk } from './risk.ts';
import { rota } from './rota.ts';
import { rsvMaternal } from './rsv-maternal.ts';
import { hepA, rabies, tickBorneEncephalitis, typhoid, yellowFever } from './travel.ts';
import { varicella } from './varicella.ts';

export const japaneseScheduleSource: ScheduleSource = {
  id: 'jp',
  version: '2026.1',
  products: PRODUCT_CLASSES,
  packages,
  conflicts,
  deferrals,
  exclusions,
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
    series('jp/adult.ts', zosterVoluntary),
    series('jp/adult-programmes.ts', influenzaElderly),
    series('jp/adult-programmes.ts', covidElderly),
    series('jp/adult-programmes.ts', rubellaMen),
    series('jp/boosters.ts', dpt5),
    series('jp/boosters.ts', ipv5),
    series('jp/boosters.ts', dpt11),
    series('jp/boosters.ts', dptMaternal),
    series('jp/boosters.ts', tetanus),
    series('jp/boosters.ts', polio),
    series('jp/catch-up.ts', hepBCatchUp),
    series('jp/catch-up.ts', varicellaCatchUp),
    series('jp/catch-up.ts', mrLateFirst),
    series('jp/catch-up.ts', mrCatchUp),
    series('jp/hpv-voluntary.ts', hpvVoluntary),
    series('jp/mr-after-test.ts', mrAfterTest),
    series('jp/risk.ts', covid),
    series('jp/risk.ts', pcvRisk),
    series('jp/risk.ts', hibRisk),
    series('jp/risk.ts', menACWY),
    series('jp/travel.ts', hepA),
    series('jp/travel.ts', rabies),
    series('jp/travel.ts', typhoid),
    series('jp/travel.ts', tickBorneEncephalitis),
    series('jp/travel.ts', yellowFever),
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
