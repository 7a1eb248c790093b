// Lines of a notebook that is written, and what its fields are made of. JAHIS notebook Ver.2.6: no quoting, commas full-width.

import type { CodeableConcept, Coding, Resource } from '@medplum/fhirtypes';
import { numberText } from '../../server/fhir/json.ts';
import { jahisSystem } from './codes.ts';

/** One record; what is undefined stays empty. */
export const notebookLine = (kind: string, ...fields: (string | undefined)[]): string =>
  [kind, ...fields.map((field = '') => fieldText(field))].join(',');

const fieldText = (text: string): string =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    .replaceAll(',', '，')
    .trim();

/** `YYYYMMDD` of a FHIR date or dateTime that names a day. */
export const dayText = (date: string | undefined): string | undefined =>
  /^\d{4}-\d\d-\d\d/.exec(date ?? '')?.[0].replaceAll('-', '');

/** The digits of a decimal as they were sent. */
export const amountText = (value: number | undefined): string => numberText(value) ?? '';

/** Who wrote the record that a resource was made from: a professional (1), unless it says otherwise. */
export function creatorOf({ meta }: Resource): string {
  const tag = meta?.tag?.find(({ system }) => system === jahisSystem('creator'));
  return tag?.code ?? '1';
}

/** The code that a concept has in one of the formats' own tables. */
export const jahisCodeOf = (concept: CodeableConcept | undefined, table: string): string | undefined =>
  concept?.coding?.find(({ system }) => system === jahisSystem(table))?.code;

/** What a concept is called, as people read it. */
export const wordsOf = (concept: CodeableConcept | undefined): string =>
  concept?.text ?? concept?.coding?.find(({ display }) => display)?.display ?? '';

/** The kind that stands at the end of one of the formats' own systems, '' for another system. */
export function kindOf({ system = '' }: Coding, table: string): string {
  const start = jahisSystem(`${table}-`);
  return system.startsWith(start) ? system.slice(start.length) : '';
}
