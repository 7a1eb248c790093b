// What a caller may do, as plain values.
import { describe, expect, test } from 'vitest';
import { type Access, allow, directoryTypes, mayChooseId, reachOf, systemAccess } from '../../server/access/access.ts';
import { addedIdentifier, isOnlyOf } from '../../server/access/own-record.ts';
import { parseScopes } from '../../server/access/scopes.ts';
import { patientCompartmentParameters } from '../../server/fhir/definitions.ts';

const access = (scope: string, patient?: string): Access => ({
  client: 'test',
  grants: parseScopes(scope),
  ...(patient === undefined ? {} : { patient }),
});

describe('reachOf', () => {
  test.each<[string, string | undefined, Parameters<typeof reachOf>[1], string, string]>([
    ['system/*.cruds', undefined, 'read', 'Patient', 'all'],
    ['system/Patient.rs', undefined, 'read', 'Patient', 'all'],
    ['system/Patient.rs', undefined, 'read', 'Observation', 'none'],
    ['system/Patient.rs', undefined, 'create', 'Patient', 'none'],
    ['system/*.c', undefined, 'search', 'Patient', 'none'],
    ['patient/*.cruds', 'a', 'delete', 'Observation', 'patient'],
    ['patient/Observation.rs', 'a', 'read', 'Patient', 'none'],
    ['patient/*.cruds', undefined, 'read', 'Patient', 'none'],
    ['patient/*.rs system/Observation.rs', 'a', 'read', 'Observation', 'all'],
    ['patient/*.rs system/Observation.rs', 'a', 'read', 'Patient', 'patient'],
    ['', undefined, 'read', 'Patient', 'none'],
  ])('%s of %s: %s of %s is %s', (scope, patient, interaction, type, kind) => {
    expect(reachOf(access(scope, patient), interaction, type).kind).toBe(kind);
  });
});

describe('allow', () => {
  const own = access('patient/*.cruds', 'a');
  test.each<[string[], boolean]>([
    [['a'], true],
    [['b'], false],
    [['a', 'b'], false],
    [[], false],
  ])('a family writes into the compartments %j: %j', (patients, expected) => {
    expect(allow(own, 'create', 'Observation', patients)).toBe(expected);
  });
  test('a system client writes anywhere its scopes reach', () => {
    expect(allow(access('system/*.c'), 'create', 'Organization', [])).toBe(true);
    expect(allow(access('system/*.c'), 'update', 'Organization', [])).toBe(false);
  });
});

test('ids are chosen by those who create and update for a whole system', () => {
  expect(mayChooseId(access('system/*.cruds'), 'Patient')).toBe(true);
  expect(mayChooseId(access('system/*.c'), 'Patient')).toBe(false);
  expect(mayChooseId(access('patient/*.cruds', 'a'), 'Observation')).toBe(false);
  expect(mayChooseId(systemAccess('import'), 'Patient')).toBe(true);
});

test('no type of the shared directory is about a patient', () => {
  // A Schedule may be a patient's own; then it has an owner, and only those without one are shared.
  const inCompartment = [...directoryTypes].filter((type) => patientCompartmentParameters(type).length > 0);
  expect(inCompartment).toEqual(['Schedule']);
});

describe('a family and what is stored', () => {
  const observation = (reference: string) => ({ resourceType: 'Observation', subject: { reference } });
  test('is only its own when no other patient is in it', () => {
    expect(isOnlyOf('a', observation('Patient/a'))).toBe(true);
    expect(isOnlyOf('a', observation('Patient/b'))).toBe(false);
    expect(isOnlyOf('a', { ...observation('Patient/a'), performer: [{ reference: 'Patient/b' }] })).toBe(false);
  });

  const patient = (...identifier: object[]) => ({ resourceType: 'Patient', identifier });
  test.each<[string, object[], object[], string | undefined]>([
    ['none', [], [], undefined],
    ['the same', [{ system: 's', value: '1' }], [{ system: 's', value: '1' }], undefined],
    ['one less', [{ system: 's', value: '1' }], [], undefined],
    ['another use of the same', [{ system: 's', value: '1' }], [{ use: 'old', system: 's', value: '1' }], undefined],
    [
      'one more',
      [{ system: 's', value: '1' }],
      [
        { system: 's', value: '1' },
        { system: 's', value: '2' },
      ],
      'Patient.identifier[1]',
    ],
    ['another system', [{ system: 's', value: '1' }], [{ system: 't', value: '1' }], 'Patient.identifier[0]'],
    ['no system', [{ system: 's', value: '1' }], [{ value: '1' }], 'Patient.identifier[0]'],
  ])('adds identifiers: %s', (_, before, after, added) => {
    expect(addedIdentifier(patient(...before), patient(...after))).toBe(added);
  });
});
