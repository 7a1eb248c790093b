// Which Immunizations tell of one dose: the cases a person would name, and what holds whatever is told.

import type { Immunization } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inventedFamilies } from '../../conformance/reconciliation/families.ts';
import type { Decision } from '../../server/reconciliation/types.ts';
import { countedOnce } from '../../server/reconciliation/vaccinations/counted-once.ts';
import { vaccinationEvents } from '../../server/reconciliation/vaccinations/vaccinations.ts';

type Told = Partial<Immunization> & { from: 'clinic' | 'city' | 'family'; what: string; on: string };

function told({ from, what, on, ...more }: Told, n: number): Immunization {
  return {
    resourceType: 'Immunization',
    id: `${from}-${n}`,
    ...(from !== 'family' && { meta: { source: `https://tsumugi.test/fhir/Organization/${from}` } }),
    ...(from !== 'family' && { identifier: [{ system: `urn:test:${from}`, value: `${n}` }] }),
    status: 'completed',
    vaccineCode: { text: what },
    patient: { reference: 'Patient/a' },
    occurrenceDateTime: on,
    primarySource: from === 'clinic',
    ...more,
  };
}

const eventsOf = (all: Told[], decisions: Decision[] = []) => vaccinationEvents(all.map(told), decisions);
const groupsOf = (all: Told[], decisions: Decision[] = []) =>
  eventsOf(all, decisions).map(({ members }) => members.map((one) => one.slice('Immunization/'.length)).sort());

const clinic = { from: 'clinic', what: 'ゴービック', on: '2026-03-10T10:00:00+09:00', lotNumber: '5K01A' } as const;
const city = { from: 'city', what: '五種混合', on: '2026-03-10' } as const;
const family = { from: 'family', what: '5種混合', on: '2026-03-10' } as const;

describe('one event', () => {
  test.each<[string, Told[]]>([
    ['the same day and vaccine in other words', [clinic, city, family]],
    ['a lot with O for 0 and small letters', [clinic, { ...family, on: '2026-03-12', lotNumber: 'lot 5ko1a' }]],
    ['the day after, without a lot', [clinic, { ...family, on: '2026-03-11' }]],
    ['a month without a day', [clinic, { ...family, on: '2026-03' }]],
    ['a month too late, with the lot', [clinic, { ...family, on: '2026-04-10', lotNumber: '5K01A' }]],
    ['the disease alone', [clinic, { ...family, what: '百日せき' }]],
    ['a product that holds less', [clinic, { ...family, what: '四種混合' }]],
    ['no product at all, where nothing else was given', [clinic, { ...family, what: '予防接種' }]],
    ['another lot on the same day', [clinic, { ...family, lotNumber: 'AB123' }]],
    [
      'a source that says it again under its own identifier',
      [clinic, { ...clinic, identifier: [{ system: 'urn:test:clinic', value: '0' }] }],
    ],
  ])('%s', (_, all) => {
    expect(groupsOf(all)).toHaveLength(1);
  });
});

describe('two events', () => {
  test.each<[string, Told[]]>([
    ['another vaccine of the day', [clinic, { ...family, what: 'ロタリックス' }]],
    ['the next dose of the series', [clinic, { ...family, on: '2026-04-07' }]],
    ['two records of one source on one day', [clinic, clinic]],
    ['days apart with another lot', [clinic, { ...family, on: '2026-03-16', lotNumber: 'ZZ999' }]],
    [
      'no product, where two vaccines were given',
      [clinic, { ...clinic, what: 'ロタリックス', lotNumber: 'R1' }, { ...family, what: '予防接種' }],
    ],
    [
      'an antibody beside the vaccine',
      [
        { ...clinic, what: 'ビームゲン' },
        { ...family, what: 'HBグロブリン' },
      ],
    ],
  ])('%s', (_, all) => {
    expect(groupsOf(all)).toHaveLength(all.length);
  });

  test('what was not done or was entered in error is of no event', () => {
    const all: Told[] = [clinic, { ...city, status: 'not-done' }, { ...family, status: 'entered-in-error' }];
    expect(groupsOf(all)).toEqual([['clinic-0']]);
  });
});

describe('an event', () => {
  test('is shown by the source nearest to it, unless that names no day', () => {
    expect(eventsOf([family, city, clinic])[0]?.shown).toBe('Immunization/clinic-2');
    expect(eventsOf([family, city, { ...clinic, on: '2026-03' }])[0]?.shown).toBe('Immunization/city-1');
  });

  test('names the respects in which its records disagree', () => {
    const [event] = eventsOf([clinic, { ...family, on: '2026-03-11', lotNumber: '5K01B' }]);
    expect(event?.conflicts.map(({ respect, word }) => `${respect} ${word}`)).toEqual(['day next', 'lot typo']);
  });

  test('offers a person what may be of it', () => {
    const [event] = eventsOf([clinic, clinic]);
    expect(event?.possible.map(({ one, other }) => [one, other])).toEqual([
      ['Immunization/clinic-0', 'Immunization/clinic-1'],
    ]);
  });
});

