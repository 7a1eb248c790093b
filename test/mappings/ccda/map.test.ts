// C-CDA documents to resources: what is taken, what is not, and by what it is found again.
import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it, test } from 'vitest';
import { ccdaFieldsOf, unnamedFields } from '../../../conformance/document-fields.ts';
import { mutations } from '../../../conformance/mutated-documents.ts';
import { ccdaFields } from '../../../mappings/ccda/fields.ts';
import { mapCcda } from '../../../mappings/ccda/map.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { exactNumber, parseJson } from '../../../server/fhir/json.ts';
import {
  allergy,
  ccda,
  dose,
  encounter,
  everySection,
  noKnownAllergy,
  quantityValue,
  result,
  section,
} from '../../support/samples/ccda.ts';
import { refusalsOf } from '../../support/valid.ts';

const number = { system: 'urn:oid:2.999.1', value: '000123' };

/** As the server will read them. */
function resourcesOf(bytes: Uint8Array, type: string): Record<string, unknown>[] {
  return mapCcda(bytes)
    .entries.map(({ resource }) => parseJson(JSON.stringify(resource)) as Record<string, unknown>)
    .filter(({ resourceType }) => resourceType === type);
}
const doses = (...entries: string[]) => resourcesOf(ccda([section('11369-6', entries)]), 'Immunization');
const problemsOf = (bytes: Uint8Array): string => mapCcda(bytes).problems.join(' ');
const first = (resource: Resource | undefined) =>
  (resource as { identifier: { value: string }[] }).identifier[0]?.value;

describe('mapCcda', () => {
  it('makes sound FHIR of one of everything, and says whose it is, which document and of when', () => {
    const { patient, entries, problems, message } = mapCcda(ccda(everySection));
    expect(patient).toEqual(number);
    expect(problems).toEqual([]);
    expect(message).toEqual({ id: 'urn:oid:2.999.2|doc-1', time: '2026-09-10T12:00:00+09:00' });
    expect(entries.map(({ resource }) => resource?.resourceType)).toEqual([
      'Immunization',
      'AllergyIntolerance',
      'AllergyIntolerance',
      'Condition',
      'MedicationStatement',
      'DiagnosticReport',
      'Observation',
      'Observation',
      'Procedure',
      'Encounter',
      'Condition',
      'DocumentReference',
    ]);
    for (const { resource } of entries) expect(refusalsOf(parseJson(JSON.stringify(resource)))).toEqual([]);
  });

  it('has a row in the table of fields for each of them', () => {
    expect(unnamedFields(ccdaFields, ccdaFieldsOf(ccda(everySection)))).toEqual([]);
  });

  it('keeps the document as it came, found again by all its versions together', () => {
    const bytes = ccda([], { setId: 'line-1' });
    const [document] = resourcesOf(bytes, 'DocumentReference');
    expect(document).toMatchObject({
      masterIdentifier: { system: 'urn:oid:2.999.2', value: 'doc-1' },
      description: '見本の記録',
      date: '2026-09-10T12:00:00+09:00',
      custodian: { display: '見本医院' },
      content: [
        { attachment: { contentType: 'text/xml', language: 'ja-JP', data: Buffer.from(bytes).toString('base64') } },
      ],
    });
    const later = mapCcda(ccda([], { setId: 'line-1', id: 'doc-2', time: '20260911' }));
    expect(later.entries[0]?.request).toEqual(mapCcda(bytes).entries[0]?.request);
    expect(mapCcda(ccda([], { id: 'doc-2' })).entries[0]?.request).not.toEqual(later.entries[0]?.request);
  });
});

