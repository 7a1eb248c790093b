// Scope text. SMART App Launch 2.2, "Scopes for requesting clinical data"
import { describe, expect, test } from 'vitest';
import { parseScopes } from '../../server/access/scopes.ts';

const parse = (scope: string) => parseScopes(scope, (name) => ['Patient', 'Observation'].includes(name));
const words = (scope: string) =>
  parse(scope).map(({ context, type, interactions }) => `${context} ${type} ${[...interactions]}`);

describe('parseScopes', () => {
  test.each([
    ['system/*.cruds', ['system * create,read,update,delete,search']],
    ['patient/Observation.rs', ['patient Observation read,search']],
    ['system/Patient.c', ['system Patient create']],
    ['patient/*.read', ['patient * read,search']],
    ['patient/Patient.write', ['patient Patient create,update,delete']],
    ['system/*.*', ['system * create,read,update,delete,search']],
    ['  patient/Patient.r   system/Observation.s ', ['patient Patient read', 'system Observation search']],
    ['', []],
  ])('%j', (scope, grants) => {
    expect(words(scope)).toEqual(grants);
  });

  test.each([
    'Patient.rs',
    'patient/Patienten.rs',
    'patient/Patient.sr',
    'patient/Patient.',
    'patient/Patient.rr',
    'patient/Patient',
    'patient/*.rs?category=x',
    'launch/patient',
    'system/*.cruds,patient/*.rs',
    'system/__proto__.rs',
  ])('%j is refused, and named', (scope) => {
    expect(() => parse(scope)).toThrow(scope);
  });
});
