// What the checks of a schedule found, each with its place: file, series, dose, field.
import type { ScheduleFault } from '../schedule-error.ts';
import type { Complain } from './shape.ts';

export type Place = Omit<ScheduleFault, 'field' | 'fault'>;

/** Tells what is found in one file, series or dose. check-schedule.ts says what is a fault and what an oddity. */
export type Told = { fault: Complain; oddity: Complain };

export type Findings = {
  readonly faults: ScheduleFault[];
  readonly warnings: ScheduleFault[];
  at(place: Place): Told;
  /** True when a check told no fault: what follows it may rely on the shape. */
  isClean(check: () => void): boolean;
};

/** A place for findings, with none yet. */
export function createFindings(): Findings {
  const faults: ScheduleFault[] = [];
  const warnings: ScheduleFault[] = [];
  return {
    faults,
    warnings,
    at: (place) => ({
      fault: (field, fault) => faults.push({ ...place, field, fault }),
      oddity: (field, fault) => warnings.push({ ...place, field, fault }),
    }),
    isClean(check) {
      const before = faults.length;
      check();
      return faults.length === before;
    },
  };
}
