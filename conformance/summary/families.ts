// A hundred invented families for the patient summary: single children and twins, some born early, some grown up, some of whom nothing
// or hardly anything is known, each with a mother and what her pregnancy left. What one family has follows from its number.
import type { JsonObject } from '../../server/fhir/json.ts';
import { formatDay, parseDay } from '../../server/forecast/days.ts';
import { child, immunization, observation } from '../bench/families.ts';

export type Person = { id: string; kind: string; resources: JsonObject[] };

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const UCUM = 'http://unitsofmeasure.org';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const CONDITION = 'http://terminology.hl7.org/CodeSystem/condition-clinical';

/** Mother and children of family `n`. */
export function familyOf(n: number): Person[] {
  const mother = motherOf(n);
  const first = childOf(n, '');
  return n % 10 === 3 ? [mother, first, childOf(n, 't')] : [mother, first];
}

function childOf(n: number, twin: string): Person {
  const id = `ips-child-${n}${twin}`;
  const reference = `Patient/${id}`;
  const kind =
    ['usual', 'preterm', 'empty', 'twin', 'no known allergy', 'grown up', 'hardly anything'][n % 7] ?? 'usual';
  const birthDate = formatDay((parseDay(kind === 'grown up' ? '2008-05-01' : '2022-01-15') ?? 0) + n * 9);
  const patient = { ...child(n), id, birthDate } as unknown as JsonObject;
  if (kind === 'empty') return { id, kind, resources: [patient] };
  if (kind === 'hardly anything') {
    const { name: _name, gender: _gender, birthDate: _birthDate, ...rest } = patient;
    return { id, kind, resources: [{ ...rest, name: [{ text: '試験' }] }, vague(reference), bought(reference)] };
  }
  const shift = (parseDay(birthDate) ?? 0) - (parseDay(child(n).birthDate ?? '') ?? 0);
  const given = Array.from({ length: 10 + (n % 20) }, (_, index) =>
    moved(immunization(n, index, reference) as unknown as JsonObject, shift),
  );
  const measured = Array.from({ length: 20 }, (_, index) =>
    moved(observation(n, index, reference) as unknown as JsonObject, shift),
  );
  const birth = [
    birthWeight(reference, birthDate, kind === 'preterm' ? 1450.5 : 3050),
    quantity(
      reference,
      birthDate,
      ['exam', '76516-4', 'Gestational age--at birth', '在胎期間'],
      [kind === 'preterm' ? 210 : 275, 'd'],
    ),
  ];
  const allergy = kind === 'no known allergy' ? noKnownAllergy(reference) : eggAllergy(reference, n);
  return {
    id,
    kind,
    resources: [
      patient,
      ...given,
      ...measured,
      ...birth,
      ...allergy,
      ...illnesses(reference, n),
      ...medicines(reference, n),
    ],
  };
}

function motherOf(n: number): Person {
  const id = `ips-mother-${n}`;
  const reference = `Patient/${id}`;
  const patient = {
    ...child(n + 500),
    id,
    gender: 'female',
    birthDate: formatDay((parseDay('1985-03-01') ?? 0) + n * 31),
  };
  const resources: JsonObject[] = [patient as unknown as JsonObject];
  if (n % 7 === 2) return { id, kind: 'empty', resources };
  const day = '2026-05-15';
  const laboratory = (code: string, name: string, ja: string) =>
    quantity(reference, day, ['laboratory', code, name, ja], [11.0 + n / 10, 'g/dL']);
  resources.push(
    laboratory('718-7', 'Hemoglobin [Mass/volume] in Blood', 'ヘモグロビン'),
    { ...laboratory('718-7', 'Hemoglobin [Mass/volume] in Blood', 'ヘモグロビン'), effectiveDateTime: '2026-02-01' },
    pressure(reference, `${day}T10:20:00+09:00`),
    coded(reference, day, ['82810-3', 'Pregnancy status', '妊娠の状態'], ['77386006', 'Pregnant']),
    {
      ...base(reference, day, ['exam', '11778-8', 'Delivery date Estimated', '分娩予定日']),
      valueDateTime: '2026-12-10',
    },
    quantity(reference, day, ['exam', '11640-0', '[#] Births total', '分娩回数'], [n % 4, '{#}']),
    coded(reference, day, ['72166-2', 'Tobacco smoking status', '喫煙'], ['266919005', 'Never smoked tobacco']),
    quantity(reference, day, ['social-history', '74013-4', 'Alcoholic drinks per day', '飲酒'], [0, '{drinks}/d']),
    ...illnesses(reference, n + 3),
    ...medicines(reference, n + 1),
    procedure(reference, n),
  );
  return { id, kind: 'mother', resources };
}

