// Searches over everyone: by code and date, by lot and clinic, by names, along references, and counts.
import type { Bundle } from '@medplum/fhirtypes';
import { commonVaccine, hotClinic, hotLot, identifierOf, identifierSystem, rareVaccine } from './families.ts';
import { nameOf } from './invented.ts';
import type { BenchRequest } from './load.ts';
import { entries, search, shuffled, unless } from './requests.ts';
import { familySize, rareDoses, type Seed } from './seed.ts';
import type { Workload } from './workload.ts';

const pageSize = 50;
const _count = String(pageSize);
/** First days of months, so that no two neighbours ask the same. */
const months = Array.from(
  { length: 48 },
  (_, n) => `${2018 + Math.floor(n / 12)}-${String(1 + (n % 12)).padStart(2, '0')}-01`,
);

export function populationSearches({ families, others }: Seed): Workload[] {
  const kana = [...families, ...others].map(({ n }) => nameOf(n).kana.family);
  const manyNames = [...new Set(kana)].slice(0, 50);
  return [
    page(
      'code-common',
      months.map((from) =>
        search('Immunization', { 'vaccine-code': commonVaccine, date: `ge${from}`, _sort: '-date', _count }),
      ),
    ),
    page(
      'code-rare',
      months.map((from) => search('Immunization', { 'vaccine-code': rareVaccine, date: `ge${from}`, _count })),
    ),
    page(
      'lot',
      months.map((from) => search('Immunization', { 'lot-number': hotLot, date: `ge${from}`, _count })),
    ),
    page('clinic', [search('Immunization', { performer: hotClinic, _count })]),
    page(
      'name',
      shuffled(kana).map((family) => search('Patient', { name: family.slice(0, 3), _count })),
    ),
    page('names', [search('Patient', { name: manyNames.join(','), _count })]),
    {
      name: 'chain',
      resources: familySize.measurements,
      requests: shuffled(
        families.map(({ n }) =>
          search('Observation', { 'patient.identifier': `${identifierSystem}|${identifierOf(n)}`, _count }),
        ),
      ),
      asked: {},
      fault: (answer) => entries(answer, familySize.measurements),
    },
    {
      ...page('has', [search('Patient', { '_has:Immunization:patient:vaccine-code': rareVaccine, _count })]),
      fault: (answer) => entries(answer, Math.min(rareDoses, pageSize)),
    },
    {
      name: 'count',
      resources: 1,
      requests: [search('Immunization', { 'vaccine-code': commonVaccine, _summary: 'count' })],
      asked: {},
      fault: (answer) => unless(((JSON.parse(answer) as Bundle).total ?? 0) > 0, 'no total'),
    },
  ];
}

/** The first page of what may be many. */
const page = (name: string, requests: BenchRequest[]): Workload => ({
  name,
  resources: pageSize,
  requests,
  asked: {},
  fault: (answer) => entries(answer, 1, pageSize),
});
