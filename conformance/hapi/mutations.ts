// Ways to break a valid resource, one at a time. Each says what it is, and changes the resource it is given; false where it finds
// nothing to break in it.
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { type Chance, oneOf } from './samples.ts';

export type Mutation = { kind: string; apply: (resource: JsonObject, chance: Chance) => boolean };

type Place = { owner: JsonObject; name: string; value: unknown };
type Wanted = (place: Place) => boolean;

/** Changes one of the members that fit. */
function at(kind: string, wanted: Wanted, change: (place: Place, chance: Chance) => void): Mutation {
  return {
    kind,
    apply(resource, chance) {
      const [first, ...more] = placesIn(resource).filter(wanted);
      if (first === undefined) return false;
      change(oneOf(chance, [first, ...more]), chance);
      return true;
    },
  };
}

/** The same value for every member of some name. */
const named = (kind: string, names: readonly string[], value: unknown): Mutation =>
  at(
    kind,
    ({ name, owner }) => names.includes(name) && owner.resourceType !== 'Organization',
    ({ owner, name }) => {
      owner[name] = value as never;
    },
  );

function onResource(kind: string, types: readonly string[], change: (resource: JsonObject) => void): Mutation {
  return {
    kind,
    apply(resource) {
      if (!types.includes(String(resource.resourceType))) return false;
      change(resource);
      return true;
    },
  };
}

const isText: Wanted = ({ value, name }) => typeof value === 'string' && !['resourceType', 'div', 'url'].includes(name);
const isList: Wanted = ({ value, name }) => Array.isArray(value) && isObject(value[0]) && name !== 'contained';
const isOne: Wanted = ({ value, name }) => isObject(value) && !name.startsWith('_') && name !== 'resource';

const REQUIRED = [
  'status',
  'code',
  'vaccineCode',
  'patient',
  'class',
  'scope',
  'category',
  'intent',
  'content',
  'participant',
  'type',
  'div',
];
const DATES = [
  'birthDate',
  'recorded',
  'expirationDate',
  'authoredOn',
  'recordedDate',
  'dateTime',
  'effectiveDateTime',
  'start',
  'end',
  'issued',
  'lastUpdated',
  'date',
  'timestamp',
];
const everyType = [
  'Patient',
  'Immunization',
  'Observation',
  'Encounter',
  'Consent',
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'Appointment',
  'DocumentReference',
  'RelatedPerson',
];

