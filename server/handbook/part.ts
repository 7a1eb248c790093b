// What the parts of the handbook have in common: the words of the reader, a heading that always stands, and a sentence where there
// is nothing, so that an empty part is no doubt.

import type { Observation } from '@medplum/fhirtypes';
import type { Language } from '../fhir/outcome.ts';
import type { Booklet, Column } from './booklet.ts';
import type { Papers } from './papers.ts';
import { observedAt } from './words.ts';

export type Part = (booklet: Booklet, papers: Papers) => Promise<void>;

/** One of two wordings. */
export type Say = (ja: string, en: string) => string;
export const sayIn =
  (language: Language): Say =>
  (ja, en) =>
    language === 'ja' ? ja : en;

/** A table, or the sentence that nothing is recorded. */
export async function tableOf(
  booklet: Booklet,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  if (rows.length === 0) nothing(booklet);
  else await booklet.table(columns, rows);
}

export function nothing(booklet: Booklet): void {
  booklet.paragraph(sayIn(booklet.language)('記録はありません。', 'Nothing is recorded.'), { color: '#5a666d' });
}

/** Who wrote it: an organization by name. What nobody signs is never given as an organization's. */
export function writer(booklet: Booklet, papers: Papers, resource: Parameters<Papers['writerOf']>[0]): string {
  return papers.writerOf(resource) ?? sayIn(booklet.language)('家族など', 'family or unnamed');
}

/** By time, the oldest first; what has no time last. */
export const byTime = (observations: readonly Observation[]): Observation[] =>
  observations.toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)));

const timeOf = (observation: Observation): string => observedAt(observation) ?? '~';
