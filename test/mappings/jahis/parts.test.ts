// Notebooks that were split over several codes (record 911), in any order, with parts twice or missing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { notebook, notebookFile } from '../../support/samples/jahis.ts';

const child = { reference: 'Patient/hana' };
const [header = '', person = '', ...rest] = notebook;
const DATA_ID = '20260920101500';

/** The notebook cut before the given lines of `rest`; each part repeats what `again` says. */
function split(cuts: readonly number[], again: readonly string[] = [header, person]): string[][] {
  const ends = [...cuts, rest.length];
  return ends.map((end, index) => [
    ...(index === 0 ? [header, person] : again),
    ...rest.slice(index === 0 ? 0 : ends[index - 1], end),
    `911,${DATA_ID},${ends.length},${index + 1}`,
  ]);
}

const entriesOf = (lines: readonly string[]) => mapJahis(notebookFile(lines), child).entries;
const whole = entriesOf(notebook);

describe('a notebook in parts', () => {
  it('is the whole again, wherever it was cut and however its parts are shuffled', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: rest.length - 1 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), fc.boolean(), (places, order, isTwice) => {
        const parts = split(places.sort((a, b) => a - b));
        const shuffled = (isTwice ? [...parts, ...parts] : parts)
          .map((part) => ({ part, key: order.next().value }))
          .sort((a, b) => a.key - b.key)
          .flatMap(({ part }) => part);
        expect(entriesOf(shuffled)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('goes on with the dispensing that a part repeats, and begins another one that a part names', () => {
    const inside = rest.findIndex((line) => line.startsWith('201,2,'));
    const context = rest.filter((line) => /^(5|11|15|51|55),/.test(line));
    expect(entriesOf(split([inside], [header, person, ...context]).flat())).toEqual(whole);
    const other = ['5,R080921,1', '11,テスト薬局,13,4,0000002', '201,1,試験錠,1,錠,1', '301,1,朝,3,日分,1'];
    const parts = [...notebook, `911,${DATA_ID},2,1`, header, person, ...other, `911,${DATA_ID},2,2`];
    expect(entriesOf(parts)).toEqual(entriesOf([...notebook, ...other]));
  });

  it('says which parts are missing', () => {
    const [first = [], , third = []] = split([3, 9]);
    expect(() => entriesOf(first)).toThrow('was split into 3 parts and parts 2, 3 are missing');
    expect(() => entriesOf([...third, ...first])).toThrow('part 2 is missing');
  });

  it.each([
    ['two notebooks', [['911,1,2,1'], ['911,2,2,2']], 'belong to different notebooks'],
    ['two counts', [['911,1,2,1'], ['911,1,3,2']], 'belong to different notebooks'],
    ['a part without its place', [['911,1,2,1'], ['2,1,卵,1']], 'has no record 911'],
    ['a place beyond the count', [['911,1,2,3']], 'record 911 (split control) cannot be read'],
    ['a count of no end', [['911,1,1000000000,1']], 'record 911 (split control) cannot be read'],
    [
      'two that differ',
      [
        ['2,1,卵,1', '911,1,1,1'],
        ['2,1,乳,1', '911,1,1,1'],
      ],
      'Part 1 is there twice',
    ],
  ])('refuses %s', (_, parts, reason) => {
    const lines = parts.flatMap((part) => [header, person, ...part]);
    expect(() => entriesOf(lines)).toThrow(UnreadableInput);
    expect(() => entriesOf(lines)).toThrow(reason);
  });
});
