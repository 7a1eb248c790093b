// A file of phr-import/1 -> FHIR, by what it holds: vaccinations, check-ups of mother and child, drugs. JSON, CSV and XML alike.

import { UnreadableInput } from '../record.ts';
import { isDrugs, mapDrugs } from './drug.ts';
import { isoTime, readForm, textOf } from './form.ts';
import { isMch, mapMch } from './mch.ts';
import type { MappedPart, MynaContext } from './subjects.ts';
import { isVaccinations, mapVaccinations } from './vaccination.ts';

/** The kinds of a manifest that this mapping reads. */
export const formKinds = ['vaccination-json', 'mch-json', 'drug-xml', 'drug-csv'] as const;
export type FormKind = (typeof formKinds)[number];

/**
 * `kind` is what a manifest says of the file. Throws UnreadableInput for a file of another kind or none, MyNumberFound when it
 * holds a My Number.
 */
export function mapMyna(bytes: Uint8Array, context: MynaContext, kind?: FormKind): MappedPart[] {
  const content = readForm(bytes);
  const said = kind ?? formKinds.find((one) => one === content.kind);
  if (content.kind !== undefined && content.kind !== said)
    throw new UnreadableInput(`The file is not of kind ${said ?? formKinds.join(', ')}.`);
  const exportedAt = isoTime(textOf(content.exportedAt)) ?? context.exportedAt;
  const given = { ...context, ...(exportedAt && { exportedAt }) };
  if (said === 'mch-json' || (!said && isMch(content))) return mapMch(content, given);
  if (said === 'drug-xml' || said === 'drug-csv' || (!said && isDrugs(content))) return mapDrugs(content, given);
  if (said || isVaccinations(content)) return mapVaccinations(content, given);
  throw new UnreadableInput(
    'The file has no section of phr-import/1: records, items, pregnancyVisits, delivery, newborn or infantCheckups.',
  );
}

/** True for a file that is about one person, whoever that is: its bytes can be mapped without knowing who else was named. */
export function isAboutOne(bytes: Uint8Array): boolean {
  try {
    const content = readForm(bytes);
    return !isMch(content) && (isVaccinations(content) || isDrugs(content));
  } catch (error) {
    if (error instanceof UnreadableInput) return false;
    throw error;
  }
}
