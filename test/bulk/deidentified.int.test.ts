// $export with _deidentify: of those who agreed, nothing that says who they are, and nobody among fewer than ten.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enough } from '../../server/bulk/deidentified-work.ts';
import { deidentified, shiftsOf } from '../../server/bulk/deidentify.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { dayOf, formatDay, parseDay } from '../../server/forecast/days.ts';
import { type Body, type Caller, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';
import { exportBy } from './exported.ts';

let t: TestApp;
let client: Caller;
const terminology = 'http://terminology.hl7.org/CodeSystem';
const consent = (patient: string, more: object = {}) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: `${terminology}/consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${patient}` },
  policy: [{ uri: 'urn:test:study' }],
  provision: { type: 'permit', purpose: [{ system: `${terminology}/v3-ActReason`, code: 'HRESCH' }] },
  ...more,
});

/** Every value of it says who it is. */
const person = (n: number, state: string) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.1234567890', value: `PN-77-${n}` }],
  name: [{ text: `秘密 花子${n}`, family: '秘密', given: [`花子${n}`] }],
  telecom: [{ system: 'phone', value: `090-1234-56${String(n).padStart(2, '0')}` }],
  gender: 'female',
  birthDate: `2020-05-${String(10 + (n % 3)).padStart(2, '0')}`,
  address: [{ text: `${state}見本市秘密町${n}`, state, city: '見本市', line: [`秘密町${n}`], postalCode: '123-4567' }],
});
const dose = (patient: string, date: string) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: {
    coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '110', display: '秘密の表示' }],
    text: '秘密の文',
  },
  patient: { reference: `Patient/${patient}`, display: '秘密 花子' },
  occurrenceDateTime: date,
  lotNumber: 'SECRET-LOT',
  note: [{ text: '秘密の注記' }],
  performer: [{ actor: { display: '秘密医師' } }],
  extension: [{ url: 'urn:secret:extension', valueString: '秘密の拡張' }],
});
const weight = (patient: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: {
    coding: [
      { system: 'http://loinc.org', code: '29463-7' },
      { system: 'urn:local:secret', code: 'SECRETCODE' },
    ],
  },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2020-08-01T09:12:34+09:00',
  valueQuantity: { value: 6.54, unit: '秘密の単位', system: 'http://unitsofmeasure.org', code: 'kg' },
});
const said = (patient: string) => ({ ...weight(patient), valueQuantity: undefined, valueString: '秘密の値' });

const agreed: string[] = [];
beforeAll(async () => {
  t = await startApp();
  client = await t.caller('system/*.rs', { client: 'research' });
  for (let n = 0; n < 12; n++) agreed.push(await family(person(n, '東京都')));
  for (let n = 20; n < 25; n++) await family(person(n, '沖縄県'));
  for (let n = 30; n < 33; n++) await family(person(n, '東京都'), false);
  const denied = await family(person(40, '東京都'));
  const denial = { type: 'deny', purpose: [{ system: `${terminology}/v3-ActReason`, code: 'HRESCH' }] };
  await t.system.create(consent(denied, { provision: denial }));
});
afterAll(() => t.close());

async function family(patient: ReturnType<typeof person>, isAgreed = true): Promise<string> {
  const { id } = await t.system.create(patient);
  const entries = [dose(id, '2020-07-10'), dose(id, '2020-08-05T10:00:00+09:00'), weight(id), said(id)];
  if (isAgreed) entries.push(consent(id) as never);
  for (const one of entries) await t.system.create(one);
  const restricted = { security: [{ system: `${terminology}/v3-Confidentiality`, code: 'R' }] };
  await t.system.create({ ...weight(id), meta: restricted });
  return id;
}

/** The texts in a resource that say something of a person, and its numbers of many digits. */
function strings(node: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof node === 'string') found.add(node);
  else if (Array.isArray(node)) for (const one of node) strings(one, found);
  else if (typeof node === 'object' && node !== null) for (const one of Object.values(node)) strings(one, found);
  return found;
}

/** Words of FHIR and of public code systems. */
const isPublic = (text: string): boolean =>
  /^(?:http:\/\/(?:loinc|hl7|terminology\.hl7|unitsofmeasure)[^ ]*|Patient|Immunization|Observation|completed|final|female|kg|110|29463-7|東京都)$/.test(
    text,
  );

