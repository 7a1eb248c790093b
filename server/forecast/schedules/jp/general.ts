// What holds for every Japanese series: waiting times between vaccines and after other events, cautions, people who are
// excluded (施行規則 article 2). Their rules are in general-rules.ts.
import type { ConditionSource } from '../../law/condition.ts';
import type { ClosureSource, ScheduleSource, SeriesSource } from '../../law/schedule.ts';
import { PRODUCT_CLASSES } from './products.ts';

const LIVE = ['live-injected', 'live-oral', 'live-nasal'];
const NOT_LIVE = ['inactivated', 'toxoid', 'mrna'];
const IMMUNODEFICIENT = ['immunodeficiency', 'scid', 'immunosuppressive-therapy'];
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

/** Live products in series that have others too; series of live products alone are closed as a whole. */
export const exclusions: ScheduleSource['exclusions'] = [
  {
    rule: 'X9-immunity',
    observations: IMMUNODEFICIENT,
    products: ['LAIV', 'ZVL', 'OPV'],
  },
  { rule: 'FLU-5', observations: ['aspirin-therapy', 'anaphylaxis:egg'], products: ['LAIV'] },
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
      when: anyOf(IMMUNODEFICIENT),
      review: true,
    });
  return { ...source, closures: [...(source.closures ?? []), ...exclusions] };
}

/**
 * Leaves a series that is not for everybody out of the answer, unless a dose of it is on record or an observation asks
 * for it (`indicated:KEY`, or one of `observations`).
 */
export function onlyWhenAsked(
  rule: string,
  key: string,
  products: readonly string[],
  observations: readonly string[] = [],
): ClosureSource {
  const asked: ConditionSource[] = [
    { given: products, atLeast: 1 },
    ...[`indicated:${key}`, ...observations].map((has) => ({ has })),
  ];
  return { rule, status: 'notRelevant', reason: 'notAskedFor', when: { not: { any: asked } }, silent: true };
}

/** Leaves a voluntary series for the young out of the answer of a grown-up, unless it was begun or is asked for. */
export function grownUpUnlessAsked(rule: string, key: string, products: readonly string[]): ClosureSource {
  const { when } = onlyWhenAsked(rule, key, products);
  return {
    rule,
    status: 'notRelevant',
    reason: 'notAskedFor',
    when: { all: [{ on: { from: 'reach 20 years' } }, when] },
    silent: true,
  };
}

/** One of these observations is recorded. */
export function anyOf(codes: readonly string[]): ConditionSource {
  return { any: codes.map((has) => ({ has })) };
}
