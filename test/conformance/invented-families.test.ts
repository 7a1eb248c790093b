// The families that reconciliation is measured on: told by three sources, repeatable, and resources that this server would store.
import { describe, expect, test } from 'vitest';
import { inventedFamilies } from '../../conformance/reconciliation/families.ts';
import { NOISE } from '../../conformance/reconciliation/noise.ts';
import { refusalsOf } from '../support/valid.ts';

describe('invented families', () => {
  test('are the same for the same seed and others for another', () => {
    expect(inventedFamilies(7, 12)).toEqual(inventedFamilies(7, 12));
    expect(inventedFamilies(7, 12)).not.toEqual(inventedFamilies(8, 12));
  });

  test('are told of by three sources, with every kind of noise', () => {
    const records = inventedFamilies(7, 60).flatMap(({ records }) => records);
    const kinds = new Set(records.flatMap((one) => one.kinds));
    expect([...Object.keys(NOISE), "twin's dose", 'said twice', 'not done'].filter((kind) => !kinds.has(kind))).toEqual(
      [],
    );
    const sources = new Set(records.map(({ resource }) => resource.meta?.source?.replace(/-\d$/, '')));
    expect(sources.size).toBe(3);
  });

  test('fit what the server stores', () => {
    const [child] = inventedFamilies(7, 1);
    for (const { resource } of child?.records ?? []) expect(refusalsOf(resource)).toEqual([]);
  });
});
