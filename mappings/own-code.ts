// Concepts of our own code systems (profiles/code-systems), by code or by the names they have in English and Japanese. A name
// that is not in the table gives nothing: what a source calls otherwise is kept as its text.

import type { CodeableConcept, CodeSystem } from '@medplum/fhirtypes';

/** Looks a sent word up: by code, display or Japanese name, whatever its width and case. */
export type CodeTable = (word: string) => CodeableConcept | undefined;

/** `aliases`: further words of a source -> code. */
export function codeTable(codeSystem: CodeSystem, aliases: Readonly<Record<string, string>> = {}): CodeTable {
  const byWord = new Map<string, CodeableConcept>();
  const concepts = codeSystem.concept ?? [];
  for (const { code = '', display, designation = [] } of concepts) {
    const ja = designation.find(({ language }) => language === 'ja')?.value;
    const concept = {
      coding: [{ system: codeSystem.url ?? '', code, ...(display && { display }) }],
      ...(ja && { text: ja }),
    };
    for (const word of [code, display, ja]) if (word) byWord.set(folded(word), concept);
  }
  for (const [word, code] of Object.entries(aliases)) {
    const concept = byWord.get(folded(code));
    if (!concept) throw new TypeError(`${codeSystem.url} has no code ${code}`);
    byWord.set(folded(word), concept);
  }
  return (word) => byWord.get(folded(word));
}

/** The concept of a code that is known to be there. */
export function conceptOf(table: CodeTable, code: string): CodeableConcept {
  const concept = table(code);
  if (!concept) throw new TypeError(`there is no code ${code}`);
  return concept;
}

/** The concept with the word as it was sent, or the word alone. */
export function conceptFor(table: CodeTable, word: string): CodeableConcept {
  return { ...table(word), text: word };
}

const folded = (word: string): string => word.normalize('NFKC').trim().toLowerCase();
