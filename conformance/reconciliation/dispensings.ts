// Invented children whose medicines three sources tell of: the pharmacy's notebook, the insurer's claims as MyNa Portal shows them, and
// the family's own entries. The same seed gives the same records; what is the same dispensing is known.

import type { MedicationDispense } from '@medplum/fhirtypes';
import { dayOf, formatDay } from '../../server/forecast/days.ts';
import { type Random, randomFrom } from '../../test/support/random.ts';
import { halfWidth, hiragana } from './noise.ts';

export type ToldDispensing = { resource: MedicationDispense & { id: string }; event: string; kinds: string[] };

const YJ = 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code';

/** Names are invented but for their form; the code is one of no drug. */
const DRUGS = [
  ['試験シロップ5%', '9999999Q1010', 'mL'],
  ['試験細粒20%', '9999999C1020', 'g'],
  ['試験細粒10%', '9999999C1038', 'g'],
  ['ミホンドライシロップ小児用2%', '9999999R1040', 'g'],
  ['ミホン錠10mg', '9999999F1050', '錠'],
  ['サンプル軟膏0.1%', '9999999M1060', 'g'],
  ['サンプルクリーム0.3%', '9999999N1070', 'g'],
  ['テストテープ0.5mg', '9999999S1080', '枚'],
] as const;

const SHOPS = ['見本薬局', '試験調剤薬局', 'サンプルドラッグ駅前店'];

type Dispensing = {
  event: string;
  drug: (typeof DRUGS)[number];
  day: number;
  amount: number;
  durationDays: number;
  shop: string;
  situations: string[];
};

export function inventedDispensings(seed: number, children: number): ToldDispensing[][] {
  const random = randomFrom(seed);
  return Array.from({ length: children }, (_, n) => recordsOf(n, dispensed(n, random), random));
}

function dispensed(child: number, random: Random): Dispensing[] {
  const all: Dispensing[] = [];
  let day = dayOf(2024, 1, 1) + random.below(60);
  for (let visit = 0; visit < 14; visit++) {
    // A chronic medicine comes every two or four weeks, a cold whenever it does.
    day += random.pick([3, 7, 14, 14, 28, 28, 28, 60]);
    const shop = random.chance(0.85) ? (SHOPS[child % SHOPS.length] ?? '') : random.pick(SHOPS);
    const durationDays = random.pick([3, 5, 7, 14, 28]);
    const drugs = new Set(Array.from({ length: 1 + random.below(4) }, () => random.pick(DRUGS)));
    for (const drug of drugs) {
      const amount = (1 + random.below(9)) * durationDays;
      const lines = random.chance(0.06) ? [amount, amount + durationDays] : [amount];
      for (const one of lines) {
        const situations = [
          ...(drugs.size > 1 ? ['several drugs on a day'] : []),
          ...(lines.length > 1 ? ['two lines of one drug'] : []),
        ];
        all.push({ event: `${child}.${all.length}`, drug, day, amount: one, durationDays, shop, situations });
      }
    }
  }
  return all;
}

type Telling = {
  dose: Dispensing;
  name: string;
  code?: string;
  date: string;
  amount?: number;
  durationDays?: number;
  shop?: string;
  kinds: string[];
};

const NOISE: Readonly<Record<string, (told: Telling, random: Random) => Partial<Telling>>> = {
  'other writing': ({ name }, random) => ({
    name: random.pick([halfWidth, hiragana, (text: string) => `${text.replace(/([0-9.]+)/, ' $1')}`, fullWidth])(name),
  }),
  'day off': ({ dose }, random) => ({ date: formatDay(dose.day + random.pick([-2, -1, 1, 1, 2, 3])) }),
  'month only': ({ date }) => ({ date: date.slice(0, 7) }),
  'missing amount': () => ({ amount: undefined, durationDays: undefined }),
  'wrong amount': ({ amount = 1 }) => ({ amount: amount + 1 }),
  'missing code': () => ({ code: undefined }),
  'missing pharmacy': () => ({ shop: undefined }),
};

function recordsOf(child: number, all: readonly Dispensing[], random: Random): ToldDispensing[] {
  const records: ToldDispensing[] = [];
  for (const dose of all) {
    for (const [source, chance, noise] of [
      ['shop', 0.95, 0.05],
      ['claims', 0.9, 0.4],
      ['family', 0.5, 0.6],
    ] as const) {
      if (!random.chance(chance)) continue;
      let told: Telling = {
        ...{
          dose,
          name: dose.drug[0],
          date: formatDay(dose.day),
          amount: dose.amount,
          durationDays: dose.durationDays,
        },
        ...(source !== 'family' && { code: dose.drug[1], shop: dose.shop }),
        kinds: [...dose.situations],
      };
      for (const often of [noise, noise * 0.2]) {
        if (!random.chance(often)) continue;
        const kind = random.pick(Object.keys(NOISE));
        told = { ...told, ...NOISE[kind]?.(told, random), kinds: [...told.kinds, kind] };
      }
      const id = `${child}-${records.length}`;
      const kinds = told.kinds.length === 0 ? ['clean'] : told.kinds;
      records.push({ resource: resourceOf(told, source, child, id), event: dose.event, kinds });
    }
  }
  return records;
}

function resourceOf(told: Telling, source: string, child: number, id: string): ToldDispensing['resource'] {
  const { name, code, date, amount, durationDays, shop, dose } = told;
  const sender = source === 'shop' ? `shop-${SHOPS.indexOf(dose.shop)}` : source;
  return {
    resourceType: 'MedicationDispense',
    id,
    ...(source !== 'family' && { meta: { source: `https://tsumugi.test/fhir/Organization/${sender}` } }),
    ...(source !== 'family' && { identifier: [{ system: `urn:test:${sender}`, value: id }] }),
    status: 'completed',
    medicationCodeableConcept: { ...(code && { coding: [{ system: YJ, code, display: name }] }), text: name },
    subject: { reference: `Patient/${child}` },
    whenHandedOver: date,
    ...(amount !== undefined && { quantity: { value: amount, unit: dose.drug[2] } }),
    ...(durationDays !== undefined && { daysSupply: { value: durationDays, unit: '日' } }),
    ...(shop !== undefined && { performer: [{ actor: { display: shop } }] }),
  };
}

const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0));
