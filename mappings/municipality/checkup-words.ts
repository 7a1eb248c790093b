// Words and signs of check-up cells -> codings of our code systems: the code itself, its Japanese and English names, and what forms write.

import type { CodeSystem, Coding } from '@medplum/fhirtypes';
import judgementSystem from '../../profiles/code-systems/checkup-judgement.json' with { type: 'json' };
import stageSystem from '../../profiles/code-systems/checkup-stage.json' with { type: 'json' };
import gradeSystem from '../../profiles/code-systems/test-strip-grade.json' with { type: 'json' };
import { plain } from './row-values.ts';

/** By the word without width, case and spaces. */
export type CodeWords = Readonly<Record<string, Coding & { code: string }>>;

/** `more` are words that forms have for a code: word -> code. */
export function codeWords(system: unknown, more: Readonly<Record<string, string>> = {}): CodeWords {
  const { url = '', concept = [] } = system as CodeSystem;
  const words: Record<string, Coding & { code: string }> = {};
  for (const { code = '', display = code, designation = [] } of concept) {
    const coding = { system: url, code, display };
    const japanese = designation.flatMap(({ language, value = '' }) =>
      language === 'ja' ? [value, value.replace(/（.*）$/, '')] : [],
    );
    const own = Object.keys(more).filter((word) => more[word] === code);
    for (const word of [code, display, ...japanese, ...own]) if (word !== '') words[plain(word)] ??= coding;
  }
  return words;
}

export const grades = codeWords(gradeSystem, {
  '-': 'negative',
  '±': 'trace',
  '+': '1+',
  '++': '2+',
  '+++': '3+',
  '++++': '4+',
  '(-)': 'negative',
  '(±)': 'trace',
  '(+)': '1+',
});

export const judgements = codeWords(judgementSystem, {
  異常なし: 'normal',
  経過観察: 'observe',
  要観察: 'observe',
  要指導: 'guide',
  要精密検査: 'refer',
  要精検: 'refer',
  既医療: 'treated',
});

export const stages = codeWords(stageSystem, {
  '1か月': '1m',
  '3~4か月': '3-4m',
  '3-4か月': '3-4m',
  '3・4か月': '3-4m',
  '6~7か月': '6-7m',
  '9~10か月': '9-10m',
  '1歳6か月': '18m',
  '1歳6か月児': '18m',
  '3歳': '36m',
  '3歳児': '36m',
  '5歳': '60m',
  '5歳児': '60m',
  妊婦: 'pregnancy',
});
