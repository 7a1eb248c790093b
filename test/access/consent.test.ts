// The table of decision 11, "Consents": each element of a provision, which Consents count, and what exceptions come to.
import { describe, expect, test } from 'vitest';
import { breakGlassPolicy, permissionsOfConsents } from '../../server/access/consent.ts';
import { everyLabel } from '../../server/access/labels.ts';
import { related } from '../../server/access/related.ts';
import type { JsonObject } from '../../server/fhir/json.ts';

const terminology = 'http://terminology.hl7.org/CodeSystem';
const coding = (system: string, code: string) => ({ system: `${terminology}/${system}`, code });
const actor = (reference: string, role = 'IRCP') => ({
  role: { coding: [coding('v3-ParticipationType', role)] },
  reference: { reference },
});
const clinic = 'Organization/clinic';
const levels = (...codes: string[]) => codes.map((code) => coding('v3-Confidentiality', code));
const sensitivities = (...codes: string[]) => codes.map((code) => coding('v3-ActCode', code));
const [R, V, PSY, SDV, HIV] = [1, 2, 4, 8, 16];
const everySensitivity = 124;

const consent = (provision: object, more: object = {}): JsonObject => ({
  resourceType: 'Consent',
  id: 'one',
  status: 'active',
  scope: { coding: [coding('consentscope', 'patient-privacy')] },
  patient: { reference: 'Patient/child' },
  dateTime: '2026-11-01',
  policy: [{ uri: 'https://profiles.ihe.net/ITI/PCF/Policy-basic-normal' }],
  provision: { type: 'permit', actor: [actor(clinic)], ...provision },
  ...more,
});
const stored = (resource: JsonObject, updated = '2026-11-02T00:00:00Z') => ({ resource, updated });
const permissions = (...consents: JsonObject[]) =>
  permissionsOfConsents(consents.map((one) => stored(one))).map(({ permission }) => permission);
const said = (...consents: JsonObject[]) =>
  permissions(...consents).map(({ denies, grantee, level = 0 }) => `${denies ? 'deny' : 'permit'} ${grantee} ${level}`);
const always = { starts: '-infinity', ends: 'infinity' };
const normalOnly = { normal: true, labels: 0 };

test('a plain permission is for level N and gives no right to write', () => {
  expect(permissions(consent({}))).toEqual([
    { basis: 'consent', grantee: clinic, patient: 'child', ...always, ...normalOnly },
  ]);
});

describe('what counts', () => {
  test.each<[string, JsonObject]>([
    ['inactive', consent({}, { status: 'inactive' })],
    ['proposed', consent({}, { status: 'proposed' })],
    ['entered in error', consent({}, { status: 'entered-in-error' })],
    ['of another scope', consent({}, { scope: { coding: [coding('consentscope', 'research')] } })],
    ['without a patient', consent({}, { patient: undefined })],
    ['without a provision', consent({}, { provision: undefined })],
    ['without an actor', consent({ actor: undefined })],
    ['with actors of other roles', consent({ actor: [actor(clinic, 'AUT')] })],
    ['for somebody who is no grantee', consent({ actor: [actor('RelatedPerson/aunt'), actor('Group/all')] })],
  ])('nothing is said by one that is %s', (_, one) => expect(permissions(one)).toEqual([]));

  test('each grantee has what is said', () => {
    const actors = [clinic, 'Practitioner/doctor', 'Person/aunt', clinic].map((one) => actor(one));
    expect(said(consent({ actor: actors }))).toEqual([
      'permit Organization/clinic 0',
      'permit Practitioner/doctor 0',
      'permit Person/aunt 0',
    ]);
  });

  test('a RelatedPerson stands for the login behind it', () => {
    const one = consent({
      actor: [actor('RelatedPerson/aunt')],
      provision: [{ type: 'deny', actor: [actor('RelatedPerson/aunt')] }],
    });
    const found = permissionsOfConsents([stored(one)], new Map([['RelatedPerson/aunt', 'Person/aunt']]));
    expect(found.map(({ permission }) => permission.grantee)).toEqual(['Person/aunt', 'Person/aunt']);
  });

  const deny = { type: 'deny' };
  test.each<[string, JsonObject[], string[]]>([
    ['the later one', [consent(deny, { dateTime: '2026-11-02' }), consent({})], ['deny Organization/clinic 0']],
    [
      'the later one of a day with times',
      [consent({}, { dateTime: '2026-11-01T09:00:00+09:00' }), consent(deny, { dateTime: '2026-11-01T00:00:01Z' })],
      ['deny Organization/clinic 0'],
    ],
    ['of the same time the one stored last', [consent({}), consent(deny)], ['deny Organization/clinic 0']],
    [
      'one without a time counts from when it was stored',
      [consent(deny, { dateTime: undefined }), consent({})],
      ['deny Organization/clinic 0'],
    ],
    [
      'another policy stands beside it',
      [consent({}), consent(deny, { policy: [{ uri: 'urn:other' }] })],
      ['permit Organization/clinic 0', 'deny Organization/clinic 0'],
    ],
    [
      'another grantee stands beside it',
      [consent({}), consent({ ...deny, actor: [actor('Organization/other')] })],
      ['permit Organization/clinic 0', 'deny Organization/other 0'],
    ],
    [
      'what is taken from one grantee is left to the others',
      [consent({ actor: [actor(clinic), actor('Organization/other')] }), consent(deny)],
      ['permit Organization/other 0', 'deny Organization/clinic 0'],
    ],
    [
      'an older one counts when the newer is over',
      [consent({}), consent(deny, { status: 'inactive' })],
      ['permit Organization/clinic 0'],
    ],
    [
      'a permit of two policies ends with one of them, a denial with both',
      [
        consent({}, { policy: [{ uri: 'urn:a' }, { uri: 'urn:b' }] }),
        consent(deny, { policy: [{ uri: 'urn:c' }, { uri: 'urn:b' }] }),
        consent({ actor: [actor(clinic)] }, { policy: [{ uri: 'urn:b' }] }),
      ],
      ['deny Organization/clinic 0', 'permit Organization/clinic 0'],
    ],
  ])('%s', (_, consents, expected) => expect(said(...consents)).toEqual(expected));
});

