// FHIR documents, messages and collections to the record of one person: what is taken, how references are said, whose it is.
import { describe, expect, it, test } from 'vitest';
import { fhirFieldsOf, unnamedFields } from '../../../conformance/document-fields.ts';
import { mutations } from '../../../conformance/mutated-documents.ts';
import { fhirDocumentFields } from '../../../mappings/fhir-document/fields.ts';
import { mapFhirBundle } from '../../../mappings/fhir-document/map.ts';
import { oneIdentifier, recordTypes, subjectElement } from '../../../mappings/fhir-document/record-types.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { elementsOf, patientCompartmentParameters, searchParametersOf } from '../../../server/fhir/definitions.ts';
import { type JsonObject, parseJson } from '../../../server/fhir/json.ts';
import { refusalsOf } from '../../support/valid.ts';

const OID = 'urn:oid:1.2.392.100495.20.3.51.11318814790';
const INSTANCE = 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier';
const patient = {
  resourceType: 'Patient',
  id: 'p',
  identifier: [
    { system: 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID', value: '00012345:あ:1:05' },
    { system: OID, value: '000123' },
  ],
  name: [{ text: '試験 花子' }],
};
const hospital = {
  resourceType: 'Organization',
  id: 'h',
  meta: { lastUpdated: '2026-01-01T00:00:00Z', profile: ['http://example.org/p'] },
  identifier: [{ system: 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no', value: '1318814790' }],
  name: '見本病院',
};
const doctor = {
  resourceType: 'PractitionerRole',
  id: 'd',
  practitioner: { reference: 'urn:uuid:pr' },
  organization: { reference: 'urn:uuid:h' },
};
const practitioner = { resourceType: 'Practitioner', id: 'pr', name: [{ text: '医師 一郎' }] };
const composition = {
  resourceType: 'Composition',
  identifier: { system: INSTANCE, value: 'c-1' },
  status: 'final',
  type: { coding: [{ system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes', code: '57133-1' }] },
  subject: { reference: 'urn:uuid:p', display: '試験 花子' },
  date: '2026-09-10',
  author: [{ reference: 'urn:uuid:d' }],
  custodian: { reference: 'urn:uuid:h' },
  title: '診療情報提供書',
  section: [{ entry: [{ reference: 'urn:uuid:o' }] }],
};
const observation = {
  resourceType: 'Observation',
  id: 'o',
  meta: { versionId: '3', profile: ['http://example.org/p'], tag: [{ code: 't' }] },
  identifier: [{ system: INSTANCE, value: 'o-1' }],
  status: 'final',
  code: { text: 'Hb' },
  subject: { reference: 'urn:uuid:p' },
  performer: [{ reference: 'urn:uuid:d' }],
  valueQuantity: { value: 12.3 },
};

type Resource = { resourceType: string; id?: string; [element: string]: unknown };
type Sent = { fullUrl?: string; resource: object };
const entry = (resource: Resource): Sent => ({
  fullUrl: `urn:uuid:${resource.id ?? 'c'}`,
  resource,
});
const bundle = (resources: readonly Resource[], more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'document',
  identifier: { system: 'http://jpfhir.jp/fhir/clins/bundle-identifier', value: 'b-1' },
  timestamp: '2026-09-10T12:00:00+09:00',
  entry: resources.map(entry),
  ...more,
});
const bytes = (content: object, from = '', to = ''): Uint8Array =>
  Buffer.from(JSON.stringify(content).replace(from, to));
const everything = [composition, patient, hospital, doctor, practitioner, observation];
const map = (content: object, options = {}) => mapFhirBundle(bytes(content), options);
const taken = (content: object, type: string): JsonObject[] =>
  map(content, { patient: { reference: 'Patient/hana' } })
    .entries.map(({ resource }) => parseJson(JSON.stringify(resource)) as JsonObject)
    .filter(({ resourceType }) => resourceType === type);
const identifierOf = ([resource]: JsonObject[]) =>
  (resource?.identifier as { value: string }[] | undefined)?.[0]?.value;

describe('mapFhirBundle', () => {
  it('takes the resources of the record and the document, never the Patient in it', () => {
    const { patient: whose, entries, problems, message } = map(bundle(everything));
    expect(whose).toEqual({ system: OID, value: '000123' });
    expect(message).toEqual({
      id: 'http://jpfhir.jp/fhir/clins/bundle-identifier|b-1',
      time: '2026-09-10T12:00:00+09:00',
    });
    expect(problems).toEqual([]);
    expect(entries.map(({ resource }) => resource?.resourceType)).toEqual([
      'Composition',
      'Observation',
      'DocumentReference',
    ]);
    for (const { resource } of entries) expect(refusalsOf(parseJson(JSON.stringify(resource)))).toEqual([]);
  });

  it('has a row in the table of fields for each of them', () => {
    expect(unnamedFields(fhirDocumentFields, fhirFieldsOf(bundle(everything)))).toEqual([]);
  });

  it("says references as they hold here, with what is nobody's record inside", () => {
    const { entries } = map(bundle(everything));
    const [made, value] = entries.map(({ resource }) => parseJson(JSON.stringify(resource)) as JsonObject);
    expect(made).toMatchObject({
      subject: { reference: `Patient?identifier=${OID}|000123` },
      section: [{ entry: [{ reference: entries[1]?.fullUrl }] }],
    });
    const inside = value?.contained as JsonObject[];
    expect(inside.map(({ resourceType }) => resourceType).toSorted()).toEqual([
      'Organization',
      'Practitioner',
      'PractitionerRole',
    ]);
    const role = inside.find(({ resourceType }) => resourceType === 'PractitionerRole');
    expect(value?.performer).toEqual([{ reference: `#${role?.id}` }]);
    expect(JSON.stringify(inside)).not.toContain('urn:uuid');
    expect(value).toMatchObject({ meta: { tag: [{ code: 't' }] } });
    expect(JSON.stringify(value)).not.toMatch(/versionId|example\.org\/p|lastUpdated/);
  });

  it('keeps decimals as they came, and what a document gives for a file', () => {
    const text = JSON.stringify(bundle(everything)).replace('12.3', '12.300');
    const { entries } = mapFhirBundle(Buffer.from(text));
    expect(JSON.stringify(entries[1]?.resource)).toContain('"value":12.300');
    const binary = { resourceType: 'Binary', id: 'bin', contentType: 'text/plain', data: 'aGFuYQ==' };
    const report = {
      resourceType: 'DiagnosticReport',
      id: 'r',
      status: 'final',
      code: { text: 'x' },
      presentedForm: [{ contentType: 'text/plain', url: 'urn:uuid:bin' }],
    };
    expect(taken(bundle([...everything, binary, report]), 'DiagnosticReport')).toMatchObject([
      { subject: { reference: 'Patient/hana' }, presentedForm: [{ contentType: 'text/plain', data: 'aGFuYQ==' }] },
    ]);
  });

  it('keeps a reference that leads out of the document as words', () => {
    const out = {
      ...observation,
      encounter: { reference: 'Encounter/7' },
      specimen: { reference: 'urn:uuid:nowhere' },
    };
    expect(taken(bundle([composition, patient, hospital, doctor, practitioner, out]), 'Observation')).toMatchObject([
      {
        encounter: { type: 'Encounter', identifier: { value: 'Encounter/7' } },
        specimen: { identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:nowhere' } },
      },
    ]);
  });

  it('resolves relative references by addresses, and by ids where the addresses are none', () => {
    const relative = {
      ...observation,
      subject: { reference: 'Patient/p' },
      performer: [{ reference: 'Organization/h/_history/2' }],
    };
    expect(
      taken(bundle([composition, patient, hospital, doctor, practitioner, relative]), 'Observation'),
    ).toMatchObject([
      { subject: { reference: 'Patient/hana' }, contained: [{ resourceType: 'Organization', name: '見本病院' }] },
    ]);
  });

  it('leaves what is about rights, lists and traces in the document, and says so', () => {
    const consent = { resourceType: 'Consent', id: 'x', status: 'active' };
    const { entries, problems } = map(bundle([...everything, consent]));
    expect(JSON.stringify(entries.slice(0, 2))).not.toContain('Consent');
    expect(problems).toEqual(['Only in the original: 1 Consent.']);
  });
});

describe('what is of a record', () => {
  it('is in the compartment of a Patient, says whose it is, and can be found by an identifier', () => {
    for (const type of recordTypes) {
      expect([type, patientCompartmentParameters(type).length > 0]).toEqual([type, true]);
      expect([type, elementsOf(type).has(subjectElement(type))]).toEqual([type, true]);
      expect([type, searchParametersOf(type).some(({ code }) => code === 'identifier')]).toEqual([type, true]);
      expect([type, (elementsOf(type).get('identifier')?.max ?? 0) === 1]).toEqual([type, oneIdentifier.has(type)]);
    }
  });

  it('is not about a device, a place or a group', () => {
    const location = { resourceType: 'Location', id: 'l', name: '病棟' };
    const about = { ...observation, id: 'o2', subject: { reference: 'urn:uuid:l' } };
    const { entries, problems } = map(bundle([...everything, location, about]));
    expect(entries.filter(({ resource }) => resource?.resourceType === 'Observation')).toHaveLength(1);
    expect(problems).toEqual(['Only in the original: 1 Location, 1 Observation.']);
  });

  it('is of the subject of the document where it names nobody', () => {
    const nobody = { ...observation, subject: { display: '本人' } };
    expect(taken(bundle([composition, patient, hospital, doctor, practitioner, nobody]), 'Observation')).toMatchObject([
      { subject: { reference: 'Patient/hana' } },
    ]);
  });
});

describe('what is found again', () => {
  it('is the same in another document, by the identifier of its sender', () => {
    const later = bundle(
      [composition, patient, hospital, doctor, practitioner, { ...observation, id: 'other', status: 'amended' }],
      { identifier: { system: 'urn:x', value: 'b-2' } },
    );
    expect(identifierOf(taken(later, 'Observation'))).toBe(identifierOf(taken(bundle(everything), 'Observation')));
  });

  it('is another in a document that its sender did not name, unless the document is the same', () => {
    const unnamed = (title: string) => {
      const anonymous = { ...observation, identifier: undefined };
      const nameless = { ...composition, identifier: undefined, title };
      return bundle([nameless, patient, hospital, doctor, practitioner, anonymous], { identifier: undefined });
    };
    for (const type of ['Observation', 'DocumentReference']) {
      expect(identifierOf(taken(unnamed('一'), type))).toBe(identifierOf(taken(unnamed('一'), type)));
      expect(identifierOf(taken(unnamed('一'), type))).not.toBe(identifierOf(taken(unnamed('二'), type)));
    }
  });

  it('is another where another hospital uses the same number', () => {
    const other = JSON.parse(JSON.stringify(bundle(everything)).replaceAll('1318814790', '1310000002'));
    expect(identifierOf(taken(other, 'Observation'))).not.toBe(identifierOf(taken(bundle(everything), 'Observation')));
  });

  it('is told apart where a sender gave several the same identifiers', () => {
    const two = taken(bundle([...everything, { ...observation, id: 'o2' }]), 'Observation');
    expect(new Set(two.map((one) => identifierOf([one]))).size).toBe(2);
    const prescribed = (id: string) => ({
      resourceType: 'MedicationRequest',
      id,
      identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.81', value: '1' }],
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { text: id },
      subject: { reference: 'urn:uuid:p' },
    });
    const requests = taken(bundle([...everything, prescribed('m1'), prescribed('m2')]), 'MedicationRequest');
    expect(new Set(requests.map((one) => identifierOf([one]))).size).toBe(2);
  });
});

describe('who a Bundle is about', () => {
  test.each([
    ['two Patients', bundle([...everything, { ...patient, id: 'p2' }])],
    [
      'a Patient inside another resource',
      bundle([...everything, { ...observation, id: 'o2', contained: [{ ...patient, id: 'x' }] }]),
    ],
    ['a Patient elsewhere', bundle([...everything, { ...observation, id: 'o2', subject: { reference: 'Patient/7' } }])],
    [
      'a condition that finds one',
      bundle([...everything, { ...observation, id: 'o2', subject: { reference: 'Patient?name=x' } }]),
    ],
    [
      'a number of another',
      bundle([
        ...everything,
        { ...observation, id: 'o2', subject: { type: 'Patient', identifier: { system: OID, value: '9' } } },
      ]),
    ],
    [
      'another subject than its Patient',
      bundle([{ ...composition, subject: { reference: 'Patient/7' } }, ...everything.slice(1)]),
    ],
  ])('is not %s', (_, content) => {
    expect(() => map(content)).toThrow(UnreadableInput);
  });

  it('may be said by number', () => {
    const numbered = { ...observation, subject: { type: 'Patient', identifier: { system: OID, value: '000123' } } };
    expect(
      taken(bundle([composition, patient, hospital, doctor, practitioner, numbered]), 'Observation'),
    ).toMatchObject([{ subject: { reference: 'Patient/hana' } }]);
  });

  it('may be one Patient that is not sent along, when who hands it in says who that is', () => {
    const content = bundle(
      [{ ...observation, performer: [], subject: { reference: 'https://example.org/fhir/Patient/7' } }],
      { type: 'collection' },
    );
    expect(map(content)).toMatchObject({
      patient: undefined,
      entries: [],
      problems: [expect.stringContaining('no patient number')],
    });
    expect(taken(content, 'Observation')).toMatchObject([{ subject: { reference: 'Patient/hana' } }]);
  });

  it('is not told by the number that all hospitals share, but with the hospital', () => {
    const old = {
      ...patient,
      identifier: [{ system: 'http://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID', value: '77' }],
    };
    expect(map(bundle([composition, old, hospital, doctor, practitioner, observation])).patient).toEqual({
      system: OID,
      value: '77',
    });
    const nowhere = { ...composition, author: [{ display: 'x' }], custodian: undefined };
    expect(map(bundle([nowhere, old])).patient).toBeUndefined();
  });

  it('never is told by a My Number', () => {
    const numbered = { ...patient, identifier: [{ system: 'urn:x', value: '123456789018' }] };
    expect(() => map(bundle([composition, numbered]))).toThrow(/My Number/);
  });
});

describe('a message', () => {
  const header = {
    resourceType: 'MessageHeader',
    id: 'm-1',
    eventUri: 'urn:event',
    source: { endpoint: 'http://example.org' },
    focus: [{ reference: 'urn:uuid:o' }],
  };

  it('gives its resources, and no document', () => {
    const { entries, message } = map(
      bundle([header, patient, hospital, doctor, practitioner, observation], { type: 'message' }),
    );
    expect(entries.map(({ resource }) => resource?.resourceType)).toEqual(['Observation']);
    expect(message?.id).toBe('m-1');
  });

  it('that answers another tells nothing', () => {
    const answer = { ...header, response: { identifier: 'x', code: 'ok' } };
    expect(() => map(bundle([answer, patient], { type: 'message' }))).toThrow(/answer/);
  });
});

describe('what a Bundle may be', () => {
  const deep = (levels: number): string => `${'{"extension":['.repeat(levels)}${']}'.repeat(levels)}`;
  it.each([
    ['a searchset', JSON.stringify(bundle([], { type: 'searchset' }))],
    ['a document without its Composition', JSON.stringify(bundle([patient]))],
    ['an entry without a resource', JSON.stringify(bundle([], { entry: [{}] }))],
    ['a resource of no known type', JSON.stringify(bundle([], { entry: [{ resource: { resourceType: 'Dream' } }] }))],
    ['no JSON', '{"resourceType":'],
    ['other XML', '<svg/>'],
    ['a DOCTYPE', '<!DOCTYPE Bundle><Bundle xmlns="http://hl7.org/fhir"/>'],
    ['nested very deep', JSON.stringify(bundle(everything)).replace('"text":"Hb"', `"x":${deep(50_000)}`)],
  ])('is not %s', (_, text) => {
    expect(() => mapFhirBundle(Buffer.from(text))).toThrow(UnreadableInput);
  });

  it('may be XML', () => {
    const xml = `<Bundle xmlns="http://hl7.org/fhir"><identifier><system value="urn:x"/><value value="1"/></identifier><type value="collection"/>
      <entry><resource><Patient><identifier><system value="urn:x"/><value value="7"/></identifier></Patient></resource></entry>
      <entry><resource><Observation><status value="final"/><code><text value="Hb"/></code><valueQuantity><value value="1.50"/></valueQuantity></Observation></resource></entry></Bundle>`;
    const { patient: whose, entries } = mapFhirBundle(Buffer.from(xml));
    expect(whose).toEqual({ system: 'urn:x', value: '7' });
    expect(JSON.stringify(entries[0]?.resource)).toContain('"value":1.50');
  });

  it('may have faults, and then is refused with a reason or mapped', () => {
    const { next } = mutations([JSON.stringify(bundle(everything))], 20260910);
    for (let n = 0; n < 500; n++) {
      try {
        mapFhirBundle(next());
      } catch (error) {
        if (!(error instanceof UnreadableInput)) throw error;
      }
    }
  });

  it('may not multiply: many resources that each take in many', () => {
    const chain = Array.from({ length: 500 }, (_, n) => ({
      resourceType: 'Organization',
      id: `h${n}`,
      name: 'x',
      partOf: { reference: `urn:uuid:h${n + 1}` },
    }));
    const many = Array.from({ length: 500 }, (_, n) => ({
      ...observation,
      id: `o${n}`,
      performer: [{ reference: 'urn:uuid:h0' }],
    }));
    expect(() => map(bundle([composition, patient, hospital, doctor, practitioner, ...chain, ...many]))).toThrow(
      /refer to each other/,
    );
  });
});
