// Valid resources with many kinds of element, the same for the same seed: what both validators are asked about as it is, and
// broken. People are invented; what varies is which elements are there, and their values.
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { randomFrom } from '../../test/support/random.ts';

/** A number from 0 up to, not including, 1. */
export type Chance = () => number;

/** The same numbers for the same seed. */
export function chanceFrom(seed: number): Chance {
  const { below } = randomFrom(seed);
  return () => below(STEPS) / STEPS;
}

const STEPS = 2 ** 30;

export const oneOf = <T>(chance: Chance, all: readonly [T, ...T[]]): T =>
  all[Math.floor(chance() * all.length)] ?? all[0];

/** A resource of some type, with an id and a narrative. */
export function sample(chance: Chance): JsonObject {
  const make = oneOf(chance, makers);
  // What samples share is not to be broken in all of them.
  return structuredClone(thinned(make(chance), chance));
}

const optional = new Set([
  'text',
  'extension',
  'identifier',
  'telecom',
  'address',
  'note',
  'contact',
  'communication',
  'meta',
]);

/** Some of what may be left out is. */
function thinned(resource: JsonObject, chance: Chance): JsonObject {
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) => !optional.has(name) || chance() < 0.7),
  ) as JsonObject;
}

type Maker = (chance: Chance) => JsonObject;

const terminology = 'http://terminology.hl7.org/CodeSystem';
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const hl7 = (name: string, code: string) => concept(`${terminology}/${name}`, code);
const words = ['試験', '見本', '検査の控え', 'two words', '二〇二四年'] as const;
const text = (chance: Chance): string => oneOf(chance, words);
const date = (chance: Chance): string => {
  const year = 1990 + Math.floor(chance() * 36);
  const whole = `${year}-${two(1 + chance() * 12)}-${two(1 + chance() * 28)}`;
  return oneOf(chance, [whole, whole, whole.slice(0, 7), String(year)]);
};
const day = (chance: Chance): string =>
  `20${two(10 + chance() * 15)}-${two(1 + chance() * 12)}-${two(1 + chance() * 28)}`;
const instant = (chance: Chance): string =>
  `${day(chance)}T${two(chance() * 24)}:${two(chance() * 60)}:${two(chance() * 60)}${oneOf(chance, ['Z', '+09:00', '.250+09:00'])}`;
