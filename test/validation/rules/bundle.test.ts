// Bundle, FHIR R4: https://hl7.org/fhir/R4/bundle.html#bundle-unique and #references
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { found } from './found.ts';

const base = 'https://record.example/fhir';
const uuid = (n: number) => `urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e${n}`;
const patient = (id?: string): JsonObject => ({ resourceType: 'Patient', ...(id ? { id } : {}) });
const growth = (reference: string, id = 'g'): JsonObject => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: '体重' },
  subject: { reference },
});
const bundle = (type: string, ...entry: JsonObject[]): JsonObject => ({ resourceType: 'Bundle', type, entry });
const entry = (fullUrl: string | undefined, resource: JsonObject, method?: string): JsonObject => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  ...(method === undefined ? {} : { request: { method, url: String(resource.resourceType) } }),
});

describe('fullUrl', () => {
  test.each<[string, JsonObject, string[]]>([
    ['of a server, with its id', bundle('searchset', entry(`${base}/Patient/1`, patient('1'))), []],
    ['that is a uuid', bundle('collection', entry(uuid(1), patient('1'))), []],
    ['of another id', bundle('searchset', entry(`${base}/Patient/2`, patient('1'))), ['error invalid Bundle.entry[0]']],
    ['of another type', bundle('searchset', entry(`${base}/Group/1`, patient('1'))), ['error invalid Bundle.entry[0]']],
    [
      'of what has no id',
      bundle('collection', entry(`${base}/Patient/1`, patient())),
      ['error invalid Bundle.entry[0]'],
    ],
    [
      'with a version',
      bundle('history', entry(`${base}/Patient/1/_history/2`, patient('1'))),
      ['error invalid Bundle.entry[0]'],
    ],
    ['that is relative', bundle('collection', entry('Patient/1', patient('1'))), ['error invalid Bundle.entry[0]']],
    ['that is no url of a server', bundle('collection', entry('https://record.example/x/9', patient('1'))), []],
    ['that is missing', bundle('searchset', entry(undefined, patient('1'))), ['error required Bundle.entry[0]']],
    ['that is missing in a transaction', bundle('transaction', entry(undefined, patient('1'), 'POST')), []],
    [
      'with a temporary id of what is created',
      bundle('transaction', entry(`${base}/Patient/x`, patient('1'), 'POST')),
      [],
    ],
    [
      'with another id of what is updated',
      bundle('transaction', entry(`${base}/Patient/x`, patient('1'), 'PUT')),
      ['error invalid Bundle.entry[0]'],
    ],
    [
      'that an outcome of a search does without',
      bundle('searchset', entry(undefined, { resourceType: 'OperationOutcome' })),
      [],
    ],
  ])('%s', (_name, resource, expected) => {
    expect(found(resource)).toEqual(expected);
  });
});

describe('a reference', () => {
  test.each<[string, JsonObject, string[]]>([
    [
      'is relative to the server of its entry',
      bundle(
        'collection',
        entry(`${base}/Patient/1`, patient('1')),
        entry(`${base}/Observation/g`, growth('Patient/1')),
      ),
      [],
    ],
    [
      'that is relative needs a fullUrl to be relative to',
      bundle('collection', entry(`${base}/Patient/1`, patient('1')), entry(undefined, growth('Patient/1'))),
      ['error required Bundle.entry[1]', 'error required Bundle.entry[1].resource.subject'],
    ],
    [
      'by uuid that no entry has leads nowhere',
      bundle('transaction', entry(uuid(1), patient(), 'POST'), entry(uuid(2), growth(uuid(3)), 'POST')),
      ['warning not-found Bundle.entry[1].resource.subject'],
    ],
    [
      'that two entries answer to is not clear',
      bundle('collection', entry(uuid(1), patient()), entry(uuid(1), patient()), entry(uuid(2), growth(uuid(1)))),
      ['error invalid Bundle.entry[2].resource.subject'],
    ],
    ['to what is elsewhere is let be', bundle('collection', entry(uuid(2), growth(`${base}/Patient/9`))), []],
  ])('%s', (_name, resource, expected) => {
    expect(found(resource)).toEqual(expected);
  });
});

describe('a document', () => {
  const composition = (subject: string, ...others: string[]): JsonObject => ({
    resourceType: 'Composition',
    status: 'final',
    type: { text: '母子健康手帳' },
    date: '2026-04-01',
    title: '母子健康手帳',
    author: [{ display: '試験医院' }],
    subject: { reference: subject },
    section: [{ title: '発育', entry: others.map((reference) => ({ reference })) }],
  });

  test('holds what its Composition names, and what that names', () => {
    const entries = [
      entry(uuid(1), composition(uuid(2), uuid(3))),
      entry(uuid(2), patient()),
      entry(uuid(3), growth(uuid(2))),
      entry(uuid(4), {
        resourceType: 'Provenance',
        target: [{ reference: uuid(3) }],
        recorded: '2026-04-01T00:00:00Z',
        agent: [{ who: { display: 'a' } }],
      }),
    ];
    expect(found(bundle('document', ...entries))).toEqual([]);
  });

  test('has to hold what its Composition names, found by fullUrl', () => {
    const named = bundle('document', entry(uuid(1), composition('Patient/p')), entry(uuid(2), patient('p')));
    expect(found(named)).toEqual([
      'error not-found Bundle.entry[0].resource.subject',
      'error informational Bundle.entry[1]',
    ]);
  });

  test('holds nothing that is not linked to it', () => {
    const apart = bundle(
      'document',
      entry(uuid(1), composition(uuid(2))),
      entry(uuid(2), patient()),
      entry(uuid(3), patient()),
    );
    expect(found(apart)).toEqual(['error informational Bundle.entry[2]']);
  });
});

test('a message has to hold what it is about', () => {
  const header = {
    resourceType: 'MessageHeader',
    eventUri: 'urn:a',
    source: { endpoint: 'https://a.example' },
    focus: [{ reference: uuid(2) }],
  };
  expect(found(bundle('message', entry(uuid(1), header)))).toContain(
    'error not-found Bundle.entry[0].resource.focus[0]',
  );
});

test('a Bundle of 20,000 entries is read once, not once for each reference', () => {
  const entries = Array.from({ length: 20_000 }, (_, n) =>
    entry(`${base}/Observation/${n}`, growth('Patient/1', String(n))),
  );
  const started = performance.now();
  expect(found(bundle('searchset', entry(`${base}/Patient/1`, patient('1')), ...entries))).toEqual([]);
  expect(performance.now() - started).toBeLessThan(3000);
});
