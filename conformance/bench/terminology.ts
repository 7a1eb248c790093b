// A code system of 10,000 codes with words in two languages, stored on the server, and its value set searched by words.
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import type { Workload } from './workload.ts';

const system = 'http://bench.example.org/cs/findings';
const valueSetUrl = 'http://bench.example.org/vs/findings';
const codes = 10_000;
const pageSize = 20;

const places = ['頭', '腕', '胸', '腹', '背', '脚', '手', '足', '目', '耳'];
const kinds = ['発疹', '腫れ', '痛み', 'かゆみ', 'しびれ', 'きず', 'あざ', 'やけど', '出血', '硬結'];
const words = ['rash', 'swelling', 'pain', 'itch', 'numbness', 'wound', 'bruise', 'burn', 'bleeding', 'induration'];

export const codeSystem: CodeSystem = {
  resourceType: 'CodeSystem',
  id: 'bench-findings',
  url: system,
  status: 'active',
  content: 'complete',
  concept: Array.from({ length: codes }, (_, n) => ({
    code: `F${String(n).padStart(5, '0')}`,
    display: `Finding ${n}, ${words[n % 10]} of place ${Math.floor(n / 10) % 10}`,
    designation: [{ language: 'ja', value: `${places[Math.floor(n / 10) % 10]}の${kinds[n % 10]} ${n}` }],
  })),
};

export const valueSet: ValueSet = {
  resourceType: 'ValueSet',
  id: 'bench-findings',
  url: valueSetUrl,
  status: 'active',
  compose: { include: [{ system }] },
};

/** Each filter finds a hundred codes or more, of which a page is answered. */
export const expand: Workload = {
  name: 'expand',
  resources: pageSize,
  requests: places.flatMap((place, at) =>
    [...kinds, ...words].map((kind) => {
      const filter = words.includes(kind) ? `${kind} ${at}` : `${place} ${kind}`;
      const query = new URLSearchParams({ url: valueSetUrl, filter, count: String(pageSize) });
      return { method: 'GET', path: `/fhir/ValueSet/$expand?${query}` };
    }),
  ),
  asked: { p99Ms: 50 },
  connections: 1,
  fault(answer) {
    const { expansion } = JSON.parse(answer) as ValueSet;
    const found = expansion?.contains?.length ?? 0;
    return found === pageSize && (expansion?.total ?? 0) >= 100 ? undefined : `${found} of ${expansion?.total} codes`;
  },
};
