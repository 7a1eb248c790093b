// Thresholds and weights of vaccinations. Tuned on the invented families of conformance/reconciliation with seed 1 and measured on
// others (decision 22); a weight says how much one agreement or disagreement tells, and `same` how much it takes.

import type { Rules } from '../types.ts';

export const VACCINATION_RULES: Rules = {
  same: 5,
  alone: 2.5,
  possible: 3,
  margin: 0.5,
  // A slip of the pen may put a dose into the month before or after.
  nearDays: 31,
  // The respects are asked in this order, and none behind the one that says never.
  weights: {
    vaccine: { same: 3, alike: 2.5, kindred: 2, unknown: -1, other: 'never' },
    day: { same: 5.5, next: 3, within3: 2, within7: 0, otherMonth: 1, month: 3, year: 1, far: -6, missing: 'never' },
    // Nobody is given the same vaccine twice a day: another lot on one day is a mistake of one of the two.
    lot: { same: 4, typo: 1.5, other: -3.5 },
    // "Alone": where one of the two does not say which vaccine it was.
    number: { same: 1, other: -1, sameAlone: 0.5, otherAlone: -0.5 },
    maker: { same: 0.5, other: -2, sameAlone: 2, otherAlone: -4 },
    place: { same: 0.5, other: -0.5 },
    identifier: { same: 10 },
    source: { same: -3 },
  },
  conflicts: {
    day: ['next', 'within3', 'within7', 'otherMonth', 'far'],
    vaccine: ['kindred'],
    lot: ['typo', 'other'],
    number: ['other'],
    maker: ['other'],
  },
  unsure: { vaccine: ['unknown', 'alike'] },
};
