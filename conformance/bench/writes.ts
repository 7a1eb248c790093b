// Creates, updates and transactions, each validated, indexed, audited and durable.
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { child, familyTransaction, identifierOf, identifierSystem, immunization } from './families.ts';
import type { BenchRequest } from './load.ts';
import { entries, post, shuffled, unless } from './requests.ts';
import type { Seed } from './seed.ts';
import type { Workload } from './workload.ts';

const transactionDoses = 30;
const transactionMeasurements = 10;
/** Becomes another value with every request. */
const newIdentifier = 'BENCH-%SERIAL%';

export function writes({ families, others }: Seed): Workload[] {
  const doses = others.map(({ id, n }) => JSON.stringify(immunization(n, n % 30, `Patient/${id}`)));
  const patients = others.map(({ n }) => JSON.stringify(identified(n, newIdentifier)));
  const transactions = Array.from({ length: 40 }, (_, n) =>
    familyTransaction(10_000 + n, transactionDoses, transactionMeasurements),
  );
  return [
    {
      name: 'create',
      resources: 1,
      requests: doses.map((body) => post('/fhir/Immunization', body)),
      beside: { what: 'floor', requests: () => doses.map((body) => post('/create', storedForm(body))) },
      asked: { ratio: 0.4, perSecond: 1000 },
      medplum: { perSecond: 175, cpuMs: 7.4, aim: 8 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Immunization"'), 'not an Immunization'),
    },
    {
      name: 'create-patient',
      resources: 1,
      requests: patients.map((body) => post('/fhir/Patient', body)),
      beside: { what: 'floor', requests: () => patients.map((body) => post('/create', storedForm(body))) },
      asked: {},
      medplum: { perSecond: 262, cpuMs: 5.5, aim: 5 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Patient"'), 'not a Patient'),
    },
    {
      name: 'create-conditional',
      resources: 1,
      // Turns of one that is there and one that is not.
      requests: shuffled(families).flatMap(({ n }) => [unlessThere(n, identifierOf(n)), unlessThere(n, newIdentifier)]),
      asked: {},
      medplum: { perSecond: 28, cpuMs: 47.7, aim: 50 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Patient"'), 'not a Patient'),
    },
    {
      name: 'update',
      resources: 1,
      requests: others.slice(0, 1000).map(({ id, n }) => updateOf(id, n)),
      asked: {},
      medplum: { perSecond: 191, cpuMs: 8.3, aim: 6 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Patient"'), 'not a Patient'),
    },
    {
      name: 'transaction',
      resources: 1 + transactionDoses + transactionMeasurements,
      requests: transactions.map((body) => post('/fhir', body)),
      beside: {
        what: 'floor',
        requests: (bytes) => transactions.map((body) => post(`/transaction/${bytes}`, linesOf(body))),
      },
      asked: { ratio: 0.4, perSecond: Math.ceil(2500 / 41) },
      medplum: { perSecond: 4.9, cpuMs: 278, aim: 25 },
      fault: (answer) => entries(answer, 1 + transactionDoses + transactionMeasurements),
    },
  ];
}

const identified = (n: number, value: string): Patient => ({
  ...child(n),
  identifier: [{ system: identifierSystem, value }],
});

const unlessThere = (n: number, value: string): BenchRequest => ({
  ...post('/fhir/Patient', JSON.stringify(identified(n, value))),
  ifNoneExist: `identifier=${identifierSystem}|${value}`,
});

/** Changes a number in the Patient, and nothing that is searched for. */
function updateOf(id: string, n: number): BenchRequest {
  const body = JSON.stringify({ ...child(n), id, multipleBirthInteger: 0 });
  const changing = body.replace('"multipleBirthInteger":0', '"multipleBirthInteger":%VERSION%');
  return { method: 'PUT', path: `/fhir/Patient/${id}`, body: changing, ifMatch: 1 };
}

/** The text with the id and meta that the server adds, so that the floor stores as much. */
function storedForm(body: string): string {
  const { resourceType, ...rest } = JSON.parse(body);
  const meta = { versionId: '1', lastUpdated: '2026-04-01T00:00:00.000Z' };
  return JSON.stringify({ resourceType, id: '00000000-0000-8000-8000-000000000000', meta, ...rest });
}

function linesOf(bundle: string): string {
  const { entry } = JSON.parse(bundle) as Bundle;
  return (entry ?? []).map(({ resource }) => storedForm(JSON.stringify(resource))).join('\n');
}
