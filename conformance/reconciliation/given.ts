// The doses that an invented child was in truth given: by the Japanese programme, a little late here and there, or caught up with in
// short intervals. The rules of reconciliation have never seen this file's choices: they see what is told of them.

import type { Random } from '../../test/support/random.ts';
import { productsOf } from './products.ts';

export type Dose = {
  /** The name of the event, unique in its family. */
  event: string;
  product: ReturnType<typeof productsOf>[number];
  /** Day number (server/forecast/days.ts). */
  day: number;
  lot: string;
  number: number;
  institution: string;
  /** What makes it hard to tell: other vaccines of the day, doses soon after each other, catching up. */
  situations: string[];
};

export type Child = { id: string; birthDay: number; ageDays: number; isLate: boolean; institutions: readonly string[] };

export function dosesOf(child: Child, random: Random): Dose[] {
  const doses: Dose[] = [];
  const late = child.isLate ? 200 + random.below(200) : 0;
  const give = (code: string, series: number[], atDays: number) => {
    const product = random.pick(productsOf(code));
    let day = child.birthDay + atDays;
    for (const [n, wait] of series.entries()) {
      // A family comes on the first day possible, or some days after it.
      day += wait + (n > 0 && random.chance(0.6) ? 0 : random.below(12));
      if (day > child.birthDay + child.ageDays) return;
      const institution = random.chance(0.85) ? (child.institutions[0] ?? '') : random.pick(child.institutions);
      const lot = lotOf(product.lotForm, random);
      doses.push({
        event: `${child.id}.${code}.${doses.length}`,
        product,
        day,
        lot,
        number: n + 1,
        institution,
        situations: child.isLate ? ['catch-up'] : [],
      });
    }
  };
  give(random.pick(['RV1', 'RV5']), [0, 28, ...(random.chance(0.5) ? [28] : [])], 60);
  give('HepB', [0, 27, 139], 60 + late);
  give(random.pick(['PCV20', 'PCV15']), child.isLate ? [0, 27, 60] : [0, 27, 27, 230], 60 + late);
  give('DPT-IPV-Hib', child.isLate ? [0, 20, 20, 180] : [0, 27, 27, 230], 60 + late);
  give('BCG', [0], 155);
  give('MR', [0], 366 + late);
  give('VAR', [0, 95], 366 + late);
  if (random.chance(0.6)) give('MUMPS', [0], 370 + late);
  for (let age = 250 + random.below(80); age < child.ageDays; age += 365) give('IIV', [0, 14 + random.below(15)], age);
  give('JE', [0, 6 + random.below(10), 365], 1096 + late);
  give('MR', [0], 2000);
  give('DT', [0], 4020);
  if (random.chance(0.5)) give('HPV9', [0, 150], 4400);
  return inOneVisit(sameLots(doses, random)).map((dose, _, all) => situated(dose, all));
}

/** A twin's doses: mostly of the same visits, often out of the same boxes; now and then one has a fever and comes later. */
export function twinsDoses(twin: Child, doses: readonly Dose[], random: Random): Dose[] {
  const own = doses.map((dose) => ({
    ...dose,
    event: dose.event.replace(/^[^.]*/, twin.id),
    day: random.chance(0.75) ? dose.day : dose.day + 1 + random.below(10),
    lot: random.chance(0.4) ? dose.lot : lotOf(dose.product.lotForm, random),
    situations: dose.situations.filter((one) => one === 'catch-up'),
  }));
  return own.map((dose, _, all) => situated(dose, all));
}

/** Two doses within a few days of each other are often out of one box. */
function sameLots(doses: Dose[], random: Random): Dose[] {
  return doses.map((dose) => {
    const box = doses.find(
      (other) => other.product === dose.product && other.day < dose.day && dose.day - other.day < 35,
    );
    return box && random.chance(0.35) ? { ...dose, lot: box.lot } : dose;
  });
}

/** What is due in the same week is given in one visit. */
function inOneVisit(doses: Dose[]): Dose[] {
  const visits: number[] = [];
  return doses
    .toSorted((a, b) => a.day - b.day)
    .map((dose) => {
      const visit = visits.find((day) => dose.day - day >= 0 && dose.day - day <= 7);
      const isTaken = doses.some(
        (other) => other !== dose && other.product.code === dose.product.code && other.day === visit,
      );
      if (visit === undefined || isTaken || wouldBeTooSoon(dose, doses, visit)) {
        visits.push(dose.day);
        return dose;
      }
      return { ...dose, day: visit };
    });
}

function wouldBeTooSoon(dose: Dose, doses: readonly Dose[], visit: number): boolean {
  return doses.some(
    (other) => other !== dose && other.product.code === dose.product.code && Math.abs(other.day - visit) < 14,
  );
}

function situated(dose: Dose, all: readonly Dose[]): Dose {
  const isOneOfMany = all.some((other) => other !== dose && other.day === dose.day);
  const isSoonAfter = all.some(
    (other) => other !== dose && other.product.code === dose.product.code && Math.abs(other.day - dose.day) <= 30,
  );
  return {
    ...dose,
    situations: [
      ...dose.situations,
      ...(isOneOfMany ? ['two vaccines on a day'] : []),
      ...(isSoonAfter ? ['repeat dose within 30 days'] : []),
    ],
  };
}

export function lotOf(form: string, random: Random): string {
  return [...form]
    .map((one) =>
      one === '0' ? String(random.below(10)) : one === 'A' ? random.pick([...'ABCDEFGHJKLMNPRSTUVWXYZ']) : one,
    )
    .join('');
}