describe('an element of a provision', () => {
  const entry = 'Encounter/visit';
  test.each<[string, provision: object, expected: object[]]>([
    [
      'period of days: the last one included, in Japan',
      { period: { start: '2026-11-01', end: '2027-12-31' } },
      [{ starts: '2026-10-31T15:00:00.000Z', ends: '2027-12-31T15:00:00.000Z' }],
    ],
    ['period of a month', { period: { end: '2027-02' } }, [{ starts: '-infinity', ends: '2027-02-28T15:00:00.000Z' }]],
    [
      'period of instants: the end not included',
      { period: { start: '2026-11-01T00:00:00Z', end: '2026-11-01T01:00:00Z' } },
      [{ starts: '2026-11-01T00:00:00.000Z', ends: '2026-11-01T01:00:00.000Z' }],
    ],
    [
      'purpose',
      { purpose: [coding('v3-ActReason', 'TREAT'), { system: 'urn:other', code: 'BTG' }] },
      [{ purposes: ['TREAT'] }],
    ],
    ['purpose that is none of ours', { purpose: [{ system: 'urn:other', code: 'TREAT' }] }, [{ purposes: [] }]],
    [
      'dataPeriod',
      { dataPeriod: { start: '2026-04-01', end: '2026-04-30' } },
      [{ dataFrom: '2026-03-31T15:00:00.000Z', dataUntil: '2026-04-30T15:00:00.000Z' }],
    ],
    ['dataPeriod with no start', { dataPeriod: { end: '2026-03' } }, [{ dataUntil: '2026-03-31T15:00:00.000Z' }]],
    ['securityLabel N', { securityLabel: levels('N') }, [{ normal: true, labels: 0 }]],
    ['securityLabel R alone', { securityLabel: levels('R') }, [{ normal: false, labels: R | everySensitivity }]],
    ['securityLabel N and V', { securityLabel: levels('N', 'V') }, [{ normal: true, labels: V | everySensitivity }]],
    [
      'a sensitivity names R',
      { securityLabel: sensitivities('PSY', 'HIV') },
      [{ normal: false, labels: R | PSY | HIV }],
    ],
    [
      'a sensitivity and V',
      { securityLabel: [...levels('V'), ...sensitivities('SDV')] },
      [{ normal: false, labels: R | V | SDV }],
    ],
    ['a label of another system', { securityLabel: [{ system: 'urn:x', code: 'R' }] }, [{ normal: false, labels: 0 }]],
    [
      'data of an instance',
      { data: [{ meaning: 'instance', reference: { reference: entry } }] },
      [{ instances: [entry] }],
    ],
    [
      'related data',
      { data: [{ meaning: 'related', reference: { reference: entry } }] },
      [{ instances: [entry], marks: related(entry) }],
    ],
    [
      'data authored by an organization',
      { data: [{ meaning: 'authoredby', reference: { reference: clinic } }] },
      [{ authors: [clinic] }],
    ],
    [
      'several data: each is a way',
      {
        data: [
          { meaning: 'instance', reference: { reference: entry } },
          { meaning: 'authoredby', reference: { reference: clinic } },
        ],
      },
      [{ instances: [entry] }, { authors: [clinic] }],
    ],
    ['data of another meaning', { data: [{ meaning: 'dependents', reference: { reference: entry } }] }, []],
    ['class', { class: [coding('x', 'y')] }, []],
    ['code', { code: [{ text: 'x' }] }, []],
    ['action', { action: [{ text: 'x' }] }, []],
    ['an extension that changes the meaning', { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] }, []],
  ])('permit: %s', (_, provision, expected) => {
    expect(permissions(consent(provision))).toEqual(
      expected.map((more) => ({
        ...{ basis: 'consent', grantee: clinic, patient: 'child', ...always, ...normalOnly },
        ...more,
      })),
    );
  });

  const everything = { normal: true, labels: everyLabel };
  test.each<[string, provision: object, expected: object]>([
    ['without a label everything', {}, everything],
    ['securityLabel N', { securityLabel: levels('N') }, { normal: true, labels: 0 }],
    [
      'securityLabel R and PSY',
      { securityLabel: [...levels('R'), ...sensitivities('PSY')] },
      { normal: false, labels: R | PSY },
    ],
    ['a label that no entry has', { securityLabel: [{ system: 'urn:x', code: 'R' }] }, everything],
    [
      'class is ignored',
      { class: [coding('x', 'y')], period: { end: '2027' } },
      { ...everything, ends: '2027-12-31T15:00:00.000Z' },
    ],
    [
      'data of another meaning is ignored',
      { data: [{ meaning: 'dependents', reference: { reference: entry } }] },
      everything,
    ],
    ['a type that is missing denies', { type: undefined }, everything],
  ])('deny: %s', (_, provision, expected) => {
    expect(permissions(consent({ type: 'deny', ...provision }))).toEqual([
      { basis: 'consent', grantee: clinic, patient: 'child', denies: true, ...always, ...expected },
    ]);
  });
});

