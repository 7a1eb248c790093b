// What is measured: for each workload the prepared requests, what stands beside it, and what a right answer looks like.
import type { Bundle, Parameters } from '@medplum/fhirtypes';
import { assessmentDate, child, familyTransaction, identifierOf, identifierSystem, immunization } from './families.ts';
import type { BenchRequest } from './load.ts';
import { familySize, type Seed } from './seed.ts';

export type Workload = {
  name: string;
  /** Resources read or written by a request. */
  resources: number;
  requests: BenchRequest[];
  /** What is asked once, to look at the answer; else the first of `requests`. */
  look?: BenchRequest;
  /** What takes turns with it: the floor, or another workload of the server itself. */
  beside?: { what: 'floor' | 'read'; requests(oursBytes: number): BenchRequest[] };
  /** The ratio and the figures that are asked of it on an undisturbed machine. */
  asked: { ratio?: number; perSecond?: number; p99Ms?: number; firstByteMs?: number };
  /** One connection alone, where the time of a single answer is the question. */
  connections?: number;
  /** What is wrong with an answer; undefined: nothing. */
  fault(answer: string): string | undefined;
};

const transactionDoses = 30;
const transactionMeasurements = 10;

/** In the order in which they run: those that write come last, and leave the families as they are. */
export function workloads({ families, others, longRecord }: Seed): Workload[] {
  const patients = [...families, ...others];
  const reads = patients.map((id) => get(`/fhir/Patient/${id}`));
  const creates = others.map((id, n) => JSON.stringify(immunization(families.length + n, n % 30, `Patient/${id}`)));
  const transactions = Array.from({ length: 40 }, (_, n) =>
    familyTransaction(10_000 + n, transactionDoses, transactionMeasurements),
  );
  return [
    {
      name: 'read',
      resources: 1,
      requests: shuffled(reads),
      beside: { what: 'floor', requests: () => shuffled(patients.map((id) => get(`/read/${id}`))) },
      asked: { ratio: 0.6, perSecond: 3000, p99Ms: 25 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Patient"'), 'not a Patient'),
    },
    {
      name: 'identifier',
      resources: 1,
      requests: shuffled(
        patients.map((_, n) =>
          get(`/fhir/Patient?identifier=${encodeURIComponent(`${identifierSystem}|${identifierOf(n)}`)}`),
        ),
      ),
      beside: { what: 'read', requests: () => shuffled(reads) },
      asked: { ratio: 0.5 },
      fault: (answer) => entries(answer, 1),
    },
    {
      name: 'search',
      resources: familySize.doses,
      requests: shuffled(families.map((id) => get(`/fhir/Immunization?patient=${id}&_count=50`))),
      asked: { perSecond: 1500, p99Ms: 40 },
      fault: (answer) => entries(answer, familySize.doses),
    },
    {
      name: 'forecast',
      resources: 1 + familySize.doses,
      requests: shuffled(families.map((id) => get(`/fhir/Patient/${id}/$forecast?assessmentDate=${assessmentDate}`))),
      asked: { perSecond: 1000, p99Ms: 40 },
      fault: forecastFault,
    },
    {
      name: 'everything',
      resources: 1 + familySize.doses + familySize.measurements,
      requests: shuffled(families.map((id) => get(`/fhir/Patient/${id}/$everything`))),
      asked: {},
      fault: (answer) => entries(answer, 1 + familySize.doses + familySize.measurements),
    },
    {
      name: 'everything-1000',
      resources: 1000,
      connections: 1,
      requests: [get(`/fhir/Patient/${longRecord}/$everything`)],
      asked: { firstByteMs: 60 },
      fault: (answer) => entries(answer, 1000),
    },
    {
      name: 'create',
      resources: 1,
      requests: creates.map((body) => post('/fhir/Immunization', body)),
      beside: { what: 'floor', requests: () => creates.map((body) => post('/create', storedForm(body))) },
      asked: { ratio: 0.4, perSecond: 1000 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Immunization"'), 'not an Immunization'),
    },
    {
      name: 'update',
      resources: 1,
      look: updateOf(others[0] ?? '', families.length),
      requests: others.slice(1).map((id, n) => updateOf(id, families.length + 1 + n)),
      asked: {},
      fault: (answer) => unless(answer.includes('"versionId":"2"'), 'not the second version'),
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
      fault: (answer) => entries(answer, 1 + transactionDoses + transactionMeasurements),
    },
  ];
}

const get = (path: string): BenchRequest => ({ method: 'GET', path });
const post = (path: string, body: string): BenchRequest => ({ method: 'POST', path, body });

/** Changes a number in the Patient, and nothing that is searched for. */
function updateOf(id: string, n: number): BenchRequest {
  const body = JSON.stringify({ ...child(n), id, multipleBirthInteger: 0 });
  const changing = body.replace('"multipleBirthInteger":0', '"multipleBirthInteger":%VERSION%');
  return { method: 'PUT', path: `/fhir/Patient/${id}`, body: changing, ifMatch: true };
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

function shuffled<T>(items: readonly T[]): T[] {
  const row = [...items];
  for (let n = row.length - 1; n > 0; n--) {
    const other = Math.floor(Math.random() * (n + 1));
    [row[n], row[other]] = [row[other] as T, row[n] as T];
  }
  return row;
}

function entries(answer: string, expected: number): string | undefined {
  const found = (JSON.parse(answer) as Bundle).entry?.length ?? 0;
  return unless(found === expected, `${found} entries, expected ${expected}`);
}

function forecastFault(answer: string): string | undefined {
  const { parameter } = JSON.parse(answer) as Parameters;
  const recommended = parameter?.filter(({ name }) => name === 'recommendation').length;
  const evaluated = parameter?.filter(({ name }) => name === 'evaluation').length ?? 0;
  return unless(recommended === 1 && evaluated > 0, `${recommended} recommendation, ${evaluated} evaluations`);
}

const unless = (isRight: boolean, fault: string): string | undefined => (isRight ? undefined : fault);
