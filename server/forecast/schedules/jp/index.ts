// The Japanese schedule of FY2026 (Reiwa 8) as data: general rules, intervals between vaccines, and the series in the
// order they are forecast. Rule ids are our own; each rule names the law or notice it stands in.
import type { Schedule } from '../../compiled.ts';
import { loadSchedule } from '../../load-schedule.ts';
import type { ScheduleSource } from '../../schedule.ts';
import { pneumococcalElderly, zoster } from './adult.ts';
import { bcg } from './bcg.ts';
import { dt2, dtp1 } from './dtp.ts';
import { hepB, hepBPerinatal } from './hepb.ts';
import { hib } from './hib.ts';
import { hpv } from './hpv.ts';
import { influenza } from './influenza.ts';
import { je1, je2 } from './je.ts';
import { mr1, mr2 } from './mr.ts';
import { mumps } from './mumps.ts';
import { packages } from './packages.ts';
import { pcv } from './pcv.ts';
import { PRODUCT_CLASSES } from './products.ts';
import { rota } from './rota.ts';
import { rsvMaternal } from './rsv-maternal.ts';
import { rule } from './rule.ts';
import { varicella } from './varicella.ts';

const LIVE = ['live-injected', 'live-oral', 'live-nasal'];
const NOT_LIVE = ['inactivated', 'toxoid', 'mrna'];
const LIVE_VIRAL_INJECTED = ['MR', 'M', 'R', 'MMR', 'MUMPS', 'VAR', 'ZVL', 'YF'];

export const japaneseScheduleSource: ScheduleSource = {
  id: 'jp',
  version: '2026.1',
  products: PRODUCT_CLASSES,
  packages,
  conflicts: [
    {
      rule: 'X1',
      earlier: ['live-injected'],
      later: ['live-injected'],
      wait: '27 clear days',
      givenFrom: '2020-10-01',
    },
    { rule: 'X2', earlier: LIVE, later: [...LIVE, ...NOT_LIVE], wait: '27 clear days', givenTo: '2020-09-30' },
    { rule: 'X2', earlier: NOT_LIVE, later: [...LIVE, ...NOT_LIVE], wait: '6 clear days', givenTo: '2020-09-30' },
  ],
  deferrals: [
    { rule: 'X8', observation: 'immunoglobulin', wait: '3 months', products: LIVE_VIRAL_INJECTED },
    { rule: 'X8', observation: 'immunoglobulin', minValue: 200, wait: '6 months', products: LIVE_VIRAL_INJECTED },
  ],
  general: {
    invalidDose: 'E1',
    extraDose: 'E2',
    ageOutside: 'E3',
    duplicate: 'E4',
    sameDay: 'E4-product',
    vagueDate: 'E5',
    flawedDose: 'E6',
  },
  rules: {
    E1: rule(
      'L6',
      'U',
      '定期接種の要件を満たさない接種。やり直すか、次の間隔をどこから数えるかの一般的な定めはなく、医師が判断する',
      'Not a correct routine dose. No general rule says whether it is repeated or where the next interval starts: ask the clinician',
    ),
    E2: rule('L6', 'O', '必要な回数を超えた接種（不必要な接種）', 'A dose beyond the number needed'),
    E3: rule(
      'L5',
      'U',
      '対象年齢の外の接種は任意接種だが、間隔が正しければ医学的には回数に数えられる',
      'A dose outside the legal age is voluntary; at the right interval it still counts medically',
    ),
    E4: rule(
      'L6',
      'U',
      '同じ日の同じワクチンの記録は1回の接種とみなす',
      'Records of one vaccine on one day are one injection',
    ),
    'E4-product': rule(
      'L6',
      'U',
      '同じ日に同じ種類の別の製品の記録がある。どちらが正しいか確認がいる',
      'Two products of one series are recorded on the same day: ask which is right',
    ),
    E5: rule(
      'L6',
      'U',
      '日の分からない記録は、その期間の最初の日と最後の日で判定し、一致すれば採用して次の間隔は最後の日から数える',
      'A record without its day is judged on the first and the last possible day; if they agree the next interval runs from the last',
    ),
    E6: rule(
      'L6',
      'U',
      '期限切れや保管不良などの製品による接種は回数に数えない。やり直すかどうかは医師が判断する',
      'A dose of an expired or damaged product is not counted; whether it is repeated is for the clinician',
    ),
    T8: rule(
      'L5',
      'U',
      '標準的な間隔の上限（日数の数え方に1日の幅がある）',
      'Upper end of a standard interval (counted with a margin of one day)',
    ),
    X1: rule(
      'L4',
      'O',
      '注射生ワクチンどうしは27日以上の間隔（同日は可）',
      'Injected live vaccines at least 27 whole days apart, or on one day',
    ),
    X2: rule(
      'L4',
      'O',
      '令和2年9月30日までは、生ワクチンの後は27日以上、不活化ワクチンの後は6日以上の間隔',
      'Until 2020-09-30 another vaccine waited 27 whole days after a live one and 6 after an inactivated one',
    ),
    X4: rule(
      'L5',
      'O',
      '原則として同じ製品で終える',
      'In principle a series is finished with the product it began with',
    ),
    X5: rule(
      'L5',
      'O',
      '任意接種や海外で受けた分は、受けた回数として数える',
      'Voluntary doses and doses abroad count as the number of doses taken',
    ),
    X7: rule(
      'L2',
      'O',
      '長期の療養などで受けられなかった人は、その事情がなくなってから2年間受けられる',
      'Those who missed a dose through long illness may have it within two years of recovery',
      { ja: '第3条第2項', en: 'article 3 paragraph 2' },
    ),
    X8: rule(
      'L7',
      'S',
      '免疫グロブリンや輸血の後、注射生ワクチンは3か月（大量療法では6か月）あける',
      'After immunoglobulin or transfusion injected live viral vaccines wait 3 months (6 after a high dose)',
    ),
    X9: rule('L3', 'O', 'その病気にかかったことがある人は対象外', 'Not for people who have had the disease', {
      ja: '第2条',
      en: 'article 2',
    }),
  },
  series: [
    { file: 'jp/rota.ts', source: rota },
    { file: 'jp/hepb.ts', source: hepB },
    { file: 'jp/hepb.ts', source: hepBPerinatal },
    { file: 'jp/pcv.ts', source: pcv },
    { file: 'jp/dtp.ts', source: dtp1 },
    { file: 'jp/hib.ts', source: hib },
    { file: 'jp/bcg.ts', source: bcg },
    { file: 'jp/mr.ts', source: mr1 },
    { file: 'jp/varicella.ts', source: varicella },
    { file: 'jp/mumps.ts', source: mumps },
    { file: 'jp/je.ts', source: je1 },
    { file: 'jp/mr.ts', source: mr2 },
    { file: 'jp/je.ts', source: je2 },
    { file: 'jp/dtp.ts', source: dt2 },
    { file: 'jp/hpv.ts', source: hpv },
    { file: 'jp/influenza.ts', source: influenza },
    { file: 'jp/rsv-maternal.ts', source: rsvMaternal },
    { file: 'jp/adult.ts', source: pneumococcalElderly },
    { file: 'jp/adult.ts', source: zoster },
  ],
};

let compiled: Schedule | undefined;

/** The compiled Japanese schedule, made once and shared. */
export function japaneseSchedule(): Schedule {
  compiled ??= loadSchedule(japaneseScheduleSource);
  return compiled;
}
