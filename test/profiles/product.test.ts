// What the product itself writes and answers keeps to the profiles: records of hospitals, pharmacies and municipalities as they are
// mapped, forecasts and plans, relations, deliveries, the log, and the family of the demo.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { mapJahis } from '../../mappings/jahis/map.ts';
import { mapMyna } from '../../mappings/myna/map.ts';
import { contactResource } from '../../server/access/protection.ts';
import { auditEvent } from '../../server/audit/audit-event.ts';
import * as messages from '../../server/demo/messages.ts';
import * as people from '../../server/demo/people.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { makePlan } from '../../server/forecast/plan/make-plan.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import { recordChanges } from '../../server/intake/delivered-record.ts';
import { forecastAnswer } from '../../server/operations/immds.ts';
import { planBundle } from '../../server/operations/plan-answer.ts';
import { relatedPerson } from '../../server/relations/person-link.ts';
import { suspensionFlag, taskOf } from '../../server/relations/tasks.ts';
import type { StoredRelation } from '../../server/store/relations.ts';
import { hasJpCore, jpCoreFolder, profiles, unmet } from './guide.ts';

/** What of the profile each resource does not keep; there has to be one. */
function faults(id: string, resources: readonly unknown[]): string[] {
  const profile = profiles.find((one) => one.id === id);
  if (profile === undefined || resources.length === 0) return [`nothing to hold against ${id}`];
  return resources.flatMap((one) => unmet(one as JsonObject, profile));
}

const target = { reference: 'Patient/p1' };
const newborn = { number: '0000055501', ideographic: '試験^花子', phonetic: 'シケン^ハナコ', birthDate: '2025-09-20' };
const options = { institution: '1319999991', patient: target };
const isOf = (type: string) => (one: { resource?: { resourceType: string } }) => one.resource?.resourceType === type;
const resourcesOf = (type: string, entries: readonly { resource?: { resourceType: string } }[]) =>
  entries.filter(isOf(type)).map(({ resource }) => resource);

describe('records of other systems', () => {
  test('a vaccination of a hospital, HL7 v2.5', () => {
    const dose = ['ＢＣＧ', 'TEST-BCG-1', '20270930'] as const;
    const { entries } = mapHl7(messages.vaccination('20260325000001', newborn, '20260325143000', dose), options);
    expect(faults('immunization', resourcesOf('Immunization', entries))).toEqual([]);
  });

  test('an admission, HL7 v2.5', () => {
    const { entries } = mapHl7(messages.admission('20250920000001', newborn, '20250920094200'), options);
    expect(faults('encounter', resourcesOf('Encounter', entries))).toEqual([]);
  });

  test('a prescription, HL7 v2.5', () => {
    const text = [
      'MSH|^~\\&|HIS001|SEND|GW|RCV|20260915101500||RDE^O11^RDE_O11|1|P|2.5',
      'PID|0001||0000055501^^^^PI||TEST^HANAKO',
      'ORC|NW|000000000000311||000000000000311_01_001|||||20260915101000|||110^DOCTOR^ICHIRO',
      'RXE||100607002^TEST SYRUP^HOT9|1||ML^mL^MR9P|||||15|ML^mL^MR9P|||||||3^ML&mL&MR9P',
      'TQ1|1||1013044400000000&AFTER MEALS^^JAMISDP01|||5^d|20260915',
      'RXR|PO^ORAL^HL70162',
    ];
    const { entries } = mapHl7(Buffer.from(text.map((line) => `${line}\r`).join('')), options);
    expect(faults('medication-request', resourcesOf('MedicationRequest', entries))).toEqual([]);
  });

  test('a medication notebook, JAHIS', () => {
    const { entries } = mapJahis(messages.notebook(), target);
    expect(faults('notebook-dispense', resourcesOf('MedicationDispense', entries))).toEqual([]);
    const more = Buffer.from(
      'JAHISTC08,2\r\n1,SHIKEN HANAKO,2,R070920\r\n3,OTC TEST,R080212,,2,1\r\n4,MEMO,R080212,2\r\n',
    );
    const others = mapJahis(more, target).entries;
    expect(faults('medication-statement', resourcesOf('MedicationStatement', others))).toEqual([]);
    expect(faults('notice', resourcesOf('Communication', others))).toEqual([]);
  });

  test('the vaccination history of a municipality', () => {
    const entries = mapMyna(messages.vaccinationHistory(), { patient: target }).flatMap(({ record }) => record.entries);
    expect(faults('immunization', resourcesOf('Immunization', entries))).toEqual([]);
  });

  test('and where they came from', () => {
    const delivery = {
      id: '019a0000-0000-7000-8000-000000000001',
      client: 'c1',
      organization: 'o1',
      record: '{"resourceType":"Bundle","type":"transaction","entry":[]}',
      source: 'urn:oid:2.999',
      number: '1',
      contentType: 'text/plain',
      original: Buffer.from('x'),
      digest: Buffer.alloc(32),
    };
    expect(faults('delivery-provenance', [recordChanges(delivery, 'p1').provenance.resource])).toEqual([]);
  });
});

