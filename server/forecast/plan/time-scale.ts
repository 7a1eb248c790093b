// The time axis of a picture: a year and a half around today wide enough to read, the time before and behind them narrow. Ages are
// written where months and birthdays begin.
import { addMonths, civilOf, type Day } from '../days.ts';
import type { Text } from '../rule.ts';

/** Where the scale of the axis changes, and the ages written on it. */
export type TimeScale = {
  x(day: Day): number;
  breaks: readonly number[];
  ticks: readonly { x: number; text: Text }[];
};

type Part = { from: Day; to: Day; left: number; right: number };

const MONTHS_BEFORE_TODAY = 6;
/** So young that it begins with the birth. */
const YOUNG_MONTHS = 12;
const MONTHS_IN_FOCUS = 18;
/** Share of the width for the time before and behind it. */
const BEFORE = 0.2;
const BEHIND = 0.32;
const LEAST_TICK_PX = 58;

/** `from` is the birth, `to` the last day that is drawn; pixels from `left` to `right`. */
export function timeScale(birth: Day, today: Day, to: Day, left: number, right: number): TimeScale {
  const isYoung = addMonths(birth, YOUNG_MONTHS) > today;
  const focusFrom = isYoung ? birth : addMonths(today, -MONTHS_BEFORE_TODAY);
  const focusTo = Math.min(Math.max(to, focusFrom + 60), addMonths(focusFrom, MONTHS_IN_FOCUS));
  const width = right - left;
  const focusLeft = focusFrom > birth ? left + width * BEFORE : left;
  const focusRight = to > focusTo ? right - width * BEHIND : right;
  const all: Part[] = [
    { from: birth, to: focusFrom, left, right: focusLeft },
    { from: focusFrom, to: focusTo, left: focusLeft, right: focusRight },
    { from: focusTo, to, left: focusRight, right },
  ];
  const parts = all.filter((part) => part.to > part.from);
  return {
    x: (day) => {
      const part = parts.find((one) => day <= one.to) ?? parts.at(-1);
      return part === undefined ? left : placeIn(part, Math.max(day, birth));
    },
    breaks: parts.slice(1).map((part) => part.left),
    ticks: parts.flatMap((part) => ticksOf(part, birth)),
  };
}

function placeIn({ from, to, left, right }: Part, day: Day): number {
  return left + ((Math.min(day, to) - from) / (to - from)) * (right - left);
}

/** The finest step of which the texts have room. */
function ticksOf(part: Part, birth: Day): TimeScale['ticks'] {
  const monthPx = ((part.right - part.left) / (part.to - part.from)) * 30.44;
  const step = [1, 2, 3, 6, 12, 24, 60, 120].find((months) => months * monthPx >= LEAST_TICK_PX) ?? 240;
  const first = Math.ceil(monthsBetween(birth, part.from) / step) * step;
  const ticks: { x: number; text: Text }[] = [];
  for (let months = first; ; months += step) {
    const day = addMonths(birth, months);
    // The last text of a part would stand on the first one of the next.
    if (day > part.to || (placeIn(part, day) > part.right - LEAST_TICK_PX / 2 && part.to !== day)) return ticks;
    if (day >= part.from) ticks.push({ x: placeIn(part, day), text: ageWords(months) });
  }
}

/** Months of age as the law counts them: one is full at the end of the day before (年齢計算ニ関スル法律). */
export function monthsOfAge(birth: Day, day: Day): number {
  return monthsBetween(birth, day + 1);
}

function monthsBetween(birth: Day, day: Day): number {
  const from = civilOf(birth);
  const to = civilOf(day);
  const months = (to.year - from.year) * 12 + to.month - from.month;
  return addMonths(birth, months) > day ? months - 1 : months;
}

/** `生後2か月`, `1歳6か月` without the word 生後 */
export function ageWords(months: number): Text {
  const years = Math.floor(months / 12);
  const rest = months % 12;
  if (months === 0) return { ja: '誕生', en: 'birth' };
  if (years === 0) return { ja: `${rest}か月`, en: `${rest} mo` };
  if (rest === 0) return { ja: `${years}歳`, en: `${years} y` };
  return { ja: `${years}歳${rest}か月`, en: `${years} y ${rest} mo` };
}
