// Everything a caller may read of one patient: the compartment, then the directory entries (organizations, practitioners,
// places …) that it points to, and those that these point to.

import { type Access, directoryTypes, reachOf } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { nobody } from '../search/keys.ts';
import type { RecordEntry } from '../store/record.ts';
import type { Fhir } from './request.ts';

/** The types of a patient's record that the caller may read. */
export function readableTypes(access: Access, patient: string): string[] {
  return [...resourceTypes].filter((type) => {
    const reach = reachOf(access, 'read', type);
    return reach.kind === 'all' || (reach.kind === 'patient' && reach.patient === patient);
  });
}

/** Pages of stored texts. The caller has checked that this patient may be read. */
export async function* everythingOf(
  { reader }: Pick<Fhir, 'reader'>,
  access: Access,
  patient: string,
): AsyncGenerator<RecordEntry[]> {
  const pointedTo = new Set<string>();
  for await (const page of reader.record(patient, readableTypes(access, patient))) {
    for (const { content } of page) collectDirectory(content, pointedTo);
    yield page;
  }
  for (let from = 0; from < pointedTo.size; ) {
    const wanted = [...pointedTo].slice(from, from + pageEntries).map((reference) => wantedOf(access, reference));
    from += wanted.length;
    const readable = wanted.filter(({ reach }) => reach.kind !== 'none');
    const found = await reader.currentOf(readable);
    // Those with an owner are in the compartment already, or in somebody else's.
    const page = found.flatMap((one, n) =>
      one?.content !== undefined && one.owner === nobody
        ? [{ type: readable[n]?.type ?? '', content: one.content }]
        : [],
    );
    for (const { content } of page) collectDirectory(content, pointedTo);
    if (page.length > 0) yield page;
  }
}

const pageEntries = 500;

const directoryReference = new RegExp(`"reference":"((?:${[...directoryTypes].join('|')})/[A-Za-z0-9.-]{1,64})"`, 'g');

function collectDirectory(content: string, pointedTo: Set<string>): void {
  for (const match of content.matchAll(directoryReference)) if (match[1]) pointedTo.add(match[1]);
}

function wantedOf(access: Access, reference: string) {
  const [type = '', id = ''] = reference.split('/');
  return { type, id, reach: reachOf(access, 'read', type) };
}
