// Plans of generated children: every dose survives its own check, and every wish is kept or said not to be.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDay, parseDay } from '../../server/forecast/days.ts';
import { forecast } from '../../server/forecast/forecast.ts';
import { createCalendar, WEEKDAYS, weekdayOf } from '../../server/forecast/plan/calendar.ts';
import { changesBetween } from '../../server/forecast/plan/changes.ts';
import { makePlan } from '../../server/forecast/plan/make-plan.ts';
import type { Plan, Wishes } from '../../server/forecast/plan/types.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput, GivenDose } from '../../server/forecast/types.ts';
import { doses, EDGE_BIRTHS } from './child.ts';

const schedule = japaneseSchedule();
const day = (text: string) => parseDay(text) ?? Number.NaN;
const nothing: Wishes = { open: [], avoid: [], pins: [] };
const planFor = (input: Partial<ForecastInput> & { birthDate: string }, wishes: Partial<Wishes> = {}) =>
  makePlan({ assessmentDate: input.birthDate, sex: 'female', doses: [], ...input }, schedule, {
    ...nothing,
    ...wishes,
  });
/** `2026-02-28 DTP1 1` */
const linesOf = ({ visits }: Plan) =>
  visits.flatMap((visit) => visit.doses.map((dose) => `${formatDay(visit.day)} ${dose.series} ${dose.doseNumber}`));
const dayOfDose = (plan: Plan, name: string) =>
  linesOf(plan)
    .find((line) => line.endsWith(` ${name}`))
    ?.slice(0, 10);

/** Judges every planned dose on its day, with all doses before it; the faults found. */
function faultsOf(input: ForecastInput, plan: Plan, wishes: Wishes): string[] {
  const faults: string[] = [];
  const given: GivenDose[] = [...input.doses];
  const calendar = createCalendar(wishes.open, wishes.avoid);
  for (const visit of plan.visits) {
    const date = formatDay(visit.day);
    const today = visit.doses.map(({ vaccine }, i) => ({ id: `${date} ${i}`, date, vaccine }));
    given.push(...today);
    const { evaluations, recommendations } = forecast({ ...input, assessmentDate: date, doses: given }, schedule);
    const isOpen = (key: string) => recommendations.find(({ series }) => series === key)?.status === 'notComplete';
    const isAge = (reason: string) => ['ageTooYoung', 'ageTooOld', 'outsideAnyWindow'].includes(reason);
    for (const { id, vaccine } of today) {
      const judged = evaluations.filter(({ doseId }) => doseId === id);
      if (!judged.some(({ status }) => status === 'valid')) faults.push(`${vaccine} is not valid on ${date}`);
      for (const { status, series, reasons } of judged) {
        const isWrong = status === 'undetermined' || (status === 'notValid' && !reasons.every(isAge));
        if (isWrong && isOpen(series)) faults.push(`${vaccine} is ${status} in ${series} on ${date}`);
      }
    }
    const valid = evaluations.filter(({ doseId, status }) => status === 'valid' && doseId.startsWith(date));
    for (const { series, doseId } of valid) {
      if (valid.some((other) => other.series === series && other.doseId !== doseId))
        faults.push(`${series} twice on ${date}`);
    }
    if (!calendar.isOpen(visit.day) && !visit.notes.includes('pinnedOnClosedDay')) faults.push(`${date} is closed`);
    const needles = visit.doses.filter(({ isInjection }) => isInjection).length;
    if (needles > (wishes.maxPerVisit ?? 99) && !visit.notes.includes('pinsAboveMaximum'))
      faults.push(`${needles} on ${date}`);
    if (visit.day > (wishes.until ?? Number.POSITIVE_INFINITY)) faults.push(`${date} is after the end`);
    if (visit.day < visit.window.from || visit.day > visit.window.to) faults.push(`${date} is outside its window`);
    if (visit.doses.length === 0) faults.push(`nothing on ${date}`);
  }
  return faults;
}