describe('a dose', () => {
  it('has its product, lot, maker, amount, place, number and people', () => {
    expect(doses(dose())).toMatchObject([
      {
        status: 'completed',
        vaccineCode: {
          coding: [{ code: 'MR' }, { system: 'http://hl7.org/fhir/sid/cvx', code: '04', display: 'M/R' }],
          text: 'MRワクチン',
        },
        occurrenceDateTime: '2026-09-10',
        recorded: '2026-09-10T10:15:00+09:00',
        lotNumber: 'LOT-7',
        manufacturer: { display: '試験製薬' },
        doseQuantity: { value: exactNumber('0.50'), unit: 'mL', code: 'mL' },
        protocolApplied: [{ doseNumberPositiveInt: 2 }],
        note: [{ text: '泣かなかった' }],
        performer: [
          {
            actor: { type: 'Practitioner', identifier: { system: 'urn:oid:2.999.5', value: 'N1' }, display: '看護 花' },
          },
          { actor: { type: 'Organization', display: '見本医院' } },
        ],
      },
    ]);
  });

  it('that was refused is not done, for the reason told', () => {
    const reason = `<entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.53"/><code code="PATOBJ" codeSystem="2.16.840.1.113883.5.8" displayName="patient objection"/></observation></entryRelationship>`;
    expect(doses(dose(reason, 'moodCode="EVN" negationInd="true"'))).toMatchObject([
      { status: 'not-done', statusReason: { coding: [{ code: 'PATOBJ' }] } },
    ]);
  });

  it.each([
    ['says that nothing is known', dose('', 'moodCode="EVN" nullFlavor="NI"')],
    ['is planned', dose('', 'moodCode="INT"')],
    ['names no product', dose().replace(/<manufacturedMaterial>.*<\/manufacturedMaterial>/s, '')],
    ['has a status that nobody knows', dose().replace('"completed"', '"whatever"')],
  ])('that %s is none, and stays in the document', (_, entry) => {
    expect(doses(entry)).toEqual([]);
    expect(problemsOf(ccda([section('11369-6', [entry])]))).toBe(
      'Only in the document: 1 × vaccination that says not what was given or whether.',
    );
  });

  it('that was nullified is entered in error', () => {
    expect(doses(dose().replace('"completed"', '"nullified"'))).toMatchObject([{ status: 'entered-in-error' }]);
  });

  test.each([
    ['199911', '1999-11'],
    ['1999', '1999'],
    ['20260910', '2026-09-10'],
    ['20260910101500', '2026-09-10'],
    ['202609101015+0900', '2026-09-10T10:15:00+09:00'],
    ['20260910101500.250-0500', '2026-09-10T10:15:00.250-05:00'],
    ['2026091025+0900', '2026-09-10'],
  ])('given at %s was given %s', (value, time) => {
    expect(doses(dose().replace('effectiveTime value="20260910"', `effectiveTime value="${value}"`))).toMatchObject([
      { occurrenceDateTime: time },
    ]);
  });

  it('of a day that does not exist is of an unknown time', () => {
    expect(doses(dose().replace('effectiveTime value="20260910"', 'effectiveTime value="20260231"'))).toMatchObject([
      { occurrenceString: 'unknown' },
    ]);
  });
});

describe('what is found again', () => {
  const identifierOf = (bytes: Uint8Array) => first(mapCcda(bytes).entries[0]?.resource);

  it('is the same when a later document corrects it', () => {
    const before = ccda([section('11369-6', [dose()])]);
    const after = ccda([section('11369-6', [dose().replace('LOT-7', 'LOT-8').replaceAll('20260910', '20260911')])], {
      id: 'doc-2',
    });
    expect(identifierOf(before)).toBe(identifierOf(after));
  });

  it('is another for another patient and for another id', () => {
    const one = identifierOf(ccda([section('11369-6', [dose()])]));
    expect(
      first(
        mapCcda(ccda([section('11369-6', [dose()])]), { patient: { reference: 'Patient/x' } }).entries[0]?.resource,
      ),
    ).not.toBe(one);
    expect(identifierOf(ccda([section('11369-6', [dose('', undefined, 'dose-2')])]))).not.toBe(one);
  });

  it('is told apart where the sender gave two the same id, in whatever order they stand', () => {
    const two = [dose(), dose().replaceAll('20260910', '20261010')];
    const ids = (entries: string[]) =>
      mapCcda(ccda([section('11369-6', entries)]))
        .entries.slice(0, 2)
        .map(({ resource }) => first(resource));
    expect(new Set(ids(two)).size).toBe(2);
    expect(ids(two.toReversed())).toEqual(ids(two).toReversed());
  });
});

