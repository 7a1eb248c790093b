// Damaged, hostile and very long files: they are mapped or refused, never crash, and take time in proportion to their length.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import { type MappedRecord, UnreadableInput } from '../../../mappings/record.ts';
import { notebook, notebookFile, yearNotebook } from '../../support/samples/jahis.ts';
import { prescription } from '../../support/samples/jahis-prescription.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const child = { reference: 'Patient/hana' };

function mapped(bytes: Uint8Array): MappedRecord | undefined {
  try {
    return mapJahis(bytes, child);
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    return undefined;
  }
}

const samples: [string, readonly string[]][] = [
  [
    'notebook',
    [
      ...notebook,
      '601,昼に眠くなった,20260921',
      '701,薬剤 次郎,テスト薬局,03-0000-0000,R080401,,1',
      '911,20260920101500,1,1',
    ],
  ],
  ['prescription', prescription],
];

/** What happens to files on their way: bytes change, lines are lost, doubled, moved, cut, and fields say something else. */
function mutation(lines: readonly string[]): fc.Arbitrary<Uint8Array> {
  const bytes = Buffer.from(notebookFile(lines));
  const place = fc.nat(bytes.length - 1);
  const line = fc.nat(lines.length - 1);
  const values = fc.oneof(
    fc.string({ maxLength: 20, unit: 'binary' }),
    fc.constantFrom(
      '',
      '9'.repeat(40),
      '-1',
      '1e5',
      'R990230',
      '00000000',
      '０',
      ',',
      '\u3000',
      '"',
      '|',
      'Ａ'.repeat(900),
    ),
    fc.integer().map(String),
  );
  return fc.oneof(
    fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
      const changed = Buffer.from(bytes);
      for (const [at, value] of changes) changed[at] = value;
      return changed;
    }),
    fc.tuple(place, place).map(([a, b]) => bytes.subarray(Math.min(a, b), Math.max(a, b))),
    place.map((end) => bytes.subarray(0, end)),
    fc.shuffledSubarray([...lines.slice(1)]).map((some) => notebookFile([lines[0] ?? '', ...some])),
    fc.tuple(line, line).map(([from, to]) => notebookFile(lines.toSpliced(to, 0, lines[from] ?? ''))),
    fc.array(fc.tuple(line, fc.nat(12), values), { minLength: 1, maxLength: 6 }).map((changes) => {
      const changed = [...lines];
      for (const [at, field, value] of changes) {
        const fields = (changed[at] ?? '').split(',');
        fields[field] = value;
        changed[at] = fields.join(',');
      }
      return notebookFile(changed);
    }),
    fc.uint8Array({ maxLength: 200 }),
  );
}

describe.each(samples)('a damaged %s', (_, lines) => {
  it('is mapped or refused, 10,000 times', () => {
    let sound = 0;
    fc.assert(
      fc.property(mutation(lines), (bytes) => {
        if (mapped(bytes)) sound++;
      }),
      { numRuns: 10_000 },
    );
    // A generator that only makes what is refused would show nothing.
    expect(sound).toBeGreaterThan(2000);
  }, 120_000);

  it('gives valid resources or none', () => {
    fc.assert(
      fc.property(mutation(lines), (bytes) => {
        expect(faultsOf(mapped(bytes)?.entries ?? [])).toEqual([]);
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});

/** Of a few runs the fastest, in milliseconds of this process: others use the machine as well. */
function cost(bytes: Uint8Array): number {
  const runs = Array.from({ length: 6 }, () => {
    const before = process.cpuUsage();
    mapped(bytes);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...runs);
}

describe('a long file', () => {
  it('of a year (120 dispensings, 600 drugs) takes less than a tenth of a second', () => {
    const bytes = notebookFile(yearNotebook());
    expect(mapped(bytes)?.entries).toHaveLength(1201);
    expect(cost(bytes)).toBeLessThan(100);
  });

  const many = (count: number, of: (n: number) => string): string[] => Array.from({ length: count }, (_, n) => of(n));
  const drug = (n: number) => `201,${n % 900},薬${n},1,錠,1,,1`;
  it.each<[string, (count: number) => string[]]>([
    [
      'remarks and drugs of one dispensing',
      (n) => [...notebook, ...many(n, (i) => `501,備考${i},1`), ...many(n, drug)],
    ],
    [
      'supplements of one RP',
      (n) => [...notebook, ...many(n, (i) => `311,1,補足${i},1`), ...many(n, (i) => `201,1,薬${i},1,錠,1,,1`)],
    ],
    ['entries and drugs', (n) => [...notebook, ...many(n, drug), ...many(n, (i) => `601,記入${i},20260921`)]],
    ['equal drugs', (n) => [...notebook, ...many(n, () => '201,1,薬,1,錠,1,,1')]],
    [
      'OTC drugs and ingredients',
      (n) => [...notebook, ...many(n, (i) => `3,薬${i},,,2,${i},`), ...many(n, (i) => `31,${i},成分,1,,2`)],
    ],
    [
      'parts',
      (n) =>
        many(
          Math.min(n, 999),
          (i) => `JAHISTC08,1\r\n1,試験,2,R080710\r\n4,メモ${i},20260920,1\r\n911,1,${Math.min(n, 999)},${i + 1}`,
        ),
    ],
    [
      'prescribed drugs and remarks',
      (n) => [...prescription, ...many(n, (i) => `81,${i},,備考`), ...many(n, (i) => `201,9,${i},1,1,,薬${i},1,1,錠`)],
    ],
    ['supplements of a prescribed drug', (n) => [...prescription, ...many(n, (i) => `281,1,1,${i},,補足${i},`)]],
    ['commas', (n) => [...notebook, `501${','.repeat(n * 50)}`]],
    ['empty lines', (n) => [...notebook, ...many(n * 20, () => '')]],
  ])('of many %s takes time in proportion', (_, of) => {
    const [short, long] = [500, 4000].map((count) => cost(notebookFile(of(count))));
    // Eight times as long; sixty-four times would be the square.
    expect(long).toBeLessThan(Math.max(5, short ?? 0) * 25);
  });
});