const births = fc.oneof(
  fc.constantFrom(...EDGE_BIRTHS),
  fc.integer({ min: day('2019-01-01'), max: day('2026-10-01') }).map(formatDay),
);
const histories = fc.array(
  fc.record({
    vaccine: fc.constantFrom(
      'RV1',
      'RV5',
      'HepB',
      'PCV20',
      'PCV13',
      'DPT-IPV-Hib',
      'DPT-IPV',
      'Hib',
      'BCG',
      'MR',
      'VAR',
      'JE',
      'IIV',
      'LAIV',
      'MUMPS',
    ),
    ageDays: fc.integer({ min: 30, max: 2500 }),
  }),
  { maxLength: 8 },
);
const wishesOf = (from: number) =>
  fc.record({
    open: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    maxPerVisit: fc.integer({ min: 1, max: 5 }),
    avoid: fc.array(
      fc
        .record({ after: fc.integer({ min: 0, max: 600 }), length: fc.integer({ min: 0, max: 60 }) })
        .map(({ after, length }) => ({ from: from + after, to: from + after + length })),
      { maxLength: 3 },
    ),
    pins: fc.constant([]),
  });
const children = fc
  .record({
    birthDate: births,
    ageDays: fc.integer({ min: 0, max: 2500 }),
    history: histories,
    sex: fc.constantFrom('female', 'male'),
  })
  .chain(({ birthDate, ageDays, history, sex }) => {
    const asOf = day(birthDate) + ageDays;
    const given = history
      .map(({ vaccine, ageDays: at }, i) => ({ id: `d${i}`, vaccine, date: formatDay(day(birthDate) + at) }))
      .filter(({ date }) => date <= formatDay(asOf));
    const input: ForecastInput = { birthDate, assessmentDate: formatDay(asOf), sex: sex as 'female', doses: given };
    return wishesOf(asOf).map((wishes) => ({ input, wishes }));
  });