export const mutations: readonly [Mutation, ...Mutation[]] = [
  at(
    'a required member is left out',
    ({ name, owner }) => REQUIRED.includes(name) && (name !== 'type' || 'other' in owner),
    ({ owner, name }) => {
      delete owner[name];
    },
  ),
  at(
    'a member that does not exist',
    ({ owner }) => !('url' in owner),
    ({ owner }) => {
      owner.favourite = 'x';
    },
  ),
  at('a text where an object belongs', isOne, ({ owner, name }) => {
    owner[name] = 'x';
  }),
  at('an object where a text belongs', isText, ({ owner, name }) => {
    owner[name] = { value: 'x' };
  }),
  at('a number where a text belongs', isText, ({ owner, name }) => {
    owner[name] = 5;
  }),
  at(
    'a text where a number or boolean belongs',
    ({ value }) => typeof value === 'number' || typeof value === 'boolean',
    ({ owner, name, value }) => {
      owner[name] = String(value);
    },
  ),
  at('one value where a list belongs', isList, ({ owner, name, value }) => {
    owner[name] = (value as never[])[0] as never;
  }),
  at('a list where one value belongs', isOne, ({ owner, name, value }) => {
    owner[name] = [value as never];
  }),
  at('an empty list', isList, ({ owner, name }) => {
    owner[name] = [];
  }),
  at('an empty object', isOne, ({ owner, name }) => {
    owner[name] = {};
  }),
  at('an empty text', isText, ({ owner, name }) => {
    owner[name] = '';
  }),
  at('null', isText, ({ owner, name }) => {
    owner[name] = null;
  }),
  named('a month that does not exist', DATES, '2024-13-01'),
  named('a day that does not exist', DATES, '2023-02-29'),
  named(
    'a time without an offset',
    ['issued', 'lastUpdated', 'start', 'end', 'recorded', 'effectiveDateTime', 'time'],
    '2024-01-01T10:00:00',
  ),
  named('an hour of 25', ['issued', 'lastUpdated', 'start', 'time'], '2024-01-01T25:00:00Z'),
  named('a code with spaces around', ['status', 'gender', 'intent', 'use'], ' final '),
  named('a code outside its required value set', ['status', 'gender', 'intent', 'use', 'criticality'], 'neverheard'),
  named('an id with characters that ids do not have', ['id'], 'a b/c'),
  named('a system with a space', ['system'], 'https://hospital.test/a b'),
  named('a relative system', ['system'], 'tags'),
  at(
    'text that is no base64',
    ({ name }) => name === 'data',
    ({ owner, name }) => {
      owner[name] = '&&&';
    },
  ),
  named('a positive number of 0', ['rank', 'doseNumberPositiveInt', 'minutesDuration', 'sequence'], 0),
  named('a whole number with a fraction', ['rank', 'minutesDuration', 'multipleBirthInteger', 'valueInteger'], 1.5),
  named('a reference to a type that is not allowed', ['patient', 'subject', 'encounter', 'requester'], {
    reference: 'Medication/x',
  }),
  named('a reference that is none', ['patient', 'subject', 'encounter'], { reference: 'a b c' }),
  named('a reference to a contained resource that is not there', ['patient', 'subject', 'encounter', 'actor'], {
    reference: '#nowhere',
  }),
  onResource('two values of a choice', ['Patient', 'Immunization', 'Observation'], (resource) => {
    Object.assign(resource, choices[String(resource.resourceType)]);
  }),
  onResource('contained and referred to by nothing', everyType, (resource) => {
    resource.contained = [{ resourceType: 'Device', id: 'alone' }];
  }),
  onResource('contained with a version', ['Patient'], ({ contained }) => {
    if (Array.isArray(contained) && isObject(contained[0])) contained[0].meta = { versionId: '1' };
  }),
  onResource('contained in contained', ['Patient'], ({ contained }) => {
    if (Array.isArray(contained) && isObject(contained[0]))
      contained[0].contained = [{ resourceType: 'Device', id: 'deep' }];
  }),
  onResource('an extension with a value and extensions', everyType, (resource) => {
    resource.extension = [
      { url: 'https://hospital.test/e', valueString: 'x', extension: [{ url: 'a', valueString: 'x' }] },
    ];
  }),
  onResource('an extension with neither', everyType, (resource) => {
    resource.extension = [{ url: 'https://hospital.test/e' }];
  }),
  onResource('an extension without a url', everyType, (resource) => {
    resource.extension = [{ valueString: 'x' }];
  }),
  onResource('an extension of the wrong type', everyType, (resource) => {
    resource.language = 'ja';
    resource._language = {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueString: 'unknown' }],
    };
  }),
  onResource('an extension where it may not stand', ['Observation', 'Encounter', 'Consent'], (resource) => {
    resource.extension = [
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '2020-01-01' },
    ];
  }),
  onResource('a modifier extension that nobody knows', everyType, (resource) => {
    resource.modifierExtension = [{ url: 'https://hospital.test/not', valueBoolean: true }];
  }),
  named('a period that ends before it starts', ['period', 'effectivePeriod'], {
    start: '2024-02-01',
    end: '2024-01-01',
  }),
  at(
    'a unit code without its system',
    ({ name, owner }) => name === 'system' && 'unit' in owner,
    ({ owner }) => {
      delete owner.system;
    },
  ),
  at(
    'a unit that UCUM does not have',
    ({ name, owner }) => name === 'code' && 'unit' in owner,
    ({ owner }) => {
      owner.code = 'kilogramme';
    },
  ),
  at(
    'a code that its code system does not have',
    ({ name, owner }) => name === 'code' && String(owner.system).startsWith('http://terminology.hl7.org/'),
    ({ owner }) => {
      owner.code = 'neverheard';
    },
  ),
  named(
    'a narrative with a script',
    ['div'],
    '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>',
  ),
  named('a narrative with an event', ['div'], '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()">x</p></div>'),
  named('a narrative of white space', ['div'], '<div xmlns="http://www.w3.org/1999/xhtml"> </div>'),
  named('a narrative that is no XML', ['div'], '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>'),
  named('a narrative without a namespace', ['div'], '<div>x</div>'),
  onResource('a contact without a name or address', ['Patient'], (resource) => {
    resource.contact = [{ gender: 'female' }];
  }),
  onResource('a value and the reason for its absence', ['Observation'], (resource) => {
    resource.dataAbsentReason = { text: 'none' };
    for (const name of Object.keys(resource)) if (/^value/.test(name)) delete resource[name];
    resource.valueString = 'x';
  }),
  onResource('a reference range with no limit', ['Observation'], (resource) => {
    resource.referenceRange = [{ appliesTo: [{ text: 'all' }] }];
  }),
  onResource('no status for a confirmed allergy', ['AllergyIntolerance'], (resource) => {
    delete resource.clinicalStatus;
  }),
  onResource('a status for a condition entered in error', ['Condition'], (resource) => {
    resource.verificationStatus = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }],
    };
  }),
  onResource('an end that nothing in the status knows of', ['Condition'], (resource) => {
    resource.abatementDateTime = '2024';
  }),
  onResource('a consent to no policy', ['Consent'], (resource) => {
    delete resource.policyRule;
  }),
  onResource('a start without an end', ['Appointment'], (resource) => {
    delete resource.end;
  }),
  onResource('a period of timing without its unit', ['MedicationRequest'], (resource) => {
    resource.dosageInstruction = [{ timing: { repeat: { frequency: 1, period: 1 } } }];
  }),
  onResource('a negative period of timing', ['MedicationRequest'], (resource) => {
    resource.dosageInstruction = [{ timing: { repeat: { frequency: 1, period: -1, periodUnit: 'd' } } }];
  }),
  onResource('two entries with one fullUrl', ['Bundle'], ({ entry }) => {
    if (Array.isArray(entry)) entry.push(structuredClone(entry[0]) as never);
  }),
  onResource('a request in a collection', ['Bundle'], ({ entry }) => {
    if (Array.isArray(entry) && isObject(entry[0])) entry[0].request = { method: 'GET', url: 'Patient' };
  }),
  onResource('a total of a collection', ['Bundle'], (resource) => {
    resource.total = 2;
  }),
  onResource('a fullUrl of another id', ['Bundle'], ({ entry }) => {
    if (Array.isArray(entry) && isObject(entry[0])) entry[0].fullUrl = 'https://hospital.test/fhir/Patient/other';
  }),
  onResource('an entry of an unknown type', ['Bundle'], ({ entry }) => {
    if (Array.isArray(entry))
      entry.push({ fullUrl: 'https://hospital.test/fhir/Dragon/1', resource: { resourceType: 'Dragon', id: '1' } });
  }),
  onResource('a type that FHIR does not have', everyType, (resource) => {
    resource.resourceType = 'Dragon';
  }),
  at(
    'a list of extensions longer than its values',
    ({ name }) => name === 'given',
    ({ owner }) => {
      owner._given = [null, null, null, { id: 'x' }];
    },
  ),
  at(
    'a uuid that is none',
    ({ value }) => typeof value === 'string' && value.startsWith('urn:uuid:'),
    ({ owner, name }) => {
      owner[name] = 'urn:uuid:1';
    },
  ),
  at(
    'a whole uri that is none',
    ({ value }) => typeof value === 'string' && value.startsWith('urn:uuid:'),
    ({ owner, name }) => {
      owner[name] = 'no uri';
    },
  ),
  named('a language that is none', ['language'], 'not a language'),
];

const choices: Record<string, JsonObject> = {
  Patient: { deceasedBoolean: false, deceasedDateTime: '2024' },
  Immunization: { occurrenceDateTime: '2024', occurrenceString: 'x' },
  Observation: { valueString: 'x', valueBoolean: true },
};

/** Every member of every object in a value. */
function placesIn(value: unknown): Place[] {
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => [{ owner: value, name, value: one }, ...placesIn(one)]);
}
