// Pins: doses that stand on a day the family chose. The rest of the plan bends around them; a pin that the schedule itself
// does not allow is refused with the judgement that says so. Closed days and the maximum do not refuse it: who pins knows.
import type { Day } from '../days.ts';
import { formatDay } from '../days.ts';
import type { Evaluation, ForecastResult, GivenDose } from '../types.ts';
import type { Due } from './due.ts';
import { isFault } from './task.ts';
import type { Engine, Pin, RefusedPin } from './types.ts';

/** Pins that the schedule does not allow even with nothing else in the plan. */
export function refusedPins(engine: Engine, start: Day, pins: readonly Pin[]): RefusedPin[] {
  const early = pins.filter(({ day }) => day < start);
  if (early.length > 0) return early.map((pin) => ({ pin, evaluation: undefined }));
  return pins.length === 0 ? [] : badPins(engine, [], pins, true);
}

/** The pins of the visits planned that do not hold at the end. */
export function brokenPins(engine: Engine, planned: readonly GivenDose[], pins: readonly Pin[]): RefusedPin[] {
  const others = planned.filter(({ date, vaccine }) => !pins.some((pin) => isPinOf(pin, date, vaccine)));
  return pins.length === 0 ? [] : badPins(engine, others, pins, false);
}

/** The doses of a visit that leave all later pins what they are; the others are held back until after the first pin. */
export function fitsPins(
  engine: Engine,
  planned: readonly GivenDose[],
  day: Day,
  later: readonly Pin[],
  doses: readonly Due[],
  hold: (dose: Due, until: Day) => void,
): readonly Due[] {
  const [next] = later;
  if (next === undefined) return doses;
  const fits = (some: readonly Due[]) => {
    const tried = some.map(({ vaccine }, i) => ({ id: `tried/${i + 1}`, date: formatDay(day), vaccine }));
    return badPins(engine, [...planned, ...tried], later, true).length === 0;
  };
  if (fits(doses)) return doses;
  const fitting: Due[] = [];
  for (const one of doses) {
    if (fits([...fitting, one])) fitting.push(one);
    else hold(one, next.day);
  }
  return fitting;
}

/** `isUnderway`: doses before a numbered pin may still be planned, so a smaller number is no fault yet. */
function badPins(
  engine: Engine,
  others: readonly GivenDose[],
  pins: readonly Pin[],
  isUnderway: boolean,
): RefusedPin[] {
  const doses = pins.map(({ vaccine, day }, i) => ({ id: `pin/${i + 1}`, date: formatDay(day), vaccine }));
  return pins.flatMap((pin, i) => {
    const before = doses.filter((_, other) => (pins[other]?.day ?? 0) <= pin.day);
    const known = others.filter(({ date }) => date <= formatDay(pin.day));
    const result = engine.run(pin.day, [...known, ...before]);
    const fault = faultOf(result, `pin/${i + 1}`, pin, isUnderway);
    return fault === undefined ? [] : [{ pin, evaluation: fault.evaluation }];
  });
}

function faultOf(
  result: ForecastResult,
  id: string,
  pin: Pin,
  isUnderway: boolean,
): { evaluation: Evaluation | undefined } | undefined {
  const found = result.evaluations.filter(({ doseId }) => doseId === id);
  const wrong = found.find((one) => isFault(result, one));
  const valid = found.find(({ status }) => status === 'valid');
  if (wrong !== undefined || valid === undefined)
    return { evaluation: wrong ?? found.find(({ status }) => status === 'notValid') ?? found[0] };
  const { doseNumber: wanted } = pin;
  const { doseNumber: number = 1 } = valid;
  if (wanted === undefined || number === wanted || (isUnderway && number < wanted)) return undefined;
  return { evaluation: valid };
}

function isPinOf(pin: Pin, date: string, vaccine: string): boolean {
  return pin.vaccine === vaccine && formatDay(pin.day) === date;
}
