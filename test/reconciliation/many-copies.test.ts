// A record that an app has written a thousand times over costs no more than it is worth: what is said of it grows with it, not with
// its square.

import type { Immunization } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import type { Decision } from '../../server/reconciliation/types.ts';
import { vaccinationEvents } from '../../server/reconciliation/vaccinations/vaccinations.ts';

const copies = 1000;
const dose = (n: number, of: Partial<Immunization>): Immunization => ({
  resourceType: 'Immunization',
  id: String(n),
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '20' }] },
  patient: { reference: 'Patient/1' },
  occurrenceDateTime: '2026-01-01',
  lotNumber: 'A1',
  ...of,
});

const each = (of: (n: number) => Partial<Immunization>): Immunization[] =>
  Array.from({ length: copies }, (_, n) => dose(n, of(n)));

const inRow: Decision[] = Array.from({ length: copies - 1 }, (_, n) => ({
  ...{ one: `Immunization/${n}`, other: `Immunization/${n + 1}` },
  verdict: 'same',
}));

test.each([
  ['of one sender, by one identifier', each(() => ({ identifier: [{ system: 'urn:x', value: '1' }] })), []],
  ['of as many senders', each((n) => ({ meta: { source: `urn:${n}` } })), []],
  ['that a person has joined', each(() => ({})), inRow],
] as const)('copies %s', (_, records, decisions) => {
  const events = vaccinationEvents(records, decisions);
  expect(events.flatMap(({ members }) => members).toSorted()).toHaveLength(copies);
  const said = events.reduce((sum, { pairs, possible }) => sum + pairs.length + possible.length, 0);
  expect(said).toBeLessThan(copies * 40);
});
