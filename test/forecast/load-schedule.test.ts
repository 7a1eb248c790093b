// A faulty schedule is refused when it is loaded, with the place of every fault.
import { describe, expect, test } from 'vitest';
import vaccine from '../../profiles/code-systems/vaccine.json' with { type: 'json' };
import type { ConditionSource } from '../../server/forecast/law/condition.ts';
import { loadSchedule } from '../../server/forecast/law/load-schedule.ts';
import type { DoseSource, ScheduleSource, SeriesSource } from '../../server/forecast/law/schedule.ts';
import { ScheduleError } from '../../server/forecast/schedule-error.ts';
import { japaneseScheduleSource } from '../../server/forecast/schedules/jp/index.ts';
import { PRODUCT_CLASSES } from '../../server/forecast/schedules/jp/products.ts';

const text = { ja: 'テスト', en: 'test' };
const rule = { layer: 'L4', confidence: 'O', text, source: text } as const;

function schedule(series: Partial<SeriesSource>, dose: Partial<DoseSource> = {}): ScheduleSource {
  return {
    id: 'test',
    version: '1',
    products: { SHOT: 'inactivated' },
    conflicts: [],
    deferrals: [],
    general: {
      invalidDose: 'R',
      ageOutside: 'R',
      extraDose: 'R',
      duplicate: 'R',
      sameDay: 'R',
      vagueDate: 'R',
      flawedDose: 'R',
    },
    rules: { R: rule },
    series: [
      {
        file: 'test/shot.json',
        source: {
          key: 'SHOT',
          name: text,
          programme: 'routine',
          products: ['SHOT'],
          windows: [{ rule: 'R', from: 'birth', to: 'reach 12 months' }],
          paths: [{ id: 'P', rule: 'R', doses: [{ label: '1', ...dose }] }],
          rules: {},
          ...series,
        },
      },
    ],
  };
}

const closure = (when: ConditionSource) => ({ rule: 'R', status: 'immune', reason: 'test', when }) as const;

