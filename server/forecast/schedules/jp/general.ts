// What holds for every Japanese series: waiting times between vaccines and after other events, cautions, people who are
// excluded (施行規則 article 2), and the rules named by the engine itself.
import type { ConditionSource } from '../../condition.ts';
import type { ClosureSource, RuleSource, ScheduleSource, SeriesSource } from '../../schedule.ts';
import { PRODUCT_CLASSES } from './products.ts';
import { ARTICLE_2, rule } from './rule.ts';

const LIVE = ['live-injected', 'live-oral', 'live-nasal'];
const NOT_LIVE = ['inactivated', 'toxoid', 'mrna'];
const LIVE_VIRAL_INJECTED = ['MR', 'M', 'R', 'MMR', 'MUMPS', 'VAR', 'ZVL', 'YF'];
const PREGNANT = { observation: 'pregnancy-edd', lead: '- 280 days', wait: '1 day' };

export const conflicts: ScheduleSource['conflicts'] = [
  { rule: 'X1', earlier: ['live-injected'], later: ['live-injected'], wait: '27 clear days', givenFrom: '2020-10-01' },
  {
    rule: 'X2',
    earlier: LIVE,
    later: [...LIVE, ...NOT_LIVE],
    wait: '27 clear days',
    givenTo: '2020-09-30',
    endKnownFrom: '2020-10-01',
  },
  {
    rule: 'X2',
    earlier: NOT_LIVE,
    later: [...LIVE, ...NOT_LIVE],
    wait: '6 clear days',
    givenTo: '2020-09-30',
    endKnownFrom: '2020-10-01',
  },
];

export const deferrals: ScheduleSource['deferrals'] = [
  { rule: 'X8', observation: 'immunoglobulin', wait: '3 months', products: LIVE_VIRAL_INJECTED },
  { rule: 'X8', observation: 'immunoglobulin', minValue: 200, wait: '6 months', products: LIVE_VIRAL_INJECTED },
  { rule: 'X9-pregnant', ...PREGNANT, products: ['MR', 'M', 'R'] },
  { rule: 'X9-pregnant-live', ...PREGNANT, products: ['MMR', 'VAR', 'MUMPS', 'ZVL', 'YF', 'BCG', 'LAIV'] },
  { rule: 'X9-ill', observation: 'fever', products: 'all' },
  { rule: 'X9-ill', observation: 'acute-illness', products: 'all' },
  { rule: 'X9-ill', observation: 'postponed', products: 'all' },
];

export const cautions: ScheduleSource['cautions'] = [
  {
    rule: 'X9-caution',
    when: anyOf([
      'heart-disease',
      'kidney-disease',
      'liver-disease',
      'blood-disease',
      'developmental-disorder',
      'reaction-after-dose',
      'convulsion-history',
      'immunodeficiency-in-family',
      'component-allergy',
      'latex-allergy',
    ]),
  },
];

/** The series with the exclusions that hold for every series of its products. */
export function withExclusions(source: SeriesSource): SeriesSource {
  const isLive = source.products.every((code) => PRODUCT_CLASSES[code]?.startsWith('live-'));
  const exclusions: ClosureSource[] = [
    {
      rule: 'X9-anaphylaxis',
      status: 'contraindicated',
      reason: 'anaphylaxis',
      when: anyOf([...source.products, source.key].map((code) => `anaphylaxis:${code}`)),
      review: true,
    },
    { rule: 'X9-unfit', status: 'contraindicated', reason: 'unfit', when: { has: `unfit:${source.key}` } },
    {
      rule: 'X9-adequate',
      status: 'notRecommended',
      reason: 'adequatelyVaccinated',
      when: { has: `adequately-vaccinated:${source.key}` },
    },
  ];
  if (isLive)
    exclusions.push({
      rule: 'X9-immunity',
      status: 'contraindicated',
      reason: 'immunodeficiency',
      when: anyOf(['immunodeficiency', 'immunosuppressive-therapy']),
      review: true,
    });
  return { ...source, closures: [...(source.closures ?? []), ...exclusions] };
}

