// How well events are told apart, by kind of noise: of the pairs of records that are said to be one dose, how many are (precision); of
// those that are, how many are said to be (recall), and how many are said to be or offered to a person for a decision (offered).
// A pair counts for every kind of noise that either of its records has; one with a twin's dose in it only for that kind.

import type { Event } from '../../server/reconciliation/types.ts';

/** Numbers of pairs. */
export type Tally = { true: number; found: number; hit: number; offered: number; wrongWithConflict: number };

export type Measured = {
  kinds: Map<string, Tally>;
  /** Doses or dispensings in truth, and events that were made of what was told of them. */
  doses: number;
  events: number;
};

/** A record with the truth: records of one `event` are one. */
type Told = { resource: { resourceType: string; id: string; status?: string }; event: string; kinds: string[] };

/** Each of `children` is one patient's record; `eventsOf` is what is measured. */
export function measure<One extends Told>(
  children: readonly (readonly One[])[],
  eventsOf: (records: One['resource'][]) => Event[],
): Measured {
  const measured: Measured = { kinds: new Map(), doses: 0, events: 0 };
  for (const records of children) {
    const given = records.filter(({ resource }) => resource.status === 'completed');
    const events = eventsOf(records.map(({ resource }) => resource));
    measured.events += events.length;
    measured.doses += new Set(given.map(({ event }) => event)).size;
    tally(measured.kinds, given, events);
  }
  return measured;
}

function tally(kinds: Map<string, Tally>, given: readonly Told[], events: readonly Event[]): void {
  const eventOf = new Map(events.flatMap((event) => event.members.map((member) => [member, event] as const)));
  const of = ({ resource }: Told) => eventOf.get(referenceOf(resource));
  for (const [n, one] of given.entries()) {
    for (const other of given.slice(n + 1)) {
      const isTrue = one.event === other.event;
      const isFound = of(one) === of(other);
      if (!isTrue && !isFound) continue;
      const isOffered = of(one)?.possible.some((pair) => names(pair, one, other)) ?? false;
      const hasConflict = of(one)?.conflicts.some((conflict) => names(conflict, one, other)) ?? false;
      for (const kind of kindsOf(one, other)) {
        const row = kinds.get(kind) ?? { true: 0, found: 0, hit: 0, offered: 0, wrongWithConflict: 0 };
        kinds.set(kind, row);
        if (isTrue) row.true++;
        if (isFound) row.found++;
        if (isTrue && isFound) row.hit++;
        if (isTrue && (isFound || isOffered)) row.offered++;
        if (!isTrue && hasConflict) row.wrongWithConflict++;
      }
    }
  }
}

function kindsOf(one: Told, other: Told): Set<string> {
  const all = [...one.kinds, ...other.kinds];
  const ofTwins = all.filter((kind) => kind.startsWith('twin'));
  return new Set(ofTwins.length > 0 ? ofTwins : all);
}

const names = (pair: { one: string; other: string }, one: Told, other: Told): boolean =>
  [one, other].every(({ resource }) => [pair.one, pair.other].includes(referenceOf(resource)));

const referenceOf = ({ resourceType, id }: Told['resource']): string => `${resourceType}/${id}`;
