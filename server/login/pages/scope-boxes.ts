// The scopes of an app as boxes to tick. Scopes that read the same are one box, so that nobody has to guess what the difference
// is; what an app learns in any case is said beside them and has no box.

import { inWords } from '../../access/scope-words.ts';
import { parseScope } from '../../access/scopes.ts';
import type { Language } from '../../fhir/outcome.ts';

export type ScopeBox = { words: string; scopes: string[] };
export type ScopeBoxes = {
  /** What the record is opened for. */
  record: ScopeBox[];
  /** Who the person is, and how long access lasts. */
  person: ScopeBox[];
  /** Goes with everything else. */
  always: ScopeBox[];
};

export function scopeBoxes(scopes: readonly string[], language: Language): ScopeBoxes {
  const boxes: ScopeBoxes = { record: [], person: [], always: [] };
  for (const scope of scopes) {
    const list = boxes[placeOf(scope)];
    const words = inWords(scope, language);
    const same = list.find((box) => box.words === words);
    if (same) same.scopes.push(scope);
    else list.push({ words, scopes: [scope] });
  }
  return boxes;
}

/** The scopes of the ticked boxes, by their first scope, and what goes with them. None ticked of the record: none at all. */
export function tickedScopes(scopes: readonly string[], ticked: readonly string[]): string[] {
  const { record, person, always } = scopeBoxes(scopes, 'ja');
  const isTicked = (box: ScopeBox) => ticked.includes(box.scopes[0] ?? '');
  const chosen = record.filter(isTicked);
  if (chosen.length === 0 && record.length > 0) return [];
  return [...chosen, ...person.filter(isTicked), ...always].flatMap((box) => box.scopes);
}

function placeOf(scope: string): keyof ScopeBoxes {
  const parsed = parseScope(scope);
  if (parsed.kind === 'grant') return 'record';
  return parsed.kind === 'identity' && parsed.word !== 'openid' ? 'person' : 'always';
}