/** One of these observations is recorded. */
export function anyOf(codes: readonly string[]): ConditionSource {
  return { any: codes.map((has) => ({ has })) };
}

export const generalRules: Readonly<Record<string, RuleSource>> = {
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
  'V-2014': rule(
    'L4',
    'O',
    '平成26年3月31日までは間隔の上限も定期接種の要件だった。上限を超えた接種は任意接種として回数に数える',
    'Until 2014-03-31 the upper limits of intervals were binding; a later dose was voluntary and counts',
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
  X4: rule('L5', 'O', '原則として同じ製品で終える', 'In principle a series is finished with the product it began with'),
  X5: rule(
    'L5',
    'O',
    '任意接種や海外で受けた分は、受けた回数として数える',
    'Voluntary doses and doses abroad count as the number of doses taken',
  ),
  X7: rule(
    'L2',
    'O',
    '長期の療養などで受けられなかった人は、その事情がなくなってから2年間（高齢者肺炎球菌と帯状疱疹は1年間）受けられる',
    'Those who missed a dose through long illness may have it within two years of recovery (elderly pneumococcal and zoster: one)',
    { ja: '第3条第2項', en: 'article 3 paragraph 2' },
  ),
  X8: rule(
    'L7',
    'S',
    '免疫グロブリンや輸血の後、注射生ワクチンは3か月（大量療法では6か月）あける',
    'After immunoglobulin or transfusion injected live viral vaccines wait 3 months (6 after a high dose)',
  ),
  X9: rule('L3', 'O', 'その病気にかかったことがある人は対象外', 'Not for people who have had the disease', ARTICLE_2),
  'X9-disease': rule(
    'L2',
    'U',
    '条文ではその病気にかかったことがある人は対象外だが、他の型への免疫にならないことがあり、医師と市町村に確認する',
    'By the letter not for people who have had the disease, which may leave other types unprotected: ask clinician and municipality',
    { ja: '第3条', en: 'article 3' },
  ),
  'X9-adequate': rule(
    'L3',
    'O',
    'すでに十分に受けている人は対象外',
    'Not for people already adequately vaccinated',
    ARTICLE_2,
  ),
  'X9-ill': rule(
    'L3',
    'O',
    '明らかな発熱や重い急性の病気の間は受けられない。予定は変えず、治ってから受ける',
    'Not while there is clear fever or severe acute illness; the schedule stays, the dose waits',
    ARTICLE_2,
  ),
  'X9-anaphylaxis': rule(
    'L3',
    'O',
    '接種液の成分でアナフィラキシーを起こしたことが明らかな人は受けられない',
    'Not for people with a clear history of anaphylaxis to a component',
    ARTICLE_2,
  ),
  'X9-unfit': rule(
    'L3',
    'O',
    'そのほか接種が不適当と医師が判断した人は受けられない',
    'Not for people otherwise judged unfit by the physician',
    ARTICLE_2,
  ),
  'X9-pregnant': rule(
    'L3',
    'O',
    '妊娠中は麻しん・風しんの予防接種を受けられない。出産後に受ける',
    'No measles or rubella vaccine in pregnancy; after delivery',
    ARTICLE_2,
  ),
  'X9-pregnant-live': rule(
    'L7',
    'S',
    '妊娠中は生ワクチンを接種しない。出産後に受ける',
    'No live vaccine in pregnancy; after delivery',
  ),
  'X9-immunity': rule(
    'L8',
    'S',
    '免疫不全や免疫抑制療法の間は、専門医の判断なしに生ワクチンを接種しない',
    'No live vaccine in immunodeficiency or under immunosuppression without a specialist',
  ),
  'X9-biologics': rule(
    'L8',
    'U',
    '母が妊娠中に生物学的製剤を使った子は、ロタとBCGを遅らせることがある。時期は専門医に確認する',
    'Rotavirus and BCG are delayed after biologics given to the mother in pregnancy; a specialist says how long',
  ),
  'X9-caution': rule(
    'L5',
    'O',
    '接種要注意者。予定は変わらないが、受けてよいか医師が判断する',
    'Needs care: the dates stay, the physician decides whether to vaccinate',
  ),
};
