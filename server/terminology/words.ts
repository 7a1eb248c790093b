// The words of a concept: its display and designations, by language, and as text that is searched without regard to how it is
// written. FHIR R4, https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.concept.designation

import type { JsonObject } from '../fhir/json.ts';
import { normalise } from '../fhir/normalise.ts';
import { objects } from './code-index.ts';
import type { Member } from './member.ts';

/** Whether a display is one of a concept's words. Case, width and spacing do not matter; a concept without words takes any. */
export function isDisplayOf({ source }: { source: JsonObject }, display: string): boolean {
  const words = wordsOf(source);
  const asked = plain(display);
  return words.length === 0 || words.some((one) => plain(one) === asked);
}

/** What a code is called in a language (BCP 47), else as it is called anyhow. What the value set says goes first. */
export function displayIn(
  { display, source, placed }: Pick<Member, 'display' | 'source' | 'placed'>,
  language: string | undefined,
): string | undefined {
  return wordIn(source, language) ?? wordIn(placed?.source, language) ?? display;
}

/** The designations of a member in its value set and in its code system. */
export const designationsOf = ({ source, placed }: Pick<Member, 'source' | 'placed'>): JsonObject[] => [
  ...objects(source?.designation),
  ...objects(placed?.source.designation),
];

function wordIn(concept: JsonObject | undefined, language: string | undefined): string | undefined {
  if (concept === undefined || language === undefined || !('designation' in concept)) return undefined;
  const all = objects(concept.designation).filter(({ value }) => typeof value === 'string');
  const exact = all.find((one) => one.language === language);
  const [primary] = language.toLowerCase().split('-');
  const near = all.find(
    (one) => typeof one.language === 'string' && one.language.toLowerCase().split('-')[0] === primary,
  );
  const value = (exact ?? near)?.value;
  return typeof value === 'string' ? value : undefined;
}

const texts = new WeakMap<readonly Member[], string[]>();

/**
 * Those whose code or words hold every word of the text, wherever in them. Case, width, spaces, accents and the kind of kana do
 * not matter. The list's words are made ready once and kept with it.
 */
export function withWords(members: readonly Member[], text: string): readonly Member[] {
  const words = text.split(/\s+/).map(normalise).filter(Boolean);
  if (words.length === 0) return members;
  let ready = texts.get(members);
  if (!ready) {
    ready = members.map(searchText);
    texts.set(members, ready);
  }
  const [first = '', ...others] = words;
  const found: Member[] = [];
  for (const [n, one] of ready.entries()) {
    const member = members[n];
    if (member && one.includes(first) && others.every((word) => one.includes(word))) found.push(member);
  }
  return found;
}

const searchText = (member: Member): string =>
  [
    member.code,
    member.display ?? '',
    ...(member.placed ? wordsOf(member.placed.source) : []),
    ...wordsOf(member.source ?? {}),
  ]
    .map(normalise)
    .join('\n');

const wordsOf = (concept: JsonObject): string[] =>
  [concept.display, ...objects(concept.designation).map(({ value }) => value)].filter((one) => typeof one === 'string');

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