/** JP Core's own examples and those of the guides on top of it: what hospitals send. */
describe.runIf(hasJpCore)('examples of JP Core, JP-CLINS, eCheckup and ePrescription keep to our profiles', () => {
  const ofType: Readonly<Record<string, string>> = {
    Patient: 'patient',
    Organization: 'organization',
    Practitioner: 'practitioner',
    PractitionerRole: 'practitioner-role',
    Location: 'location',
    MedicationRequest: 'medication-request',
    MedicationDispense: 'medication-dispense',
    MedicationStatement: 'medication-statement',
    Encounter: 'encounter',
    DocumentReference: 'document-reference',
  };
  /** What they lack, and why we ask for it all the same. */
  const lacking: Readonly<Record<string, string[]>> = {
    // Part of a document; by itself it would be in nobody's record.
    'Example-JP-DocRef-eCS-clinical-ccourse-Referral01': ['DocumentReference.subject: fewer than 1'],
    // The least that JP Core allows: a number alone. A family's record has a name.
    'Example-JP-Patient-minimun': ['Patient.name: fewer than 1', 'tsumugi-pat-1'],
  };
  const place = new URL('../examples/', jpCoreFolder);
  const files = hasJpCore ? readdirSync(place, { recursive: true, encoding: 'utf8' }) : [];
  const sent = files
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, place), 'utf8')) as JsonObject)
    .filter(({ resourceType }) => String(resourceType) in ofType);

  test.each(sent.map((one) => [`${one.resourceType}/${one.id}`, one] as const))('%s', (_, one) => {
    // A warning for those that documents contain.
    const found = faults(ofType[String(one.resourceType)] ?? '', [one]).filter((fault) => fault !== 'tsumugi-enc-1');
    expect(found).toEqual(lacking[String(one.id)] ?? []);
  });
});

describe('the planner', () => {
  const patient = { resourceType: 'Patient', id: 'p1', birthDate: '2025-09-20', gender: 'female' } as const;
  const immunizations = ['2025-11-21', '2025-11-25', '2025'].map((occurrenceDateTime, n) => ({
    resourceType: 'Immunization' as const,
    id: `i${n}`,
    status: 'completed' as const,
    patient: target,
    vaccineCode: { coding: [{ system: 'https://tsumugi.example/fhir/CodeSystem/vaccine', code: 'DPT-IPV-Hib' }] },
    occurrenceDateTime,
  }));

  test.each(['2025-10-01', '2026-11-22', '2031-04-02', '2040-01-01'])('answers on %s', (assessmentDate) => {
    const { parameter = [] } = JSON.parse(String(forecastAnswer({ patient, immunizations, assessmentDate })));
    expect(faults('immunization-recommendation', resourcesOf('ImmunizationRecommendation', parameter))).toEqual([]);
    expect(faults('immunization-evaluation', resourcesOf('ImmunizationEvaluation', parameter))).toEqual([]);
  });

  test('plans', () => {
    const schedule = japaneseSchedule();
    const input = { birthDate: '2025-09-20', assessmentDate: '2025-11-01', sex: 'female' as const, doses: [] };
    const plan = makePlan(input, schedule, { open: ['mon', 'fri'], avoid: [], pins: [] });
    const recommendation = { resourceType: 'ImmunizationRecommendation', id: 'r1', patient: target } as never;
    const { entry = [] } = planBundle({ patientId: 'p1', schedule, plan, recommendation, changes: undefined });
    expect(faults('planned-visit', resourcesOf('Appointment', entry))).toEqual([]);
  });
});

describe('relations', () => {
  const now = '2026-11-01T00:00:00.000Z';
  const relation = {
    id: 'x',
    person: 'Person/m1',
    patient: 'p1',
    basis: 'guardian',
    status: 'active',
    relatedPerson: 'RelatedPerson/r1',
    starts: now,
    ends: 'infinity',
  } as const satisfies StoredRelation;

  test('the relation itself, and the address of a protected family', () => {
    const made = relatedPerson('p1', { relationship: 'MTH', isActive: true, since: now });
    const address = [{ country: 'JP', postalCode: '100-0000', text: '東京都見本市試験町１−２−３' }];
    const kept = contactResource('p1', { address, telecom: [], extension: [] });
    expect(faults('related-person', [made, kept])).toEqual([]);
  });

  test('tasks and the flag', () => {
    const tasks = (['end-relation', 'review-suspension'] as const).map((matter) =>
      taskOf(matter, relation, Date.parse(now)),
    );
    expect(faults('relation-task', tasks)).toEqual([]);
    expect(faults('protection-flag', [suspensionFlag(relation, now)])).toEqual([]);
  });
});

test.each(['read', 'search', 'forecast', 'login-failed', 'break-glass'])('the log: %s', (interaction) => {
  const entry = {
    ...{ xid: '1', id: '1', at: '2026-10-01T01:02:03.000Z', outcome: 0 as const, request: 'q', interaction },
    client: 'app Practitioner/d1 Organization/o1 TREAT',
    patient: { id: 'p1', key: 'k' },
    type: 'Immunization',
    data: undefined,
    place: { at: '', id: '1' },
  } as const;
  const reader = { language: 'ja', isFamily: true, base: 'https://phr.example/fhir' } as const;
  expect(faults('audit-event', [auditEvent(entry, new Map(), reader)])).toEqual([]);
});

test('the family and the institutions of the demo', () => {
  expect(faults('mother', [people.mother])).toEqual([]);
  expect(faults('child', [people.child])).toEqual([]);
  expect(faults('related-person', [people.motherOf('Patient/p1')])).toEqual([]);
  expect(faults('organization', [people.hospital, people.clinic, people.pharmacy])).toEqual([]);
});

test('and what does not keep to a profile is found', () => {
  const { birthDate: _, ...unborn } = people.child;
  expect(faults('child', [unborn])).toContain('Patient.birthDate: fewer than 1');
  expect(faults('planned-visit', [{ resourceType: 'Appointment', status: 'booked' }])).toContain(
    'Appointment.status: not as fixedCode has it',
  );
});
