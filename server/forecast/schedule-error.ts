// What is wrong with a schedule, place by place: a fault must show when it is loaded, never in an answer.

export type ScheduleFault = { file: string; series?: string; dose?: string; field: string; fault: string };

/** All faults of a schedule at once; the message names the place of each. */
export class ScheduleError extends Error {
  readonly faults: readonly ScheduleFault[];

  constructor(faults: readonly ScheduleFault[]) {
    super(`The schedule cannot be used:\n${faults.map(describeFault).join('\n')}`);
    this.name = 'ScheduleError';
    this.faults = faults;
  }
}

/** A fault with its place, in one line. */
export function describeFault(fault: ScheduleFault): string {
  const place = [fault.file, fault.series, fault.dose, fault.field].filter((part) => part !== undefined).join(' > ');
  return `${place}: ${fault.fault}`;
}