describe('every plan', () => {
  test('survives its own check: all doses valid on their days, all wishes kept', () => {
    let planned = 0;
    fc.assert(
      fc.property(children, ({ input, wishes }) => {
        const plan = makePlan(input, schedule, wishes);
        planned += linesOf(plan).length;
        expect(faultsOf(input, plan, wishes)).toEqual([]);
      }),
      { numRuns: 120, seed: 20261123 },
    );
    expect(planned).toBeGreaterThan(1000);
  });

  test('comes out the same twice, and changes nothing against itself', () => {
    fc.assert(
      fc.property(children, ({ input, wishes }) => {
        const plan = makePlan(input, schedule, wishes);
        expect(makePlan(structuredClone(input), schedule, wishes)).toEqual(plan);
        const named = plan.visits.flatMap((visit) => visit.doses.map((dose) => ({ ...dose, day: visit.day })));
        const calendar = createCalendar(wishes.open, wishes.avoid);
        expect(changesBetween(named, plan, calendar, day(input.assessmentDate), Infinity)).toEqual([]);
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  test('leaves no due dose out without a reason', () => {
    fc.assert(
      fc.property(children, ({ input, wishes }) => {
        const plan = makePlan(input, schedule, wishes);
        for (const one of plan.forecast.recommendations) {
          if (one.status !== 'notComplete' || one.earliest === undefined) continue;
          const isPlanned = linesOf(plan).some((line) => line.split(' ')[1] === one.series);
          expect(isPlanned || plan.unplanned.some(({ series }) => series === one.series), one.series).toBe(true);
        }
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  test('pins: kept on their day with everything valid, or refused', () => {
    let kept = 0;
    const pinned = fc.record({
      child: children,
      vaccine: fc.constantFrom('MR', 'VAR', 'BCG', 'DPT-IPV-Hib', 'HepB', 'PCV20', 'JE'),
      after: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(pinned, ({ child: { input, wishes }, vaccine, after }) => {
        const pin = { vaccine, day: day(input.assessmentDate) + after };
        const plan = makePlan(input, schedule, { ...wishes, pins: [pin] });
        if (plan.refusedPins.length > 0) {
          expect(plan.visits).toEqual([]);
          return;
        }
        kept += 1;
        const visit = plan.visits.find((one) => one.day === pin.day);
        expect(visit?.doses.some((dose) => dose.isPinned && dose.vaccine === vaccine)).toBe(true);
        expect(faultsOf(input, plan, { ...wishes, pins: [pin] })).toEqual([]);
      }),
      { numRuns: 100, seed: 11 },
    );
    expect(kept).toBeGreaterThan(20);
  });
});

describe('a newborn', () => {
  const plan = planFor({ birthDate: '2026-01-10' });

  test('is done for infancy in four visits before the first season, and has five vaccines at one year', () => {
    const days = plan.visits.map((visit) => formatDay(visit.day));
    expect(days.filter((one) => one < '2026-10-01')).toEqual(['2026-03-09', '2026-04-06', '2026-05-04', '2026-07-27']);
    const atOne = plan.visits.find((visit) => formatDay(visit.day) === '2027-01-09');
    expect(atOne?.doses.map(({ series }) => series).toSorted()).toEqual(['MR1', 'MUMPS', 'PCV', 'VAR']);
  });

  test('gets the combination, never its parts beside it', () => {
    const vaccines = plan.visits.flatMap((visit) => visit.doses.map(({ vaccine }) => vaccine));
    expect(vaccines.filter((vaccine) => vaccine === 'DPT-IPV-Hib')).toHaveLength(4);
    expect(vaccines).not.toContain('Hib');
  });

  test('waits with BCG alone for the third hepatitis B dose: both in their standard periods, one visit', () => {
    expect(dayOfDose(plan, 'BCG 1')).toBe(dayOfDose(plan, 'HEPB 3'));
  });

  test('has every dose within its standard period', () => {
    expect(plan.visits.flatMap((visit) => visit.doses).filter(({ isLate }) => isLate)).toEqual([]);
  });

  test('is planned for one season only, and to the end of school', () => {
    expect(linesOf(plan).filter((line) => line.includes(' FLU '))).toHaveLength(2);
    expect(dayOfDose(plan, 'HPV 2')).toBeDefined();
    expect(plan.unplanned).toEqual([]);
  });
});

describe('newborns of a year', () => {
  const year = Array.from({ length: 41 }, (_, i) => formatDay(day('2026-01-01') + i * 9));

  test.each(year)(
    'born %s: nothing late, and no visit that could be spared for less than 90 days of waiting',
    (birthDate) => {
      const input: ForecastInput = { birthDate, assessmentDate: birthDate, sex: 'female', doses: [] };
      const plan = planFor(input);
      expect(plan.visits.flatMap((visit) => visit.doses).filter(({ isLate }) => isLate)).toEqual([]);
      expect(plan.unplanned).toEqual([]);
      const given: GivenDose[] = [];
      for (const [i, visit] of plan.visits.entries()) {
        const next = plan.visits[i + 1];
        const mayWait = visit.doses.every(
          ({ standardEnd }) => (standardEnd ?? visit.day + 28) >= (next?.day ?? Infinity),
        );
        const waiting = ((next?.day ?? Infinity) - visit.day) * visit.doses.length;
        if (next !== undefined && mayWait && waiting < 90) {
          const date = formatDay(next.day);
          const together = [...visit.doses, ...next.doses].map(({ vaccine }, n) => ({ id: `t${n}`, date, vaccine }));
          const { evaluations } = forecast(
            { ...input, assessmentDate: date, doses: [...given, ...together] },
            schedule,
          );
          const valid = new Set(evaluations.filter(({ status }) => status === 'valid').map(({ doseId }) => doseId));
          expect(
            together.every(({ id }) => valid.has(id)),
            `${formatDay(visit.day)} and ${date}`,
          ).toBe(false);
        }
        given.push(...visit.doses.map(({ vaccine }, n) => ({ id: `${i} ${n}`, date: formatDay(visit.day), vaccine })));
      }
    },
  );
});

describe('wishes', () => {
  test('a stay abroad through the standard period of BCG brings it forward, not past its end', () => {
    const avoid = [{ from: day('2026-06-05'), to: day('2026-12-20') }];
    const plan = planFor({ birthDate: '2026-01-10' }, { avoid });
    expect(dayOfDose(plan, 'BCG 1')).toBe('2026-06-04');
  });

  test('a dose that has no open day left is named', () => {
    const avoid = [{ from: day('2026-01-10'), to: day('2027-01-20') }];
    const plan = planFor({ birthDate: '2026-01-10' }, { avoid });
    expect(plan.unplanned).toContainEqual(expect.objectContaining({ series: 'BCG', reason: 'noOpenDay' }));
    expect(plan.unplanned).toContainEqual(expect.objectContaining({ series: 'ROTA' }));
  });

  test('a clinic that never opens leaves everything unplanned', () => {
    const plan = planFor({ birthDate: '2026-01-10' }, { avoid: [{ from: -Infinity, to: Infinity }] });
    expect(plan.visits).toEqual([]);
    expect(plan.unplanned.map(({ series }) => series)).toContain('MR1');
  });

  test('injected live vaccines apart stand 28 days apart', () => {
    const plan = planFor({ birthDate: '2025-01-10', assessmentDate: '2026-01-20' }, { maxPerVisit: 1 });
    const live = plan.visits.filter((visit) =>
      visit.doses.some(({ vaccine }) => schedule.classes.get(vaccine) === 'live-injected'),
    );
    for (const [i, visit] of live.entries()) {
      const before = live[i - 1];
      if (before !== undefined) expect(visit.day - before.day).toBeGreaterThanOrEqual(28);
    }
    expect(live.length).toBeGreaterThan(3);
  });

  test('a dose is pinned by its number: those before it stay where they are', () => {
    const pins = [{ vaccine: 'HepB', day: day('2026-08-20'), doseNumber: 3 }];
    const plan = planFor({ birthDate: '2026-01-10' }, { pins });
    expect(['HEPB 1', 'HEPB 2', 'HEPB 3'].map((name) => dayOfDose(plan, name))).toEqual([
      '2026-03-09',
      '2026-04-06',
      '2026-08-20',
    ]);
    const first = planFor(
      { birthDate: '2026-01-10' },
      { pins: [{ vaccine: 'HepB', day: day('2026-04-20'), doseNumber: 1 }] },
    );
    expect(dayOfDose(first, 'HEPB 1')).toBe('2026-04-20');
    const never = planFor(
      { birthDate: '2026-01-10' },
      { pins: [{ vaccine: 'HepB', day: day('2026-03-09'), doseNumber: 3 }] },
    );
    expect(never.refusedPins).toHaveLength(1);
  });

  test('another live vaccine makes room for a pinned one', () => {
    const pins = [{ vaccine: 'MR', day: day('2027-01-25') }];
    const plan = planFor({ birthDate: '2026-01-10' }, { pins });
    expect(dayOfDose(plan, 'MR1 1')).toBe('2027-01-25');
    expect(dayOfDose(plan, 'VAR 1')).toBe('2027-01-25');
  });
});

describe('histories', () => {
  test('a child begun with stand-alone Hib gets no second product of the series on one day', () => {
    const given = doses('2024-01-20 Hib', '2024-01-20 DPT-IPV', '2024-02-20 Hib', '2024-02-20 DPT-IPV');
    const input = { birthDate: '2023-11-10', assessmentDate: '2024-05-01', doses: given };
    const plan = planFor(input);
    expect(faultsOf({ sex: 'female', ...input }, plan, nothing)).toEqual([]);
    expect(plan.visits[0]?.doses.length).toBeGreaterThan(0);
  });

  test('an adult is planned only what is asked of adults', () => {
    const plan = planFor({ birthDate: '1986-05-05', assessmentDate: '2026-11-24' });
    expect(linesOf(plan)).toEqual(['2026-11-24 FLU 1']);
    expect(plan.unplanned.every(({ reason }) => reason === 'agedOut')).toBe(true);
  });
});

test('1970-01-01 was a Thursday, and the days before it are counted too', () => {
  expect([0, 3, 4, -1, -7].map(weekdayOf)).toEqual(['thu', 'sun', 'mon', 'wed', 'thu']);
});