describe('$export?_deidentify=true', () => {
  test('gives those who agreed and stand among ten, and of them nothing that says who they are', async () => {
    const { manifest, lines } = await exportBy(client, '$export?_deidentify=true');
    expect(manifest).toMatchObject({ extension: { consented: 17, suppressed: 5, released: 12 } });
    expect(manifest.output.map(({ type, count }) => [type, count]).sort()).toEqual([
      ['Immunization', 24],
      ['Observation', 24],
      ['Patient', 12],
    ]);
    const patients = lines.filter(({ resourceType }) => resourceType === 'Patient');
    expect(new Set(patients.map(({ gender, address }) => JSON.stringify([gender, address]))).size).toBe(1);
    const text = JSON.stringify(lines);
    const entered = new Set<string>();
    for (const type of ['Patient', 'Immunization', 'Observation', 'Consent']) {
      const { body } = await t.system.get(`${type}?_count=1000`);
      for (const { resource } of body.entry) strings(resource, entered);
    }
    const given = strings(lines);
    for (const one of entered) {
      if (isPublic(one)) continue;
      expect(given.has(one), one).toBe(false);
      if (one.length > 5) expect(text.includes(one), one).toBe(false);
    }
    for (const id of agreed) expect(text).not.toContain(id);
    expect(text).not.toMatch(/秘密|SECRET/);
    for (const one of lines)
      expect(refusalsOf(one as never).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('a second release shares no id with the first', async () => {
    const ids = async () => new Set((await exportBy(client, '$export?_deidentify=true')).lines.map(({ id }) => id));
    const [one, other] = [await ids(), await ids()];
    expect([...one].filter((id) => other.has(id))).toEqual([]);
  });

  test.each(['_since=2020-01-01T00:00:00Z', '_elements=gender', '_typeFilter=Patient%3Fgender%3Dfemale'])(
    'refuses to be narrowed by %s',
    async (query) => {
      expect((await client.get(`$export?_deidentify=true&${query}`, { prefer: 'respond-async' })).status).toBe(400);
    },
  );

  test('is not for Patient/$export and Patient/[id]/$export', async () => {
    for (const path of ['Patient/$export', `Patient/${agreed[0]}/$export`])
      expect((await client.get(`${path}?_deidentify=true`, { prefer: 'respond-async' })).status).toBe(400);
  });
});

describe('one resource', () => {
  const out = (resource: object, shiftDays: number): Body | undefined =>
    deidentified(resource as JsonObject, { id: 'new', shiftDays }, 'other') as Body | undefined;

  test('keeps intervals: every date of a person is moved by the same weeks', () => {
    const [first, second] = [out(dose('x', '2020-07-10'), 70), out(dose('x', '2020-08-07T10:00:00+09:00'), 70)];
    const days = [first, second].map((one) => parseDay(String(one?.occurrenceDateTime)) ?? 0);
    expect(days[0]).toBe(dayOf(2020, 7, 10) + 70);
    expect((days[1] ?? 0) - (days[0] ?? 0)).toBe(28);
  });

  test('is left out where nothing that is known is left of it', () => {
    expect(out({ ...dose('x', '2020'), resourceType: 'Immunization' }, 7)).toBeUndefined();
    expect(out({ resourceType: 'DocumentReference' }, 7)).toBeUndefined();
  });
});

test('whoever stands among fewer than ten is left out', () => {
  const people = (cell: string, count: number) => Array.from({ length: count }, () => ({ cell }));
  expect(enough([...people('a', 10), ...people('b', 9)])).toHaveLength(10);
});

test('a shift leaves everybody in the quarter of their birth, and is never none', () => {
  for (let day = dayOf(2019, 12, 1); day < dayOf(2021, 3, 1); day++) {
    const quarter = (text: string) => `${text.slice(0, 4)} ${Math.ceil(Number(text.slice(5, 7)) / 3)}`;
    const shifts = shiftsOf(formatDay(day));
    expect(shifts.length).toBeGreaterThan(8);
    for (const shift of shifts) {
      expect(shift % 7 === 0 && shift !== 0).toBe(true);
      expect(quarter(formatDay(day + shift))).toBe(quarter(formatDay(day)));
    }
  }
});
