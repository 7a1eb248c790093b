// Waiting times that come from another record: between different vaccines by class (X1, X2 in Japan), and after
// immunoglobulin (X8). The rule in force on the day of the later dose decides; the same day is always allowed.
import { madeOnce } from '../../fhir/made-once.ts';
import type { Day } from '../days.ts';
import { addDuration } from '../duration.ts';
import type { Rule } from '../rule.ts';
import type { Schedule, Series } from './compiled.ts';
import type { DoseRecord, Person } from './person.ts';

export type Block = { rule: Rule; end: Day };

/**
 * The conflicts a dose of `vaccine` on `day` runs into. `end` is the first day free of each: the wait is over, or the rule
 * is no longer in force.
 */
export function conflictsOf(
  schedule: Schedule,
  series: Series,
  history: readonly DoseRecord[],
  vaccine: string,
  day: Day,
): Block[] {
  const kind = schedule.classes.get(vaccine);
  const blocks: Block[] = [];
  const first = history[0];
  if (kind === undefined || first === undefined || first.day >= day) return blocks;
  for (const conflict of conflictsByKind(schedule).get(kind) ?? []) {
    if (conflict.givenFrom !== undefined && day < conflict.givenFrom) continue;
    if (conflict.givenTo !== undefined && day > conflict.givenTo) continue;
    const lapse = conflict.givenTo === undefined ? Number.POSITIVE_INFINITY : conflict.givenTo + 1;
    const longestDays = (conflict.wait.months + 1) * 31 + conflict.wait.days;
    for (let n = firstSince(history, day - longestDays); n < history.length; n += 1) {
      const earlier = history[n];
      if (earlier === undefined || earlier.day >= day) break;
      if (!conflict.earlier.has(earlier.kind) || series.products.has(earlier.vaccine)) continue;
      const end = Math.min(addDuration(earlier.day, conflict.wait), lapse);
      if (day < end) blocks.push({ rule: conflict.rule, end });
    }
  }
  return blocks;
}

/** The place of the first record on or after a day: most of a history lies behind every waiting time. */
function firstSince(history: readonly DoseRecord[], day: Day): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((history[middle]?.day ?? day) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows that a later dose meets, by its class. */
const conflictsByKind = madeOnce((schedule: Schedule) => {
  const kinds = new Set(schedule.classes.values());
  return new Map([...kinds].map((kind) => [kind, schedule.conflicts.filter(({ later }) => later.has(kind))]));
});

/**
 * The first day not before `from` on which a dose of `vaccine` meets no waiting time. A block running on the
 * assessment date also moves an earlier `from` to its end: the dose can no longer be given before it.
 */
export function firstFreeDay(
  schedule: Schedule,
  series: Series,
  person: Person,
  vaccine: string,
  from: Day,
): { day: Day; rule: Rule | undefined } {
  let day = from;
  let rule: Rule | undefined;
  // Each round ends one block, and there are finitely many; the bound only guards against a faulty schedule.
  for (let round = 0; round < 100; round += 1) {
    const block = blockOn(schedule, series, person, vaccine, day);
    if (block === undefined) return { day, rule };
    day = block.end;
    rule = block.rule;
  }
  return { day, rule };
}

function blockOn(schedule: Schedule, series: Series, person: Person, vaccine: string, day: Day): Block | undefined {
  const onDay = conflictBlock(schedule, series, person, vaccine, day);
  if (onDay !== undefined) return onDay;
  const today = day <= person.asOf ? conflictBlock(schedule, series, person, vaccine, person.asOf) : undefined;
  if (today !== undefined && today.end > day) return today;
  const running = deferralsOf(schedule, person, vaccine, day)[0];
  if (running !== undefined) return running;
  return day > person.asOf
    ? undefined
    : deferralsOf(schedule, person, vaccine, person.asOf).find(({ end }) => end > day);
}

/** The waiting times after or around observations that a dose of `vaccine` on `day` falls into. */
export function deferralsOf(schedule: Schedule, person: Person, vaccine: string, day: Day): Block[] {
  const blocks: Block[] = [];
  if (person.events.length === 0) return blocks;
  for (const deferral of schedule.deferrals) {
    if (!deferral.products.has(vaccine)) continue;
    for (const event of person.events) {
      if (event.code !== deferral.observation || event.value < deferral.minValue) continue;
      const end = deferral.wait === undefined ? event.until + 1 : addDuration(event.day, deferral.wait);
      if (addDuration(event.day, deferral.lead) <= day && day < end) blocks.push({ rule: deferral.rule, end });
    }
  }
  return blocks;
}

/** The conflict that ends last. */
function conflictBlock(
  schedule: Schedule,
  series: Series,
  person: Person,
  vaccine: string,
  day: Day,
): Block | undefined {
  let latest: Block | undefined;
  for (const block of conflictsOf(schedule, series, person.history, vaccine, day)) {
    if (latest === undefined || block.end > latest.end) latest = block;
  }
  return latest;
}