function faultsOf(source: ScheduleSource): string {
  try {
    loadSchedule(source);
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
  return '';
}

describe('loadSchedule', () => {
  test('takes a correct schedule, and the Japanese one', () => {
    expect(loadSchedule(schedule({})).series).toHaveLength(1);
    expect(loadSchedule(japaneseScheduleSource).series.length).toBeGreaterThan(10);
  });

  test.each<[from: string | string[], to: string | string[], isRefused: boolean]>([
    ['birth', 'reach 12 months', false],
    ['reach 12 months', 'reach 12 months', false],
    ['after reach 12 months', 'reach 12 months', true],
    [['birth', 'after reach 12 months'], 'reach 12 months', true],
    ['reach 6 months', ['reach 12 months', 'reach 5 months'], true],
    [['birth', 'reach 6 months'], ['reach 12 months', 'reach 7 months'], false],
  ])('a window from %j to %j has no day: %s', (from, to, isRefused) => {
    expect(faultsOf(schedule({ windows: [{ rule: 'R', from, to }] })) !== '').toBe(isRefused);
  });

  test.each<[string, ScheduleSource, string]>([
    [
      'an unknown product',
      schedule({ products: ['SHOT', 'SHOE'] }),
      'shot.json > SHOT > products: there is no product "SHOE"',
    ],
    [
      'an unknown rule',
      schedule({ windows: [{ rule: 'Q', from: 'birth' }] }),
      'SHOT > windows[0].rule: there is no rule "Q"',
    ],
    [
      'an unreadable bound',
      schedule({ windows: [{ rule: 'R', from: 'teatime' }] }),
      'windows[0].from: cannot read the bound "teatime"',
    ],
    [
      'a window that ends before it begins',
      schedule({ windows: [{ rule: 'R', from: 'reach 12 months', to: 'reach 2 months' }] }),
      'SHOT > windows[0]: begins after it ends',
    ],
    [
      'an unreadable interval',
      schedule({}, { intervals: [{ rule: 'R', after: 'previous', min: '27 moons' }] }),
      'SHOT > path P dose 1 > intervals[0].min: cannot read the duration "27 moons"',
    ],
    [
      'an interval from a later dose',
      schedule({}, { intervals: [{ rule: 'R', after: 2, min: '1 day' }] }),
      'path P dose 1 > intervals[0].after: dose 2 is not before dose 1',
    ],
    ['a series without a path', schedule({ paths: [] }), 'SHOT > paths: a series needs at least one path'],
    ['a second phase without a first', schedule({ phase: { of: 'SHOT', number: 2 } }), 'SHOT > phase.number'],
    [
      'a rule without English words',
      schedule({ rules: { S: { ...rule, text: { ja: 'あ', en: '' } } } }),
      'SHOT > rules.S.text: needs Japanese and English words',
    ],
    [
      'a condition with an unreadable bound',
      schedule({}, { skip: [{ rule: 'R', when: { on: { from: 'soon' } } }] }),
      'path P dose 1 > skip[0].when.on.from: cannot read the bound "soon"',
    ],
    [
      'a product of another series in its dates',
      schedule({ productDates: [{ rule: 'R', products: ['SHOE'] }] }),
      'SHOT > productDates[0].products: "SHOE" is not of this series',
    ],
    [
      'an unreadable day of a product',
      schedule({ productDates: [{ rule: 'R', products: ['SHOT'], from: '2020-02-30' }] }),
      'SHOT > productDates[0].from: "2020-02-30" is not a date',
    ],
    [
      'an unreadable upper limit',
      schedule({}, { intervals: [{ rule: 'R', after: 'previous', min: '1 day', max: 'later' }] }),
      'path P dose 1 > intervals[0].max: cannot read the duration "later"',
    ],
    [
      'a caution without a rule',
      schedule({ cautions: [{ rule: 'Q', when: { sex: 'female' } }] }),
      'SHOT > cautions[0].rule: there is no rule "Q"',
    ],
    [
      'a continuation of a series that is not before it',
      schedule({ continues: 'SHOT' }),
      'SHOT > continues: "SHOT" is not a series before this one',
    ],
    [
      'an unreadable end of the records',
      schedule({ recordsTo: 'old age' }),
      'SHOT > recordsTo: cannot read the bound "old age"',
    ],
    [
      'a combination from no day',
      schedule({ combinations: [{ rule: 'R', parts: ['SHOT'], givenFrom: 'then' }] }),
      'SHOT > combinations[0].givenFrom: "then" is not a date',
    ],
    [
      'a row known from no day',
      schedule({}, { intervals: [{ rule: 'R', after: 'previous', min: '1 day', knownFrom: 'spring' }] }),
      'SHOT > paths[0].doses[0].intervals[0].knownFrom: "spring" is not a date',
    ],
    [
      'an end that became known and is not there',
      schedule({ windows: [{ rule: 'R', from: 'birth', endKnownFrom: '2020-01-01' }] }),
      'SHOT > windows[0].endKnownFrom: needs the end (givenTo) it is about',
    ],
    [
      'coverage of no municipality',
      schedule({ coverage: [{ rule: 'R', from: 'birth' }] }),
      'SHOT > coverage[0].municipality: is not a JIS X 0402 code',
    ],
    [
      'an observation nobody declared, at any depth',
      { ...schedule({ closures: [closure({ not: { any: [{ has: 'mood' }] } })] }), observations: { 'flag:*': text } },
      'SHOT > closures[0].when: there is no observation "mood"',
    ],
    [
      'a deferral by an observation nobody declared',
      { ...schedule({}), observations: {}, deferrals: [{ rule: 'R', observation: 'fever', products: 'all' }] },
      'deferrals[0].observation: there is no observation "fever"',
    ],
    [
      'an unreadable lead of a deferral',
      { ...schedule({}), deferrals: [{ rule: 'R', observation: 'fever', lead: 'before', products: 'all' }] },
      'deferrals[0].lead: cannot read the duration "before"',
    ],
    [
      'a product excluded by an observation nobody declared',
      {
        ...schedule({}),
        observations: {},
        exclusions: [{ rule: 'R', observations: ['asthma'], products: ['SHOT'] }],
      },
      'exclusions[0].observations: there is no observation "asthma"',
    ],
    [
      'a recognised observation nobody declared',
      {
        ...schedule({}),
        observations: {},
        recognises: [{ rule: 'R', municipality: '99999', observation: 'flag:x' }],
      },
      'recognises[0].observation: there is no observation "flag:x"',
    ],
    [
      'a product of another series in a preference',
      schedule({ prefer: [{ rule: 'R', product: 'SHOE' }] }),
      'prefer[0].product',
    ],
  ])('refuses %s', (_, source, fault) => {
    expect(faultsOf(source)).toContain(fault);
  });

  test('names every fault at once', () => {
    const faults = faultsOf(schedule({ products: ['A', 'B'], windows: [] }))
      .split('\n')
      .slice(1);
    expect(faults).toHaveLength(3);
  });
});

test('products and classes are those of the published CodeSystem', () => {
  const published = vaccine.concept.map(({ code, property }) => [
    code,
    property.find((one) => one.code === 'kind')?.valueCode,
  ]);
  expect(Object.entries(PRODUCT_CLASSES)).toEqual(published);
  expect(vaccine.count).toBe(vaccine.concept.length);
});

test('every product of the schedule is published as one of its series', () => {
  for (const { source } of japaneseScheduleSource.series) {
    for (const product of source.products) {
      const properties = vaccine.concept.find(({ code }) => code === product)?.property ?? [];
      const series = properties.filter(({ code }) => code === 'series').map(({ valueCode }) => valueCode);
      expect(series, product).toContain(source.key);
    }
  }
});
