// The answer of $events as Parameters: an `event` for each, with its records as they are stored.
// OperationDefinition: profiles/operation-definitions/events.json

import type { JsonObject } from '../fhir/json.ts';
import type { Parameter } from '../interaction/parameters.ts';
import type { Conflict, Event, Pair } from '../reconciliation/types.ts';

/** `content`: the text as it is stored. */
export type StoredRecord = { resource: JsonObject; content: string };

/** `provenances`: by the reference of a record. The events come with the latest first, as their records do. */
export function eventsAnswer(
  events: readonly Event[],
  records: readonly StoredRecord[],
  provenances: ReadonlyMap<string, readonly string[]>,
): string {
  const places = new Map(records.map(({ resource }, n) => [`${resource.resourceType}/${resource.id}`, n]));
  const contentOf = (reference: string) => records[places.get(reference) ?? -1]?.content ?? '{}';
  const inOrder = events.toSorted((a, b) => (places.get(a.shown) ?? 0) - (places.get(b.shown) ?? 0));
  const parameters = inOrder.map((event) => {
    const [shown, ...others] = event.members;
    const parts = [
      `{"name":"shown","resource":${contentOf(shown ?? '')}}`,
      ...others.map((other) => `{"name":"other","resource":${contentOf(other)}}`),
      ...event.members.flatMap((member) => (provenances.get(member) ?? []).map((one) => text(source(member, one)))),
      ...event.pairs.map((pair) => text(pairParameter('link', pair))),
      ...event.conflicts.map((conflict) => text(conflictParameter(conflict))),
      ...event.possible.map((pair) => text(pairParameter('possible', pair))),
    ];
    return `{"name":"event","part":[${parts.join(',')}]}`;
  });
  return `{"resourceType":"Parameters"${parameters.length > 0 ? `,"parameter":[${parameters.join(',')}]` : ''}}`;
}

const text = (parameter: Parameter): string => JSON.stringify(parameter);

const source = (record: string, provenance: string): Parameter => ({
  name: 'source',
  part: [reference('record', record), reference('provenance', provenance)],
});

function pairParameter(name: 'link' | 'possible', { one, other, score, reasons }: Pair): Parameter {
  return {
    name,
    part: [
      reference('record', one),
      reference('record', other),
      { name: 'score', valueDecimal: score },
      ...reasons.map(({ respect, word, weight }) => ({
        name: 'reason',
        part: [
          { name: 'respect', valueCode: respect },
          { name: 'word', valueCode: word },
          { name: 'weight', valueDecimal: weight },
        ],
      })),
    ],
  };
}

const conflictParameter = ({ respect, word, one, other }: Conflict): Parameter => ({
  name: 'conflict',
  part: [
    reference('record', one),
    reference('record', other),
    { name: 'respect', valueCode: respect },
    { name: 'word', valueCode: word },
  ],
});

const reference = (name: string, to: string): Parameter => ({ name, valueReference: { reference: to } });
