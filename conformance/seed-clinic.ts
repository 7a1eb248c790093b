// A small clinic of invented people for suites that ask a server about what it holds: families, their measurements, problems,
// procedures, visits and medicines, coded as most systems code them.
import type { LocalServer } from './local-server.ts';

type Resource = { resourceType: string; id: string; [member: string]: unknown };

const families: [family: string, given: string, gender: string, birthDate: string, city: string][] = [
  ['Smith', 'Alice', 'female', '1988-03-14', 'Boston'],
  ['Smith', 'John', 'male', '2021-06-02', 'Boston'],
  ['Brown', 'Ayumi', 'female', '1990-11-30', 'Osaka'],
  ['Brown', 'Ken', 'male', '2023-01-09', 'Osaka'],
  ['試験', '花子', 'female', '1992-02-29', '東京都中央区'],
  ['試験', '太郎', 'male', '2024-05-05', '東京都中央区'],
];
const loinc = 'http://loinc.org';
const snomed = 'http://snomed.info/sct';

/** What the queries may name, and how much there is. */
export const clinic = {
  patients: families.length,
  observations: families.length * 4,
  samples: {
    patient_id: 'suite-patient-0',
    patient_family: 'Smith',
    patient_given: 'Alice',
    condition_code: `${snomed}|38341003`,
    procedure_code: `${snomed}|5880005`,
    practitioner_id: 'suite-doctor',
    location_id: 'suite-clinic',
  },
};

/** Stores it all in one transaction. */
export async function seedClinic({ ask }: LocalServer): Promise<void> {
  const resources = [doctor, place, ...families.flatMap((_, n) => recordOf(n))];
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  const { status, text } = await ask({ method: 'POST', path: '', body });
  if (status !== 200) throw new Error(`the clinic was not stored: ${status} ${text}`);
}

const doctor: Resource = {
  resourceType: 'Practitioner',
  id: 'suite-doctor',
  name: [{ family: '見本', given: ['医師'] }],
};
const place: Resource = { resourceType: 'Location', id: 'suite-clinic', status: 'active', name: 'Sample clinic' };

function recordOf(n: number): Resource[] {
  const [family, given, gender, birthDate, city] = families[n] ?? ['', '', '', '', ''];
  const id = `suite-patient-${n}`;
  const subject = { reference: `Patient/${id}` };
  const when = `2025-0${n + 1}-10`;
  const of = (resourceType: string, key: string, more: object): Resource => ({
    resourceType,
    id: `suite-${key}-${n}`,
    subject,
    ...more,
  });
  const measured = (key: string, code: string, more: object) =>
    of('Observation', key, { status: 'final', code: coded(loinc, code), effectiveDateTime: when, ...more });
  const div = `<div xmlns="http://www.w3.org/1999/xhtml">${given} ${family}</div>`;
  return [
    {
      resourceType: 'Patient',
      id,
      text: { status: 'generated', div },
      name: [{ family, given: [given] }],
      gender,
      birthDate,
      address: [{ city }],
    },
    measured('height', '8302-2', { valueQuantity: quantity(160, 'cm') }),
    measured('weight', '29463-7', { valueQuantity: quantity(55, 'kg') }),
    measured('pain', '72514-3', { valueInteger: 2 }),
    measured('pressure', '85354-9', {
      code: { ...coded(loinc, '85354-9'), text: 'blood pressure' },
      component: ['8480-6', '8462-4'].map((code) => ({
        code: coded(loinc, code),
        valueQuantity: quantity(118, 'mm[Hg]'),
      })),
    }),
    of('Condition', 'problem', {
      code: { ...coded(snomed, '38341003'), text: 'Hypertensive disorder (hypertension)' },
      recordedDate: when,
    }),
    of('Procedure', 'procedure', { status: 'completed', code: coded(snomed, '5880005'), performedDateTime: when }),
    of('Encounter', 'visit', {
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      participant: [{ individual: { reference: 'Practitioner/suite-doctor' } }],
      location: [{ location: { reference: 'Location/suite-clinic' } }],
      period: { start: when, end: when },
    }),
    of('MedicationRequest', 'medicine', {
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { text: 'acetaminophen' },
      authoredOn: when,
    }),
  ];
}

function coded(system: string, code: string) {
  return { coding: [{ system, code }] };
}

function quantity(value: number, code: string) {
  return { value, unit: code, system: 'http://unitsofmeasure.org', code };
}