/** In the same life on other days. */
function moved(resource: JsonObject, days: number): JsonObject {
  const at = (value: unknown) => formatDay((parseDay(String(value).slice(0, 10)) ?? 0) + days);
  const { occurrenceDateTime, effectiveDateTime } = resource;
  return {
    ...resource,
    ...(occurrenceDateTime !== undefined && { occurrenceDateTime: at(occurrenceDateTime) }),
    ...(effectiveDateTime !== undefined && { effectiveDateTime: at(effectiveDateTime) }),
  };
}

type Named = [category: string, code: string, display: string, text: string];

const base = (reference: string, when: string, [category, code, display, text]: Named): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
  code: { coding: [{ system: LOINC, code, display }], text },
  subject: { reference },
  effectiveDateTime: when,
});

const quantity = (reference: string, when: string, named: Named, [value, code]: [number, string]): JsonObject => ({
  ...base(reference, when, named),
  valueQuantity: { value, unit: code, system: UCUM, code },
});

const birthWeight = (reference: string, when: string, grams: number): JsonObject =>
  quantity(reference, when, ['vital-signs', '8339-4', 'Birth weight Measured', '出生体重'], [grams, 'g']);

const coded = (
  reference: string,
  when: string,
  [code, display, text]: [string, string, string],
  [value, meaning]: [string, string],
): JsonObject => ({
  ...base(reference, when, ['social-history', code, display, text]),
  valueCodeableConcept: { coding: [{ system: SNOMED, code: value, display: meaning }] },
});

const pressure = (reference: string, when: string): JsonObject => ({
  ...base(reference, when, ['vital-signs', '85354-9', 'Blood pressure panel with all children optional', '血圧']),
  component: [
    ['8480-6', 'Systolic blood pressure', 112],
    ['8462-4', 'Diastolic blood pressure', 68],
  ].map(([code, display, value]) => ({
    code: { coding: [{ system: LOINC, code, display }] },
    valueQuantity: { value, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
  })),
});

const status = (system: string, code: string) => ({ coding: [{ system, code }] });

const noKnownAllergy = (reference: string): JsonObject[] => [
  {
    resourceType: 'AllergyIntolerance',
    clinicalStatus: status(CLINICAL, 'active'),
    code: { coding: [{ system: SNOMED, code: '716186003', display: 'No known allergy' }] },
    patient: { reference },
  },
];

const eggAllergy = (reference: string, n: number): JsonObject[] =>
  n % 3 !== 0
    ? []
    : [
        {
          resourceType: 'AllergyIntolerance',
          clinicalStatus: status(CLINICAL, n % 2 === 0 ? 'active' : 'resolved'),
          ...(n % 4 === 0 ? {} : { code: { text: '鶏卵 <卵白> & "卵黄"' } }),
          patient: { reference },
          reaction: [{ manifestation: [{ text: 'じんましん' }], severity: 'mild' }],
        },
      ];

const illnesses = (reference: string, n: number): JsonObject[] => [
  {
    resourceType: 'Condition',
    clinicalStatus: status(CONDITION, n % 2 === 0 ? 'active' : 'resolved'),
    ...(n % 5 === 0 ? {} : { code: { text: '気管支喘息' } }),
    subject: { reference },
    onsetDateTime: '2024',
  },
];

const bought = (reference: string): JsonObject => ({
  resourceType: 'MedicationStatement',
  status: 'active',
  medicationCodeableConcept: { text: '試験鉄剤（市販薬）' },
  subject: { reference },
  informationSource: { reference },
});

const medicines = (reference: string, n: number): JsonObject[] => [
  ...(n % 2 === 0 ? [bought(reference)] : []),
  {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: '試験去痰シロップ5%' },
    subject: { reference },
    authoredOn: '2026-11-09',
    dosageInstruction: [{ text: '１日３回 毎食後 ５日分' }],
  },
  {
    resourceType: 'MedicationDispense',
    status: 'completed',
    medicationCodeableConcept: { text: '試験軟膏' },
    subject: { reference },
    whenHandedOver: '2026-11-10',
  },
];

const procedure = (reference: string, n: number): JsonObject => ({
  resourceType: 'Procedure',
  status: 'completed',
  code: { text: '虫垂切除' },
  subject: { reference },
  ...(n % 2 === 0 ? {} : { performedDateTime: '2010' }),
});

/** A dose of which only a name and a year are known. */
const vague = (reference: string): JsonObject => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { text: '三種混合' },
  patient: { reference },
  occurrenceString: '昭和の頃',
});
