// A faulty schedule is refused when it is loaded, with the place of every fault.
import { describe, expect, test } from 'vitest';
import vaccine from '../../profiles/code-systems/vaccine.json' with { type: 'json' };
import { loadSchedule, ScheduleError } from '../../server/forecast/load-schedule.ts';
import type { DoseSource, ScheduleSource, SeriesSource } from '../../server/forecast/schedule.ts';
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
