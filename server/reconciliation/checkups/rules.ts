// Thresholds and weights of what was measured or asked on a check-up day, and of the visit itself.

import type { Rules } from '../types.ts';

/** Two values of one day are two measurements; the same value out of two sources is one that was told twice. */
export const FINDING_RULES: Rules = {
  same: 6,
  alone: 6,
  possible: 5,
  margin: 0.5,
  nearDays: 1,
  weights: {
    item: { same: 3, sameName: 2.5, unknown: 'never', other: 'never' },
    day: {
      same: 3,
      next: 1,
      within3: 'never',
      within7: 'never',
      month: 'never',
      year: 'never',
      far: 'never',
      missing: 'never',
    },
    value: { same: 2, other: -4 },
    time: { same: 1, other: -4 },
    place: { same: 0.5, other: -1 },
    identifier: { same: 10 },
    source: { same: -3 },
  },
  conflicts: { day: ['next'], value: ['other'] },
  unsure: {},
};

export const VISIT_RULES: Rules = {
  same: 5,
  alone: 4,
  possible: 3,
  margin: 0.5,
  nearDays: 1,
  weights: {
    type: { same: 3, sameName: 2.5, other: 'never' },
    class: { same: 0.5, other: 'never' },
    day: {
      same: 3,
      next: 1,
      within3: 'never',
      within7: 'never',
      month: 1,
      year: 'never',
      far: 'never',
      missing: 'never',
    },
    place: { same: 1.5, other: -3 },
    identifier: { same: 10 },
    source: { same: -3 },
  },
  conflicts: { day: ['next'], place: ['other'] },
  unsure: {},
};
