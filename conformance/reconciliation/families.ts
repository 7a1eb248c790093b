// Invented families whose children's vaccinations three sources tell of: the clinic that gave them, the municipality's ledger, and the
// family's own entries from the handbook. The same seed gives the same families. What is the same dose is known: `event`.
// Made before the rules of server/reconciliation were written, and not changed to suit them.

import type { Immunization } from '@medplum/fhirtypes';
import { vaccineOf } from '../../profiles/vaccine.ts';
import { CANONICAL, VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { dayOf, formatDay } from '../../server/forecast/days.ts';
import { type Random, randomFrom } from '../../test/support/random.ts';
import { type Child, type Dose, dosesOf, lotOf, twinsDoses } from './given.ts';
import { NOISE, type Telling } from './noise.ts';

export type ToldRecord = {
  resource: Immunization & { id: string };
  /** Records of one event are one dose. */
  event: string;
  /** What is wrong with this telling and what is hard about its dose; `clean` where nothing is. */
  kinds: string[];
};

/** One child's record: one Patient of the server. */
export type ToldChild = { id: string; records: ToldRecord[] };

const SOURCES = [
  { source: 'clinic', told: 0.93, noise: 0.08 },
  { source: 'ledger', told: 0.9, noise: 0.28 },
  { source: 'family', told: 0.85, noise: 0.5 },
] as const;

const CLINICS = ['見本こどもクリニック', '試験小児科医院', 'サンプル総合病院', 'ミナト内科', 'みほん市保健センター'];

/** `families` of them, in a fixed order: single children, every fifth family with twins, every fourth child late. */
export function inventedFamilies(seed: number, families: number): ToldChild[] {
  const random = randomFrom(seed);
  const children: ToldChild[] = [];
  for (let n = 0; n < families; n++) {
    const first = childOf(`f${n}`, n, random);
    const doses = dosesOf(first, random);
    const told = tellingsOf(doses, random);
    children.push({ id: first.id, records: recordsOf(first, told, random) });
    if (n % 5 !== 0) continue;
    const twin = { ...first, id: `${first.id}t` };
    const ofTwin = tellingsOf(twinsDoses(twin, doses, random), random);
    children.push({ id: twin.id, records: recordsOf(twin, withTwinsDose(twin, ofTwin, told, random), random) });
  }
  return children;
}

function childOf(id: string, n: number, random: Random): Child {
  const birthDay = dayOf(2012, 4, 1) + random.below(365 * 13);
  const ageDays = Math.min(120 + random.below(365 * 12), dayOf(2026, 11, 1) - birthDay);
  const clinic = random.pick(CLINICS);
  return { id, birthDay, ageDays, isLate: n % 4 === 3, institutions: [clinic, random.pick(CLINICS)] };
}

function tellingsOf(doses: readonly Dose[], random: Random): Telling[] {
  const tellings: Telling[] = [];
  for (const dose of doses) {
    for (const { source, told, noise } of SOURCES) {
      if (!random.chance(told)) continue;
      let telling = spoken(dose, source, random);
      for (const chance of [noise, noise * 0.2])
        if (random.chance(chance)) telling = noised(telling, random.pick(Object.keys(NOISE)), random);
      tellings.push(telling);
    }
  }
  return tellings;
}

/** As the source says it when it is careful. */
function spoken(dose: Dose, source: Telling['source'], random: Random): Telling {
  const { product, lot, number, institution } = dose;
  const date = formatDay(dose.day);
  const { code, brand, maker } = product;
  const ours = { system: VACCINE_SYSTEM, code, display: vaccineOf(code)?.ja ?? code };
  const telling: Telling = { dose, source, date, product: brand, noise: [...dose.situations] };
  const may = (chance: number, more: Partial<Telling>) => random.chance(chance) && Object.assign(telling, more);
  if (source === 'clinic') {
    Object.assign(telling, { lot, maker, institution });
    may(0.7, { number });
    may(0.6, { coding: ours });
  } else if (source === 'ledger') {
    Object.assign(telling, { product: product.ledger });
    may(0.85, { lot });
    may(0.6, { maker });
    may(0.95, { number });
    may(0.8, { institution });
  } else {
    Object.assign(telling, { product: random.chance(0.4) ? brand : product.family });
    may(0.5, { lot });
    may(0.1, { maker });
    may(0.7, { number });
    may(0.4, { institution });
  }
  if (telling.lot === undefined) telling.noise.push('missing lot');
  return telling;
}

function noised(telling: Telling, kind: string, random: Random): Telling {
  const change = NOISE[kind]?.(telling, random);
  if (change === undefined || telling.noise.includes(kind)) return telling;
  return { ...telling, ...change, noise: [...telling.noise, kind] };
}

/** The family enters doses of one twin with the other: on another day, on the same day, instead of the own one or beside it. */
function withTwinsDose(twin: Child, own: Telling[], others: readonly Telling[], random: Random): Telling[] {
  const first = /^[^.]*/;
  const candidates = others.filter(({ source }) => source === 'family');
  const strays: Telling[] = [];
  let kept = own;
  for (const stray of candidates) {
    if (!random.chance(0.2)) continue;
    const given = own.find(({ dose }) => dose.event === stray.dose.event.replace(first, twin.id));
    if (given === undefined) continue;
    const isSameDay = given.dose.day === stray.dose.day;
    const lot = stray.lot ?? lotOf(stray.dose.product.lotForm, random);
    const kind = isSameDay ? "twin's dose of the same day" : "twin's dose";
    const dose = { ...stray.dose, event: `${twin.id}.stray.${stray.dose.event}` };
    strays.push({ ...stray, dose, lot, noise: [...stray.noise.filter((one) => one !== 'missing lot'), kind] });
    if (random.chance(0.5))
      kept = kept.filter(({ source, dose: { event } }) => source !== 'family' || event !== given.dose.event);
  }
  return [...kept, ...strays];
}

function recordsOf(child: Child, tellings: readonly Telling[], random: Random): ToldRecord[] {
  const records: ToldRecord[] = [];
  const add = (told: Telling, more: Partial<Immunization> = {}, event = told.dose.event) => {
    const id = `${child.id}-${records.length}`;
    const kinds = told.noise.length === 0 ? ['clean'] : told.noise;
    records.push({ resource: { ...resourceOf(told, child, id), ...more, id }, event, kinds });
    return records.at(-1) as ToldRecord;
  };
  for (const told of tellings) {
    const record = add(told);
    const { identifier } = record.resource;
    // A message that was sent again under the sender's own key.
    if (identifier && random.chance(0.02)) {
      record.kinds = [...record.kinds, 'said twice'];
      add({ ...told, noise: [...told.noise, 'said twice'] }, { identifier });
    }
    if (told.source !== 'clinic') continue;
    const early = { ...told, date: formatDay(told.dose.day - random.pick([0, 3, 7])) };
    if (random.chance(0.02))
      add({ ...early, noise: ['not done'] }, { status: 'not-done' }, `${told.dose.event}.not-done`);
    if (random.chance(0.02))
      add({ ...early, noise: ['entered in error'] }, { status: 'entered-in-error' }, `${told.dose.event}.error`);
  }
  return records;
}

function resourceOf(told: Telling, child: Child, id: string): Immunization & { id: string } {
  const { source, date, product, coding, lot, maker, number, institution } = told;
  const isFamily = source === 'family';
  const time = source === 'clinic' && date.length === 10 ? 'T10:20:00+09:00' : '';
  const sender = source === 'clinic' ? `clinic-${CLINICS.indexOf(told.dose.institution)}` : 'city';
  return {
    resourceType: 'Immunization',
    id,
    ...(!isFamily && { meta: { source: `https://tsumugi.test/fhir/Organization/${sender}` } }),
    ...(!isFamily && { identifier: [{ system: `${CANONICAL}/sid/invented-${sender}`, value: id }] }),
    status: 'completed',
    vaccineCode: { ...(coding && { coding: [coding] }), text: product },
    patient: { reference: `Patient/${child.id}` },
    occurrenceDateTime: `${date}${time}`,
    primarySource: source === 'clinic',
    ...(source === 'ledger' && { reportOrigin: { text: '市区町村の予防接種記録' } }),
    ...(maker !== undefined && { manufacturer: { display: maker } }),
    ...(lot !== undefined && { lotNumber: lot }),
    ...(institution !== undefined && { performer: [{ actor: { display: institution } }] }),
    ...(number !== undefined && { protocolApplied: [{ doseNumberPositiveInt: number }] }),
  };
}
