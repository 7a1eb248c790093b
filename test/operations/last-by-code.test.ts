// The latest of each kind, against the plain way: all observations in groups by shared codings, each group cut.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLastByCode } from '../../server/operations/last-by-code.ts';

type Sample = { codes: string[]; subject: string };

function last(samples: readonly Sample[], max: number): number[][] {
  const kinds = createLastByCode<number>(max);
  samples.forEach(({ codes, subject }, n) => {
    const coding = codes.map((code) => ({ system: 'urn:s', code }));
    kinds.add({ subject: { reference: subject }, code: coding.length > 0 ? { coding } : { text: 'x' } }, n);
  });
  return kinds.groups();
}

/** Groups grow until no two share a coding. */
function plainly(samples: readonly Sample[], max: number): number[][] {
  let groups = samples.map(({ codes, subject }, n) => ({
    names: new Set(codes.length > 0 ? codes.map((code) => subject + code) : [`${subject} text`]),
    members: [n],
  }));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    const next: typeof groups = [];
    for (const group of groups) {
      const same = next.find(({ names }) => [...group.names].some((name) => names.has(name)));
      if (!same) next.push(group);
      else {
        for (const name of group.names) same.names.add(name);
        same.members.push(...group.members);
        isChanged = true;
      }
    }
    groups = next;
  }
  return groups
    .map(({ members }) => members.sort((a, b) => a - b).slice(0, max))
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

test('a coding in common makes two codes one kind, also by way of a third', () => {
  const subject = 'Patient/1';
  const samples = [['a'], ['b'], ['c'], ['a', 'b'], ['a']].map((codes) => ({ codes, subject }));
  expect(last(samples, 2)).toEqual([[0, 1], [2]]);
});

test('it is the same as grouping everything first', () => {
  const sample = fc.record({
    codes: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }),
    subject: fc.constantFrom('Patient/1', 'Patient/2'),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 25 }), fc.integer({ min: 1, max: 4 }), (samples, max) => {
      expect(last(samples, max)).toEqual(plainly(samples, max));
    }),
    { numRuns: 2000 },
  );
});