describe('what a person has said', () => {
  const pair = { one: 'Immunization/clinic-0', other: 'Immunization/family-1' };

  test('keeps apart what the rules would link, and is offered no more', () => {
    const [one, other] = eventsOf([clinic, family], [{ ...pair, verdict: 'different' }]);
    expect([one?.members, other?.members]).toEqual([[pair.one], [pair.other]]);
    expect(one?.possible).toEqual([]);
  });

  test('keeps them apart also where a third record fits both', () => {
    const groups = groupsOf([clinic, family, city], [{ ...pair, verdict: 'different' }]);
    expect(groups).toHaveLength(2);
    expect(groups.some((group) => group.includes('clinic-0') && group.includes('family-1'))).toBe(false);
  });

  test('links what no rule would, even of one source and of other vaccines', () => {
    const all: Told[] = [clinic, { ...family, what: 'ロタリックス', on: '2025-01-01' }];
    expect(groupsOf(all, [{ ...pair, verdict: 'same' }])).toHaveLength(1);
    const two = { one: 'Immunization/clinic-0', other: 'Immunization/clinic-1', verdict: 'same' } as const;
    expect(groupsOf([clinic, clinic], [two])).toHaveLength(1);
  });
});

const children = inventedFamilies(99, 30);
const child = fc.nat(children.length - 1).map((n) => children[n]?.records.map(({ resource }) => resource) ?? []);

describe('whatever is told', () => {
  test('the order of the records makes no difference', () => {
    fc.assert(
      fc.property(child, fc.integer(), (records, seed) => {
        const shuffled = records.toSorted((a, b) => hash(`${a.id}${seed}`) - hash(`${b.id}${seed}`));
        expect(vaccinationEvents(shuffled, [])).toEqual(vaccinationEvents(records, []));
      }),
      { numRuns: 40 },
    );
  });

  test('each record is in one event, and no event has two records of one source but for those that it calls one', () => {
    fc.assert(
      fc.property(child, (records) => {
        const events = vaccinationEvents(records, []);
        const members = events.flatMap((event) => event.members);
        expect(members.toSorted()).toEqual(
          records
            .filter(({ status }) => status === 'completed')
            .map(({ id }) => `Immunization/${id}`)
            .sort(),
        );
        for (const event of events) {
          const ofEvent = records.filter(({ id }) => event.members.includes(`Immunization/${id}`));
          const named = ofEvent.map(
            ({ id, meta, identifier }) => [meta?.source, identifier?.[0]?.value ?? id] as const,
          );
          const ofSource = new Map(named);
          expect(named.every(([source, name]) => ofSource.get(source) === name)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('a second source that tells of the same doses adds none', () => {
    const again = fc.record({ lot: fc.boolean(), month: fc.boolean(), kana: fc.boolean() });
    fc.assert(
      fc.property(child, fc.array(again, { minLength: 1, maxLength: 20 }), (records, ways) => {
        const ofCity = records.filter(({ meta, status }) => meta?.source?.endsWith('city') && status === 'completed');
        const unique = [...new Map(ofCity.map((one) => [one.identifier?.[0]?.value, one])).values()];
        const copies = unique.map((one, n): Immunization => {
          const { lot } = ways[n % ways.length] ?? {};
          const { meta: _m, identifier: _i, lotNumber, ...rest } = one;
          return {
            ...rest,
            id: `again-${n}`,
            primarySource: false,
            ...(lot && lotNumber && { lotNumber: lotNumber.toLowerCase() }),
          };
        });
        expect(vaccinationEvents([...unique, ...copies], [])).toHaveLength(vaccinationEvents(unique, []).length);
      }),
      { numRuns: 60 },
    );
  });

  test('of two thousand doses of one day the work stays small', () => {
    const many = Array.from({ length: 2_000 }, (_, n) => told({ ...(n % 2 ? clinic : city), lotNumber: `L${n}` }, n));
    const before = process.cpuUsage();
    expect(vaccinationEvents(many, []).length).toBeGreaterThan(0);
    expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(5);
  });
});

describe('counted once', () => {
  test('keeps the order and what is no dose, and drops what is told again', () => {
    const all = [{ ...family, status: 'not-done' as const }, city, clinic, { ...clinic, on: '2026-05-10' }].map(told);
    expect(countedOnce(all, []).map(({ id }) => id)).toEqual(['family-0', 'clinic-2', 'clinic-3']);
  });

  test('leaves doses without an id, and two of one id, as they are', () => {
    const { id: _, ...nameless } = told(city, 1);
    const sent = [told(clinic, 0), nameless];
    expect(countedOnce(sent, [])).toBe(sent);
    const twice = [told(clinic, 0), { ...told(city, 1), id: 'clinic-0' }];
    expect(countedOnce(twice, [])).toBe(twice);
  });
});

const hash = (text: string) => [...text].reduce((sum, one) => (Math.imul(sum, 31) + one.charCodeAt(0)) | 0, 7);
