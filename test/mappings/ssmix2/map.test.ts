import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableInput } from '../../../mappings/record.ts';
import { cancelled } from '../../../mappings/ssmix2/cancel.ts';
import { ssmix2Fields } from '../../../mappings/ssmix2/fields.ts';
import { besides, mapStorageFile, mapWithdrawnFile, millisecondsAfter } from '../../../mappings/ssmix2/map.ts';
import { parseStoragePath, type StorageName } from '../../../mappings/ssmix2/storage-path.ts';
import {
  admission,
  birth,
  discharge,
  INSTITUTION,
  jis,
  laboratory,
  prescription,
  vaccination,
} from '../../support/samples/hl7v2.ts';
import { storagePath } from '../../support/samples/storage.ts';
import { refusalsOf } from '../../support/valid.ts';

function fileOf(type: string, bytes: Uint8Array) {
  const path = storagePath({ type, key: '000000000000354' });
  const name = parseStoragePath(path) as StorageName;
  return { name, fileName: path.split('/').at(-1) ?? '', bytes };
}

const messages: [string, string][] = [
  ['ADT-22', admission()],
  ['ADT-52', discharge()],
  ['OML-11', laboratory()],
  ['OMP-01', prescription()],
  ['OMP-12', vaccination()],
  ['OMG-13', birth()],
];

describe('a file that takes back what it said', () => {
  it.each(messages)('names the same things as the file that stood, and is valid: %s', (type, text) => {
    const file = fileOf(type, jis(text));
    const stood = mapStorageFile(file, INSTITUTION).entries;
    const back = mapWithdrawnFile(file, INSTITUTION).entries;
    expect(new Set(back.map(({ fullUrl }) => fullUrl))).toEqual(new Set(stood.map(({ fullUrl }) => fullUrl)));
    expect(stood.length).toBeGreaterThan(0);
    for (const { resource, request } of back) {
      expect(refusalsOf(JSON.parse(JSON.stringify(resource)))).toEqual([]);
      expect(request?.method).toBe('PUT');
    }
  });

  it.each(messages.slice(2))('says of each thing that it was entered in error: %s', (type, text) => {
    const { entries } = mapWithdrawnFile(fileOf(type, jis(text)), INSTITUTION);
    for (const { resource } of entries) expect(JSON.stringify(resource)).toContain('entered-in-error');
  });
});

describe('cancelled', () => {
  it.each([
    ['ADT^A01', 'ADT^A11'],
    ['ADT^A03', 'ADT^A13'],
    ['ADT^A11', 'ADT^A11'],
    ['ADT^A08', 'ADT^A08'],
    ['OUL^R22', 'OUL^R22'],
  ])('makes %s %s and leaves every other byte', (event, cancel) => {
    const bytes = jis(admission().replaceAll('ADT^A01', event));
    const made = Buffer.from(cancelled(bytes)).toString('latin1');
    expect(made).toBe(Buffer.from(bytes).toString('latin1').replace(event, cancel));
  });

  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => cancelled(bytes).length === bytes.length));
    expect(cancelled(Buffer.from(`MSH${'|'.repeat(1_000_000)}`)).length).toBe(1_000_003);
  });
});

describe('besides', () => {
  it('refers by identifier to what others say', () => {
    const file = fileOf('OML-11', jis(laboratory()));
    const back = mapWithdrawnFile(file, INSTITUTION).entries;
    const report = back.filter(({ resource }) => resource?.resourceType === 'DiagnosticReport');
    const results = back.filter(({ resource }) => resource?.resourceType !== 'DiagnosticReport');
    const [alone] = besides(report, results);
    const all = JSON.stringify(alone);
    for (const { fullUrl } of results) expect(all).not.toContain(fullUrl);
    expect(all).toContain('Observation?identifier=');
    expect(besides(back, back)).toEqual([]);
  });
});

it('counts changes of a flag in milliseconds', () => {
  expect(millisecondsAfter('2026-09-15T10:15:00.000+09:00', 0)).toBe('2026-09-15T10:15:00.000+09:00');
  expect(millisecondsAfter('2026-12-31T23:59:59.999+09:00', 2)).toBe('2027-01-01T00:00:00.001+09:00');
});

it('throws nothing but UnreadableInput, whatever the bytes', () => {
  const whole = messages.map(([type, text]) => ({ type, bytes: jis(text) }));
  const changed = fc.record({
    at: fc.nat(),
    bytes: fc.uint8Array({ maxLength: 8 }),
    of: fc.constantFrom(...whole),
    cut: fc.nat({ max: 20 }),
  });
  fc.assert(
    fc.property(changed, ({ at, bytes, of, cut }) => {
      const place = at % of.bytes.length;
      const mutated = Buffer.concat([of.bytes.subarray(0, place), bytes, of.bytes.subarray(place + cut)]);
      for (const map of [mapStorageFile, mapWithdrawnFile]) {
        try {
          map(fileOf(of.type, mutated), INSTITUTION);
        } catch (error) {
          if (!(error instanceof UnreadableInput)) throw error;
        }
      }
    }),
    { numRuns: 500 },
  );
});

it('has a field for each part of a path', () => {
  const parts = storagePath({ type: 'OML-11' }).split('/').at(-1)?.split('_') ?? [];
  for (const [n] of parts.entries()) expect(ssmix2Fields.fields.map(({ at }) => at)).toContain(`name.${n + 1}`);
  for (const { to, kept, dropped } of ssmix2Fields.fields)
    expect([to, kept, dropped].filter((one) => one !== undefined)).toHaveLength(1);
});
