// Records that may be one injection told twice. One vaccine on one day is one dose (the engines see to it); what is only alike is
// named for review and left apart: nobody's dose is taken away on a guess.
import { type DayRange, parseDayRange } from '../days.ts';
import type { Warning } from '../types.ts';
import type { RecordedDose } from './given-doses.ts';

/** A lot is opened and used up within days; the next dose of a series is weeks away. */
const NEIGHBOURING_DAYS = 7;

/** A warning for each dose that may repeat another of the same vaccine: same lot within days, or a vague date around it. */
export function alikeDoses(doses: readonly RecordedDose[]): Warning[] {
  const warnings: Warning[] = [];
  const earlier = new Map<string, Dated[]>();
  for (const dose of doses) {
    const range = parseDayRange(dose.date);
    if (range === undefined) continue;
    const others = earlier.get(dose.vaccine) ?? [];
    // Many doses of one vaccine are a broken record, and each need not be told of all others.
    const alike = others.slice(-MOST_COMPARED).find((other) => alikeness(other, { dose, range }) !== undefined);
    if (alike !== undefined) warnings.push(warningOf(alike, { dose, range }));
    others.push({ dose, range });
    earlier.set(dose.vaccine, others);
  }
  return warnings;
}

type Dated = { dose: RecordedDose; range: DayRange };

const MOST_COMPARED = 50;

function alikeness(one: Dated, other: Dated): 'sameLotNearby' | 'possibleDuplicate' | undefined {
  const isVague = one.range.first !== one.range.last || other.range.first !== other.range.last;
  const overlap = one.range.first <= other.range.last && other.range.first <= one.range.last;
  if (isVague) return overlap ? 'possibleDuplicate' : undefined;
  const distance = Math.abs(one.range.first - other.range.first);
  if (distance === 0 || distance > NEIGHBOURING_DAYS || one.dose.lot === undefined) return undefined;
  return plain(one.dose.lot) === plain(other.dose.lot ?? '') ? 'sameLotNearby' : undefined;
}

const plain = (lot: string) => lot.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();

function warningOf(one: Dated, other: Dated): Warning {
  const code = alikeness(one, other) ?? 'possibleDuplicate';
  const days = `${one.dose.date} / ${other.dose.date}`;
  const text =
    code === 'sameLotNearby'
      ? `${days}: 同じロットの記録が近い日にあります。同じ接種の記録かどうか確認してください。 The same lot on neighbouring days: ask whether it is one dose.`
      : `${days}: 日の分からない記録があり、同じ接種かもしれません。確認してください。 One date is vague and may be the other dose: ask whether it is one dose.`;
  return { code, doseId: other.dose.id, text };
}
