// Thresholds and weights of prescriptions and dispensings. The drugs of one prescription share day, pharmacy and often amount: the drug
// decides, and another drug is another event.

import type { Rules } from '../types.ts';

export const MEDICATION_RULES: Rules = {
  same: 6,
  alone: 3.5,
  possible: 3,
  margin: 0.5,
  // A pharmacy is asked some days after the doctor; a claim names a month.
  nearDays: 7,
  weights: {
    drug: { same: 4, sameName: 3.5, unknown: 'never', other: 'never' },
    day: { same: 3, next: 1.5, within3: 1, within7: 0, month: 2, year: 'never', far: 'never', missing: 'never' },
    // One drug may be written in two lines, for the morning and for the evening.
    amount: { same: 1.5, other: -2 },
    duration: { same: 1, other: -1 },
    // Of one drug from two pharmacies on one day there are two dispensings.
    place: { same: 1, other: -4 },
    identifier: { same: 10 },
    source: { same: -3 },
  },
  conflicts: { day: ['next', 'within3', 'within7'], amount: ['other'], duration: ['other'], place: ['other'] },
  unsure: {},
};
