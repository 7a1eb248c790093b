// How what three sources tell of one dose comes to differ: one function for each kind of noise, on one telling of one dose.

import { daysInMonth } from '../../server/fhir/calendar.ts';
import { civilOf, dayOf, formatDay } from '../../server/forecast/days.ts';
import type { Random } from '../../test/support/random.ts';
import type { Dose } from './given.ts';

/** What one source says of one dose. */
export type Telling = {
  dose: Dose;
  source: 'clinic' | 'ledger' | 'family';
  /** `YYYY-MM-DD`, `YYYY-MM` or `YYYY`. */
  date: string;
  product: string;
  coding?: { system: string; code: string; display?: string };
  lot?: string;
  maker?: string;
  number?: number;
  institution?: string;
  noise: string[];
};

/** The telling with this noise; undefined where it cannot have it. */
type Noise = (telling: Telling, random: Random) => Partial<Telling> | undefined;

export const NOISE: Readonly<Record<string, Noise>> = {
  spelling: ({ dose }, random) => named(random.pick(dose.product.spellings)),
  kana: ({ dose, institution = dose.institution }, random) => ({
    ...named(random.pick([hiragana, halfWidth])(dose.product.brand)),
    institution: random.pick([hiragana, halfWidth])(institution),
  }),
  'lot typo': ({ lot }, random) => (lot === undefined ? undefined : { lot: mistyped(lot, random) }),
  'lot form': ({ lot }, random) => (lot === undefined ? undefined : { lot: random.pick(LOT_FORMS)(lot) }),
  'day off': ({ dose }, random) => ({
    date: formatDay(dose.day + random.pick([-3, -2, -2, -1, -1, -1, 1, 1, 1, 1, 2, 2, 3])),
  }),
  'other month': ({ dose }, random) => {
    const { year, month, day } = civilOf(dose.day);
    const other = month + random.pick([-1, 1]);
    if (other < 1 || other > 12 || day > daysInMonth(year, other)) return undefined;
    return { date: formatDay(dayOf(year, other, day)) };
  },
  'month only': ({ date }) => ({ date: date.slice(0, 7) }),
  'year only': ({ date }) => ({ date: date.slice(0, 4) }),
  'missing product': (_, random) => named(random.pick(['不明', '予防接種', 'ワクチン'])),
  'kind only': ({ dose }, random) => named(random.pick(dose.product.kindOnly)),
  'near product': ({ dose }) => (dose.product.near === undefined ? undefined : named(dose.product.near)),
  'maker only': ({ dose }) => ({ ...named('不明'), maker: dose.product.maker, lot: undefined }),
  'missing lot': ({ lot }) => (lot === undefined ? undefined : { lot: undefined }),
  'wrong number': ({ dose }, random) => ({ number: Math.max(1, dose.number + random.pick([-1, 1])) }),
  'foreign code': ({ dose }) => ({
    product: dose.product.cvx.display,
    coding: { system: 'http://hl7.org/fhir/sid/cvx', ...dose.product.cvx },
  }),
};

/** A name takes the place of what was coded: whoever writes it has no code. */
const named = (product: string): Partial<Telling> => ({ product, coding: undefined });

const LOT_FORMS: readonly ((lot: string) => string)[] = [
  (lot) => lot.toLowerCase(),
  (lot) => [...lot].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join(''),
  (lot) => `${lot.slice(0, 2)}-${lot.slice(2)}`,
  (lot) => `${lot.slice(0, -2)} ${lot.slice(-2)}`,
  (lot) => `Lot.${lot}`,
  (lot) => `ロット番号：${lot}`,
  (lot) => lot.replaceAll('0', 'O').replaceAll('1', 'I'),
  (lot) => lot.replaceAll('1', 'l').toLowerCase(),
];

function mistyped(lot: string, random: Random): string {
  const at = random.below(lot.length);
  const other = random.pick([...'ABCDEFGHJKLMNPRSTUVWXYZ23456789'].filter((one) => one !== lot[at]));
  const swapped = at + 1 < lot.length && lot[at] !== lot[at + 1];
  return random.pick([
    lot.slice(0, at) + other + lot.slice(at + 1),
    lot.slice(0, at) + lot.slice(at + 1),
    lot.slice(0, at) + (lot[at] ?? '') + lot.slice(at),
    swapped
      ? lot.slice(0, at) + lot[at + 1] + lot[at] + lot.slice(at + 2)
      : lot.slice(0, at) + other + lot.slice(at + 1),
  ]);
}

export const hiragana = (text: string) =>
  text.replace(/[ァ-ヶ]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0x60));

const HALF = new Map<string, string>();
for (let code = 0xff66; code <= 0xff9d; code++) {
  const half = String.fromCharCode(code);
  HALF.set(half.normalize('NFKC'), half);
  for (const mark of ['ﾞ', 'ﾟ']) {
    const voiced = (half + mark).normalize('NFKC');
    if (voiced.length === 1) HALF.set(voiced, half + mark);
  }
}

export const halfWidth = (text: string) => [...text].map((one) => HALF.get(one) ?? one).join('');
