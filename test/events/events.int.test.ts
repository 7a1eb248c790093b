// $events and $same-event over the whole server, and the planner that follows them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { type Body, type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { relate } from '../support/relate.ts';
import { refusalsOf } from '../support/valid.ts';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';

let t: TestApp;
let clinic: Caller;
beforeAll(async () => {
  t = await startApp();
  clinic = t.system;
});
afterAll(() => t.close());

const child = async () => (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-01-10' }))).id;

const dose = (patient: string, on: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: VACCINE_SYSTEM, code: 'DPT-IPV-Hib' }] },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: on,
  primarySource: true,
  ...more,
});
const ofClinic = { meta: { source: 'urn:test:clinic' }, lotNumber: '5K01A' };
const ofCity = { meta: { source: 'urn:test:city' }, primarySource: false, lotNumber: '5k-01a' };

type Part = { name: string; resource?: Body; part?: Part[]; [value: string]: unknown };
const eventsOf = async (caller: Caller, patient: string, query = ''): Promise<Part[][]> => {
  const { status, body } = await caller.get(`Patient/${patient}/$events${query}`);
  expect(status).toBe(200);
  expect(refusalsOf(body)).toEqual([]);
  return ((body.parameter ?? []) as unknown as Part[]).map(({ part = [] }) => part);
};
const idsOf = (event: Part[] | undefined) =>
  (event ?? []).flatMap(({ name, resource }) => (name === 'shown' || name === 'other' ? [resource?.id] : []));

const parameters = (verdict: string, ...ids: string[]) => ({
  resourceType: 'Parameters',
  parameter: [
    ...ids.map((id) => ({ name: 'record', valueReference: { reference: `Immunization/${id}` } })),
    { name: 'verdict', valueCode: verdict },
  ],
});

/** How many doses of the series the planner judged. */
const counted = async (patient: string): Promise<string[]> => {
  const { body } = await t.system.get(`Patient/${patient}/$forecast?assessmentDate=2026-11-01`);
  const evaluations = body.parameter.filter(({ name }) => name === 'evaluation').map(({ resource }) => resource);
  return [...new Set(evaluations.map((one) => String((one.immunizationEvent as { reference: string }).reference)))];
};

describe('$events', () => {
  test('tells each event once, with all that is told of it and what a person should look at', async () => {
    const patient = await child();
    const given = await clinic.create(dose(patient, '2026-03-10T10:00:00+09:00', ofClinic));
    const listed = await clinic.create(dose(patient, '2026-03-11', ofCity));
    const next = await clinic.create(dose(patient, '2026-04-10', { ...ofClinic, lotNumber: '5K02B' }));
    await clinic.create(dose(patient, '2026-04-10', { ...ofCity, status: 'entered-in-error' }));
    const events = await eventsOf(t.system, patient);
    expect(events.map(idsOf)).toEqual([[next.id], [given.id, listed.id]]);
    const [, first = []] = events;
    const conflict = first.find(({ name }) => name === 'conflict')?.part ?? [];
    expect(conflict.flatMap(({ valueCode }) => valueCode ?? [])).toEqual(['day', 'next']);
    expect(
      first.find(({ name }) => name === 'link')?.part?.find(({ name }) => name === 'score')?.valueDecimal,
    ).toBeGreaterThan(5);
  });

  test('says where a record comes from to who may read it', async () => {
    const patient = await child();
    const { id } = await clinic.create(dose(patient, '2026-03-10', ofClinic));
    const provenance = await t.system.create({
      resourceType: 'Provenance',
      recorded: '2026-03-10T10:00:00Z',
      target: [{ reference: `Immunization/${id}` }, { reference: `Patient/${patient}` }],
      agent: [{ who: { display: '見本医院' } }],
    });
    const [event = []] = await eventsOf(t.system, patient);
    const source = event.find(({ name }) => name === 'source')?.part ?? [];
    expect(source.at(-1)?.valueReference).toEqual({ reference: `Provenance/${provenance.id}` });
    const narrow = await t.caller('patient/Patient.rs patient/Immunization.rs', { patient });
    const [other = []] = await eventsOf(narrow, patient);
    expect(other.map(({ name }) => name)).toEqual(['shown']);
  });

  test('is empty for a patient without records, and is in the audit', async () => {
    const patient = await child();
    expect(await eventsOf(t.system, patient)).toEqual([]);
    const { rows } = await t.pool.query("select 1 from audit where interaction = 'events' and owner = $1", [patient]);
    expect(rows).toHaveLength(1);
  });

  test('brings together allergies and check-ups as well', async () => {
    const patient = await child();
    const subject = { reference: `Patient/${patient}` };
    const allergy = {
      resourceType: 'AllergyIntolerance',
      clinicalStatus: { coding: [{ system: CLINICAL, code: 'active' }] },
      patient: subject,
    };
    await clinic.create({ ...allergy, meta: { source: 'urn:test:clinic' }, code: { text: '鶏卵' } });
    await clinic.create({ ...allergy, code: { text: 'たまご' } });
    const weight = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] };
    const finding = {
      resourceType: 'Observation',
      status: 'final',
      code: weight,
      subject,
      effectiveDateTime: '2026-03-10',
    };
    await clinic.create({ ...finding, meta: { source: 'urn:test:city' }, valueQuantity: { value: 9.85, unit: 'kg' } });
    await clinic.create({ ...finding, valueQuantity: { value: 9850, unit: 'g' } });
    for (const type of ['AllergyIntolerance', 'Observation'])
      expect((await eventsOf(t.system, patient, `?type=${type}`)).map((event) => idsOf(event).length)).toEqual([2]);
    for (const type of ['MedicationDispense', 'MedicationRequest', 'Encounter'])
      expect(await eventsOf(t.system, patient, `?type=${type}`)).toEqual([]);
  });

  test.each([
    ['a type whose records are not brought together', '?type=Appointment', 400],
    ['an unknown parameter', '?kind=Immunization', 400],
    ['a type told twice', '?type=Immunization&type=Immunization', 400],
  ])('refuses %s', async (_, query, status) => {
    expect((await t.system.get(`Patient/${await child()}/$events${query}`)).status).toBe(status);
  });
});