describe('allergies and problems', () => {
  const inSection = (code: string, entry: string, type: string) => resourcesOf(ccda([section(code, [entry])]), type);

  it('have their substance, kind, reaction and severity', () => {
    expect(inSection('48765-2', allergy, 'AllergyIntolerance')).toMatchObject([
      {
        clinicalStatus: { coding: [{ code: 'active' }] },
        type: 'allergy',
        category: ['food'],
        criticality: 'low',
        code: { coding: [{ code: '102263004' }] },
        onsetDateTime: '2026-08-01',
        recordedDate: '2026-08-02',
        reaction: [{ manifestation: [{ text: 'Hives' }], severity: 'moderate' }],
      },
    ]);
  });

  it('say that none is known, and not that there is one', () => {
    expect(inSection('48765-2', noKnownAllergy, 'AllergyIntolerance')).toMatchObject([
      { code: { coding: [{ code: '716186003' }] } },
    ]);
    const denied = allergy.replace('"OBS" moodCode="EVN">', '"OBS" moodCode="EVN" negationInd="true">');
    expect(inSection('48765-2', denied, 'AllergyIntolerance')).toMatchObject([
      { code: { coding: [{ code: '102263004' }] }, verificationStatus: { coding: [{ code: 'refuted' }] } },
    ]);
  });

  it('may be of a kind that only looks like something', () => {
    const odd = noKnownAllergy.replace('419199007', 'constructor');
    expect(inSection('48765-2', odd, 'AllergyIntolerance')).toEqual([]);
  });

  it('of a visit are its diagnoses', () => {
    const { entries } = mapCcda(ccda([section('46240-8', [encounter])]));
    expect(entries[0]?.resource).toMatchObject({
      class: { code: 'AMB' },
      period: { start: '2026-09-10' },
      location: [{ location: { display: '見本医院 小児科' } }],
      diagnosis: [{ condition: { reference: entries[1]?.fullUrl } }],
    });
    expect(entries[1]?.resource).toMatchObject({ category: [{ coding: [{ code: 'encounter-diagnosis' }] }] });
  });
});

describe('results', () => {
  const valueOfResult = (value: string, more?: string) =>
    resourcesOf(ccda([section('30954-2', [result(value, more)])]), 'Observation')[0];

  it.each([
    [
      quantityValue,
      {
        valueQuantity: { value: exactNumber('12.30'), unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
      },
    ],
    ['<value xsi:type="PQ" value="5" unit="錠"/>', { valueQuantity: { value: 5, unit: '錠' } }],
    ['<value xsi:type="INT" value="3"/>', { valueInteger: 3 }],
    ['<value xsi:type="REAL" value="1.50"/>', { valueQuantity: { value: exactNumber('1.50') } }],
    ['<value xsi:type="BL" value="true"/>', { valueBoolean: true }],
    ['<value xsi:type="ST">陰性</value>', { valueString: '陰性' }],
    [
      '<value xsi:type="CD" code="260385009" codeSystem="2.16.840.1.113883.6.96"/>',
      { valueCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '260385009' }] } },
    ],
    [
      '<value xsi:type="IVL_PQ"><low value="1" unit="g"/><high value="2" unit="g"/></value>',
      { valueRange: { low: { value: 1 }, high: { value: 2 } } },
    ],
    [
      '<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="8"/></value>',
      { valueRatio: { numerator: { value: 1 }, denominator: { value: 8 } } },
    ],
    ['<value xsi:type="TS" value="20260910"/>', { valueDateTime: '2026-09-10' }],
    ['<value xsi:type="PQ" nullFlavor="ASKU"/>', { dataAbsentReason: { coding: [{ code: 'asked-unknown' }] } }],
    ['<value xsi:type="PQ" value="many" unit="g"/>', { valueString: 'many' }],
  ])('%s is what it says', (value, expected) => {
    expect(valueOfResult(value)).toMatchObject(expected);
  });

  it('are of their category, with range and time, and in the report that holds them', () => {
    const { entries } = mapCcda(ccda([section('30954-2', [result(quantityValue)])]));
    expect(entries[0]?.resource).toMatchObject({
      resourceType: 'DiagnosticReport',
      result: [{ reference: entries[1]?.fullUrl }],
    });
    expect(valueOfResult(quantityValue)).toMatchObject({
      category: [{ coding: [{ code: 'laboratory' }] }],
      effectiveDateTime: '2026-09-10T09:30:00+09:00',
      referenceRange: [{ low: { value: 10.5 }, high: { value: exactNumber('14.0') } }],
    });
  });

  it('that are denied stay in the document', () => {
    expect(valueOfResult(quantityValue, 'negationInd="true"')).toBeUndefined();
  });
});