const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
const id = (chance: Chance): string => `a${Math.floor(chance() * 1e9).toString(36)}`;
const reference = (type: string, chance: Chance) => ({ reference: `${type}/${id(chance)}`, display: text(chance) });
const narrative = (chance: Chance) => ({
  status: oneOf(chance, ['generated', 'additional']),
  div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text(chance)}<br/><b>b</b></p><table><tr><td>1</td></tr></table></div>`,
});
const identifier = (chance: Chance) => [
  {
    use: 'usual',
    system: 'https://hospital.test/numbers',
    value: id(chance),
    period: { start: '2020-01-01', end: '2021-01-01' },
  },
  { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7' },
];
const name = (chance: Chance) => [
  {
    use: 'official',
    text: '試験 花子',
    family: '試験',
    given: ['花子', text(chance)],
    _given: [null, { extension: [note] }],
  },
  { family: 'シケン', given: ['ハナコ'] },
];
const note = { url: 'http://hl7.org/fhir/StructureDefinition/originalText', valueString: 'x' };
const quantity = (chance: Chance) => ({
  value: Math.round(chance() * 1000) / 10,
  unit: 'kg',
  system: 'http://unitsofmeasure.org',
  code: 'kg',
});
const common = (chance: Chance) => ({
  id: id(chance),
  meta: { versionId: '1', lastUpdated: instant(chance), tag: [{ system: 'https://hospital.test/tags', code: 'a' }] },
  language: 'ja',
  text: narrative(chance),
});
const organization = { resourceType: 'Organization', id: 'org', name: '試験の医院' };

const makers: readonly [Maker, ...Maker[]] = [
  (chance) => ({
    resourceType: 'Patient',
    ...common(chance),
    contained: [organization],
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: { city: '東京' } }],
    identifier: identifier(chance),
    active: chance() < 0.5,
    name: name(chance),
    telecom: [{ system: 'phone', value: '03-0000-0000', use: 'home', rank: 1 }],
    gender: oneOf(chance, ['male', 'female', 'other', 'unknown']),
    birthDate: date(chance),
    _birthDate: {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
          valueDateTime: '2020-02-29T01:02:03+09:00',
        },
      ],
    },
    ...(chance() < 0.5 ? { deceasedBoolean: false } : { deceasedDateTime: date(chance) }),
    address: [{ use: 'home', line: [text(chance)], city: '東京', postalCode: '100-0000', country: 'JP' }],
    maritalStatus: hl7('v3-MaritalStatus', 'M'),
    ...(chance() < 0.5 ? { multipleBirthInteger: 2 } : { multipleBirthBoolean: true }),
    contact: [{ relationship: [hl7('v2-0131', 'N')], name: { text: '試験 太郎' }, gender: 'male' }],
    communication: [{ language: concept('urn:ietf:bcp:47', 'ja'), preferred: true }],
    managingOrganization: { reference: '#org' },
    link: [{ other: reference('Patient', chance), type: 'seealso' }],
  }),
  (chance) => ({
    resourceType: 'Immunization',
    ...common(chance),
    identifier: identifier(chance),
    status: oneOf(chance, ['completed', 'entered-in-error']),
    vaccineCode: { ...concept('https://hospital.test/vaccines', 'v1'), text: text(chance) },
    patient: reference('Patient', chance),
    encounter: reference('Encounter', chance),
    ...(chance() < 0.5 ? { occurrenceDateTime: day(chance) } : { occurrenceString: text(chance) }),
    recorded: day(chance),
    primarySource: true,
    lotNumber: 'A1',
    expirationDate: day(chance),
    site: hl7('v3-ActSite', 'LA'),
    route: hl7('v3-RouteOfAdministration', 'IM'),
    doseQuantity: { value: 0.5, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' },
    performer: [{ function: hl7('v2-0443', 'AP'), actor: reference('Practitioner', chance) }],
    note: [{ authorString: 'a', time: instant(chance), text: text(chance) }],
    isSubpotent: false,
    education: [{ reference: 'https://hospital.test/leaflet' }],
    protocolApplied: [{ series: 's', doseNumberPositiveInt: 1 + Math.floor(chance() * 4) }],
  }),
  (chance) => ({
    resourceType: 'Observation',
    ...common(chance),
    identifier: identifier(chance),
    status: oneOf(chance, ['final', 'preliminary', 'amended']),
    category: [hl7('observation-category', oneOf(chance, ['laboratory', 'survey', 'exam']))],
    code: { coding: [{ system: 'https://hospital.test/items', code: 'i1', display: 'Item' }], text: text(chance) },
    subject: reference('Patient', chance),
    ...(chance() < 0.5
      ? { effectiveDateTime: instant(chance) }
      : { effectivePeriod: { start: '2020-01-01', end: '2020-01-02' } }),
    issued: instant(chance),
    performer: [reference('Practitioner', chance)],
    ...oneOf<JsonObject>(chance, [
      { valueQuantity: quantity(chance) },
      { valueString: text(chance) },
      { valueInteger: 3 },
      { valueCodeableConcept: { text: 'negative' } },
      { valueRatio: { numerator: { value: 1 }, denominator: { value: 2 } } },
      { valueRange: { low: { value: 1, unit: 'kg' }, high: { value: 2, unit: 'kg' } } },
    ]),
    interpretation: [hl7('v3-ObservationInterpretation', 'N')],
    note: [{ text: text(chance) }],
    referenceRange: [{ low: { value: 1 }, high: { value: 2 }, text: '1–2' }],
    component: [
      { code: { text: 'c' }, valueTime: '12:00:00' },
      { code: { text: 'd' }, dataAbsentReason: hl7('data-absent-reason', 'unknown') },
    ],
  }),
  (chance) => ({
    resourceType: 'Encounter',
    ...common(chance),
    identifier: identifier(chance),
    status: oneOf(chance, ['planned', 'finished', 'in-progress']),
    statusHistory: [{ status: 'planned', period: { start: '2020-01-01' } }],
    class: { system: `${terminology}/v3-ActCode`, code: 'AMB' },
    type: [{ text: text(chance) }],
    subject: reference('Patient', chance),
    participant: [{ type: [hl7('v3-ParticipationType', 'ATND')], individual: reference('Practitioner', chance) }],
    period: { start: '2020-01-01T09:00:00+09:00', end: '2020-01-01T10:00:00+09:00' },
    length: { value: 1, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' },
    diagnosis: [{ condition: reference('Condition', chance), rank: 1 }],
    location: [{ location: reference('Location', chance), status: 'completed' }],
  }),
  (chance) => ({
    resourceType: 'Consent',
    ...common(chance),
    identifier: identifier(chance),
    status: oneOf(chance, ['active', 'inactive']),
    scope: hl7('consentscope', 'patient-privacy'),
    category: [hl7('consentcategorycodes', 'hcd')],
    patient: reference('Patient', chance),
    dateTime: day(chance),
    policyRule: hl7('v3-ActCode', 'OPTIN'),
    verification: [{ verified: true, verificationDate: day(chance) }],
    provision: {
      type: 'permit',
      period: { start: '2020-01-01', end: '2030-01-01' },
      actor: [{ role: hl7('v3-ParticipationType', 'PRCP'), reference: reference('Organization', chance) }],
      action: [hl7('consentaction', 'access')],
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Immunization' }],
    },
  }),
  (chance) => ({
    resourceType: 'AllergyIntolerance',
    ...common(chance),
    clinicalStatus: hl7('allergyintolerance-clinical', 'active'),
    verificationStatus: hl7('allergyintolerance-verification', 'confirmed'),
    type: 'allergy',
    category: ['food'],
    criticality: 'low',
    code: { text: text(chance) },
    patient: reference('Patient', chance),
    onsetAge: { value: 3, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
    reaction: [{ manifestation: [{ text: 'rash' }], severity: 'mild', onset: day(chance) }],
  }),
  (chance) => ({
    resourceType: 'Condition',
    ...common(chance),
    clinicalStatus: hl7('condition-clinical', 'active'),
    verificationStatus: hl7('condition-ver-status', 'confirmed'),
    category: [hl7('condition-category', 'problem-list-item')],
    code: { text: text(chance) },
    subject: reference('Patient', chance),
    onsetDateTime: date(chance),
    recordedDate: day(chance),
    evidence: [{ code: [{ text: 'seen' }] }],
  }),
  (chance) => ({
    resourceType: 'MedicationRequest',
    ...common(chance),
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: text(chance) },
    subject: reference('Patient', chance),
    authoredOn: day(chance),
    requester: reference('Practitioner', chance),
    dosageInstruction: [
      {
        sequence: 1,
        timing: {
          repeat: {
            frequency: 3,
            period: 1,
            periodUnit: 'd',
            boundsDuration: { value: 7, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
          },
        },
        asNeededBoolean: false,
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }],
      },
    ],
    dispenseRequest: { numberOfRepeatsAllowed: 0, quantity: { value: 21 } },
  }),
  (chance) => ({
    resourceType: 'Appointment',
    ...common(chance),
    status: 'booked',
    start: '2024-05-01T09:00:00+09:00',
    end: '2024-05-01T09:15:00+09:00',
    minutesDuration: 15,
    participant: [{ actor: reference('Patient', chance), required: 'required', status: 'accepted' }],
  }),
  (chance) => ({
    resourceType: 'DocumentReference',
    ...common(chance),
    status: 'current',
    type: { text: text(chance) },
    subject: reference('Patient', chance),
    date: instant(chance),
    content: [{ attachment: { contentType: 'text/plain', data: 'eA==', title: 'x', creation: day(chance), size: 1 } }],
    context: { period: { start: '2020-01-01' } },
  }),
  (chance) => ({
    resourceType: 'RelatedPerson',
    ...common(chance),
    active: true,
    patient: reference('Patient', chance),
    relationship: [hl7('v3-RoleCode', 'MTH')],
    name: name(chance),
    gender: 'female',
    birthDate: date(chance),
    period: { start: '2020-01-01' },
  }),
  (chance) => {
    const [patient, immunization] = [makers[0], makers[1]].map((make) => (make ?? makers[0])(chance));
    const entries = [patient, immunization].filter(isObject);
    return {
      resourceType: 'Bundle',
      id: id(chance),
      type: 'collection',
      timestamp: instant(chance),
      entry: entries.map((resource) => ({
        fullUrl: `https://hospital.test/fhir/${resource.resourceType}/${resource.id}`,
        resource,
      })),
    };
  },
];