describe('$same-event', () => {
  test('parts, joins and takes back, and $events and the planner follow at once', async () => {
    const patient = await child();
    const given = await clinic.create(dose(patient, '2026-03-10', ofClinic));
    const entered = await clinic.create(dose(patient, '2026-03-12', ofCity));
    expect(await counted(patient)).toEqual([`Immunization/${given.id}`]);
    const say = (verdict: string) =>
      t.system.post(`Patient/${patient}/$same-event`, parameters(verdict, given.id, entered.id));
    expect((await say('different')).status).toBe(200);
    expect((await eventsOf(t.system, patient)).map((event) => idsOf(event).length)).toEqual([1, 1]);
    expect(await counted(patient)).toHaveLength(2);
    await say('undo');
    expect(await counted(patient)).toHaveLength(1);
    const far = await clinic.create(dose(patient, '2026-06-20', ofCity));
    expect(await counted(patient)).toHaveLength(2);
    await t.system.post(`Patient/${patient}/$same-event`, parameters('same', given.id, far.id));
    expect((await eventsOf(t.system, patient)).map((event) => idsOf(event).length)).toContain(2);
    const { rows } = await t.pool.query(
      "select count(*)::int as count from audit where interaction = 'same-event' and owner = $1",
      [patient],
    );
    expect(rows).toEqual([{ count: 3 }]);
  });

  test('is for the family: a guardian may, an invited relative and a clinic may not', async () => {
    const patient = await child();
    const given = await clinic.create(dose(patient, '2026-03-10', ofClinic));
    const entered = await clinic.create(dose(patient, '2026-03-12', ofCity));
    await relate(t, { person: 'Person/events-mother', patient });
    await relate(t, { person: 'Person/events-aunt', patient, basis: 'invited', categories: ['immunization'] });
    const body = parameters('same', given.id, entered.id);
    const as = async (wishes: object) =>
      (await (await t.caller('user/*.cruds', wishes)).post(`Patient/${patient}/$same-event`, body)).status;
    expect(await as({ user: 'Person/events-mother' })).toBe(200);
    expect([403, 404]).toContain(await as({ user: 'Person/events-aunt' }));
    expect([403, 404]).toContain(await as({ organization: 'clinic' }));
    expect(await as({ user: 'Person/events-stranger' })).toBe(404);
  });

  test('a record of another patient is like one that is not there', async () => {
    const patient = await child();
    const other = await clinic.create(dose(await child(), '2026-03-10', ofClinic));
    const own = await clinic.create(dose(patient, '2026-03-10', ofClinic));
    for (const caller of [t.system, await t.caller('patient/*.cruds', { patient })]) {
      const ask = async (id: string) => {
        const { status, text } = await caller.post(`Patient/${patient}/$same-event`, parameters('same', own.id, id));
        return [status, text.replaceAll(id, 'ID')];
      };
      expect(await ask(other.id)).toEqual(await ask('missing'));
      expect((await ask(other.id))[0]).toBe(404);
    }
  });

  test.each([
    ['one record', parameters('same', 'a')],
    ['the same record twice', parameters('same', 'a', 'a')],
    ['an unknown verdict', parameters('perhaps', 'a', 'b')],
    ['no verdict', { resourceType: 'Parameters', parameter: parameters('same', 'a', 'b').parameter.slice(0, 2) }],
    ['more records than can be looked at', parameters('same', ...Array.from({ length: 21 }, (_, n) => `r${n}`))],
    [
      'records of two types',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'record', valueReference: { reference: 'Immunization/a' } },
          { name: 'record', valueReference: { reference: 'Observation/b' } },
          { name: 'verdict', valueCode: 'same' },
        ],
      },
    ],
    ['no Parameters', { resourceType: 'Bundle', type: 'batch' }],
  ])('refuses %s', async (_, body) => {
    expect((await t.system.post(`Patient/${await child()}/$same-event`, body)).status).toBe(400);
  });

  test('what was said goes with the patient when it is erased for ever', async () => {
    const patient = await child();
    const given = await clinic.create(dose(patient, '2026-03-10', ofClinic));
    const entered = await clinic.create(dose(patient, '2026-03-12', ofCity));
    await t.system.post(`Patient/${patient}/$same-event`, parameters('same', given.id, entered.id));
    const left = async () =>
      (await t.pool.query('select 1 from event_decision where patient = $1', [patient])).rows.length;
    expect(await left()).toBe(1);
    const confirm = (id: string) => ({ resourceType: 'Parameters', parameter: [{ name: 'confirm', valueString: id }] });
    expect((await t.system.post(`Immunization/${entered.id}/$expunge`, confirm(entered.id))).status).toBe(200);
    expect(await left()).toBe(0);
  });
});

test('the planner counts what two sources tell on neighbouring days once, in $check as well', async () => {
  const patient = await child();
  await clinic.create(dose(patient, '2026-10-01', ofClinic));
  const ask = async () => {
    const { body } = await t.system.post('Immunization/$check', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
        { name: 'immunization', resource: { ...dose(patient, '2026-11-10'), patient: { display: '試験 花子' } } },
      ],
    });
    return body.parameter.find(({ name }) => name === 'dose')?.valueString;
  };
  const before = await ask();
  await clinic.create(dose(patient, '2026-10-02', ofCity));
  expect(await ask()).toBe(before);
});