describe('who a document is about', () => {
  const role = (id: string) => `<recordTarget><patientRole>${id}</patientRole></recordTarget>`;

  it('decides the one who hands it in', () => {
    const { patient, entries } = mapCcda(ccda(everySection), { patient: { reference: 'Patient/hana' } });
    expect(patient).toEqual(number);
    expect(entries[0]?.resource).toMatchObject({ patient: { reference: 'Patient/hana' } });
  });

  it('is nobody without a number, and then nothing is taken', () => {
    const { patient, entries, problems } = mapCcda(ccda(everySection, { patient: role('<id nullFlavor="UNK"/>') }));
    expect([patient, entries, problems]).toEqual([undefined, [], ['The document gives no patient number.']]);
  });

  it('must be one person', () => {
    const two = role('<id root="2.999.1" extension="1"/>') + role('<id root="2.999.1" extension="2"/>');
    expect(() => mapCcda(ccda([], { patient: two }))).toThrow(/more than one person/);
  });

  it('is not the relative whom a statement or a section names', () => {
    const relative = '<subject><relatedSubject classCode="PRS"><code code="FTH"/></relatedSubject></subject>';
    expect(doses(dose(relative))).toEqual([]);
    const bytes = ccda([section('11369-6', [dose()], relative)]);
    expect(resourcesOf(bytes, 'Immunization')).toEqual([]);
    expect(problemsOf(bytes)).toBe('Only in the document: 1 × section about somebody else.');
  });

  it('never is told by a My Number', () => {
    expect(() => mapCcda(ccda([], { patient: role('<id root="2.999.1" extension="123456789018"/>') }))).toThrow(
      /My Number/,
    );
    expect(() => mapCcda(ccda([], { more: '<x>個人番号 123456789018</x>' }))).toThrow(/My Number/);
  });
});

describe('what a document may be', () => {
  it.each([
    ['a document of another namespace', '<ClinicalDocument xmlns="urn:x"/>'],
    ['other XML', '<svg/>'],
    ['no XML', 'hello'],
    [
      'a DOCTYPE',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ClinicalDocument xmlns="urn:hl7-org:v3">&e;</ClinicalDocument>',
    ],
  ])('is not %s', (_, text) => {
    expect(() => mapCcda(Buffer.from(text))).toThrow(UnreadableInput);
  });

  it('is restricted as a whole where it says so', () => {
    const bytes = Buffer.from(
      Buffer.from(ccda([section('11369-6', [dose()])]))
        .toString()
        .replace('confidentialityCode code="N"', 'confidentialityCode code="R"'),
    );
    for (const { resource } of mapCcda(bytes).entries) expect(resource?.meta?.security).toMatchObject([{ code: 'R' }]);
  });

  it('may have faults, and then is refused or still makes sound FHIR', () => {
    const { next } = mutations([Buffer.from(ccda(everySection)).toString()], 20260910);
    for (let n = 0; n < 150; n++) {
      try {
        for (const { resource } of mapCcda(next(), { patient: { reference: 'Patient/hana' } }).entries)
          expect(refusalsOf(parseJson(JSON.stringify(resource)))).toEqual([]);
      } catch (error) {
        if (!(error instanceof UnreadableInput)) throw error;
      }
    }
  });

  it('may refer to one great piece of narrative very often', () => {
    const entries = Array.from({ length: 3_000 }, (_, n) => dose('', undefined, `dose-${n}`));
    const great = `<paragraph ID="imm">${'x '.repeat(500_000)}</paragraph>`;
    const bytes = ccda([section('11369-6', entries).replace('<table>', `${great}<table>`)]);
    const started = performance.now();
    mapCcda(bytes);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