describe('an exception', () => {
  const nested = (root: object, ...provision: object[]) => said(consent({ ...root, provision }));
  test.each<[string, string[], string[]]>([
    [
      'denies in a permit',
      nested({}, { type: 'deny' }),
      ['permit Organization/clinic 0', 'deny Organization/clinic 1'],
    ],
    [
      'permits in a denial',
      nested({ type: 'deny' }, { type: 'permit' }),
      ['deny Organization/clinic 0', 'permit Organization/clinic 1'],
    ],
    [
      'is for the actors that it names',
      nested({}, { type: 'deny', actor: [actor('Practitioner/doctor')] }),
      ['permit Organization/clinic 0', 'deny Practitioner/doctor 1'],
    ],
    ['has no effect where the root has none', nested({ class: [coding('x', 'y')] }, { type: 'permit' }), []],
    [
      'that is not understood does not permit',
      nested({ type: 'deny' }, { type: 'permit', code: [{ text: 'x' }] }),
      ['deny Organization/clinic 0'],
    ],
    [
      'of a permitting exception is not understood',
      nested({ type: 'deny' }, { type: 'permit', provision: [{ type: 'deny' }] }),
      ['deny Organization/clinic 0'],
    ],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected));
});

describe('policies that close the record', () => {
  test.each(['Policy-deny', 'Policy-break-glass-only'])('%s permits nothing and leaves break-glass its way', (name) => {
    const policy = [{ uri: `https://profiles.ihe.net/ITI/PCF/${name}` }];
    expect(permissions(consent({}, { policy }))).toEqual([]);
    const provision = [{ type: 'permit', securityLabel: levels('N') }];
    expect(permissions(consent({ type: 'deny', provision }, { policy }))).toEqual([
      {
        ...{ basis: 'break-glass', grantee: clinic, patient: 'child', denies: true },
        ...{ ...always, normal: true, labels: everyLabel },
      },
    ]);
    const denied = consent({ provision: [{ type: 'deny', securityLabel: levels('N') }] }, { policy });
    expect(said(denied)).toEqual(['permit Organization/clinic 2', 'deny Organization/clinic 1']);
  });
});

describe('break-glass', () => {
  const glass = (provision: object, uri = breakGlassPolicy) =>
    consent(
      {
        actor: [actor('Practitioner/doctor'), actor(clinic)],
        period: { start: '2026-11-23T00:00:00.000Z', end: '2026-11-23T00:30:00.000Z' },
        purpose: [coding('v3-ActReason', 'BTG')],
        ...provision,
      },
      { policy: [{ uri }] },
    );
  test('is the clinician’s: N, R without SDV and never V', () => {
    expect(permissions(glass({ securityLabel: levels('V') }))).toEqual([
      {
        ...{ basis: 'break-glass', grantee: 'Practitioner/doctor', patient: 'child' },
        ...{ starts: '2026-11-23T00:00:00.000Z', ends: '2026-11-23T00:30:00.000Z' },
        ...{ normal: true, labels: R | (everySensitivity & ~SDV) },
      },
    ]);
  });
  test.each<[string, object, string[]]>([
    [
      'ends after 30 minutes whatever it says',
      { start: '2026-11-23T00:00:00.000Z', end: '2027' },
      ['2026-11-23T00:30:00.000Z'],
    ],
    [
      'ends after 30 minutes where it says nothing',
      { start: '2026-11-23T00:00:00.000Z' },
      ['2026-11-23T00:30:00.000Z'],
    ],
    ['is none without a start', { end: '2027' }, []],
  ])('%s', (_, period, ends) => {
    expect(permissions(glass({ period })).map((one) => one.ends)).toEqual(ends);
  });
  test('is not made by a purpose alone', () => {
    expect(permissions(glass({}, 'urn:other'))).toEqual([]);
  });
});
