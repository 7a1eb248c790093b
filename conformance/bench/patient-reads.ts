// Reads and searches that name a patient, an id or an identifier: what a family's app, a clinic and a planner ask.
import type { Bundle, Parameters } from '@medplum/fhirtypes';
import { formatDay, parseDay } from '../../server/forecast/days.ts';
import { assessmentDate, child, identifierOf, identifierSystem } from './families.ts';
import { entries, get, search, shuffled, unless } from './requests.ts';
import { familySize, type Seed } from './seed.ts';
import type { Workload } from './workload.ts';

const weight = 'http://loinc.org|29463-7';
/** Weights of a full record that were taken after the 200th day. */
const laterWeights = 6;

export function patientReads({ families, others, longRecord, children }: Seed): Workload[] {
  const people = [...families, ...others];
  const reads = people.map(({ id }) => get(`/fhir/Patient/${id}`));
  return [
    {
      name: 'read',
      resources: 1,
      requests: shuffled(reads),
      beside: { what: 'floor', requests: () => shuffled(people.map(({ id }) => get(`/read/${id}`))) },
      asked: { ratio: 0.6, perSecond: 3000, p99Ms: 25 },
      medplum: { perSecond: 1184, cpuMs: 1.01, aim: 4 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Patient"'), 'not a Patient'),
    },
    {
      // What a parent's rights cost: the same read by a caller whose rights are permissions.
      name: 'read-family',
      resources: 1,
      requests: shuffled(children.people.map(({ id }) => ({ ...get(`/fhir/Patient/${id}`), token: children.token }))),
      beside: { what: 'read', requests: () => shuffled(children.people.map(({ id }) => get(`/fhir/Patient/${id}`))) },
      asked: { perSecond: 3000, p99Ms: 25 },
      fault: (answer) => unless(answer.startsWith('{"resourceType":"Patient"'), 'not a Patient'),
    },
    {
      name: 'search-family',
      resources: familySize.doses,
      requests: shuffled(
        children.people.map(({ id }) => ({
          ...search('Immunization', { patient: id, _count: '50' }),
          token: children.token,
        })),
      ),
      asked: { perSecond: 1500, p99Ms: 40 },
      fault: (answer) => entries(answer, familySize.doses),
    },
    {
      name: 'identifier',
      resources: 1,
      requests: shuffled(
        people.map(({ n }) => search('Patient', { identifier: `${identifierSystem}|${identifierOf(n)}` })),
      ),
      beside: { what: 'read', requests: () => shuffled(reads) },
      asked: { ratio: 0.5 },
      medplum: { perSecond: 734, cpuMs: 1.69, aim: 5 },
      fault: (answer) => entries(answer, 1),
    },
    {
      name: 'search',
      resources: familySize.doses,
      requests: shuffled(families.map(({ id }) => search('Immunization', { patient: id, _count: '50' }))),
      asked: { perSecond: 1500, p99Ms: 40 },
      medplum: { perSecond: 310, cpuMs: 3.85, aim: 5 },
      fault: (answer) => entries(answer, familySize.doses),
    },
    {
      name: 'search-sorted',
      resources: laterWeights,
      requests: shuffled(
        families.map(({ id, n }) =>
          search('Observation', { patient: id, code: weight, date: `ge${dayOf(n, 200)}`, _sort: '-date' }),
        ),
      ),
      asked: {},
      medplum: { perSecond: 762, cpuMs: 1.83, aim: 4 },
      fault: (answer) => entries(answer, laterWeights),
    },
    {
      name: 'forecast',
      resources: 1 + familySize.doses,
      requests: shuffled(
        families.map(({ id }) => get(`/fhir/Patient/${id}/$forecast?assessmentDate=${assessmentDate}`)),
      ),
      asked: { perSecond: 1000, p99Ms: 40 },
      fault: forecastFault,
    },
    {
      // As on the day of birth: everything is still to come. One at a time, because the time of one answer is asked.
      name: 'plan',
      resources: 1,
      connections: 1,
      requests: shuffled(families.map(({ id, n }) => get(`/fhir/Patient/${id}/$plan?assessmentDate=${dayOf(n, 0)}`))),
      asked: { p99Ms: 50 },
      fault: planFault,
    },
    {
      // One at a time, because the time of one answer is asked; beside a child's record one of a thousand doses.
      name: 'summary',
      resources: 1 + familySize.doses + familySize.measurements,
      connections: 1,
      requests: shuffled(families.map(({ id }) => get(`/fhir/Patient/${id}/$summary`))),
      asked: { p99Ms: 80 },
      fault: summaryFault,
    },
    {
      name: 'summary-1000',
      resources: 1000,
      connections: 1,
      requests: [get(`/fhir/Patient/${longRecord}/$summary`)],
      asked: {},
      fault: summaryFault,
    },
    {
      name: 'everything',
      resources: 1 + familySize.doses + familySize.measurements,
      requests: shuffled(families.map(({ id }) => get(`/fhir/Patient/${id}/$everything`))),
      asked: {},
      medplum: { perSecond: 35, cpuMs: 54.3, aim: 25 },
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
  ];
}

/** The day on which child `n` is so many days old. */
const dayOf = (n: number, ageDays: number): string => formatDay((parseDay(child(n).birthDate ?? '') ?? 0) + ageDays);

function forecastFault(answer: string): string | undefined {
  const { parameter } = JSON.parse(answer) as Parameters;
  const recommended = parameter?.filter(({ name }) => name === 'recommendation').length;
  const evaluated = parameter?.filter(({ name }) => name === 'evaluation').length ?? 0;
  return unless(recommended === 1 && evaluated > 0, `${recommended} recommendation, ${evaluated} evaluations`);
}

function summaryFault(answer: string): string | undefined {
  const { type, entry = [] } = JSON.parse(answer) as Bundle;
  const doses = entry.filter(({ resource }) => resource?.resourceType === 'Immunization').length;
  return unless(type === 'document' && doses > 0, `${type} with ${doses} doses`);
}

function planFault(answer: string): string | undefined {
  const { entry = [] } = JSON.parse(answer) as Bundle;
  const visits = entry.filter(({ resource }) => resource?.resourceType === 'Appointment').length;
  return unless(visits >= 10, `${visits} visits`);
}
