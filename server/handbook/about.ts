// The first page of a handbook (whose it is) and the last (when, by whom and from which sources it was made, what is left out, and
// which characters could not be shown as they were written).

import type { Language } from '../fhir/outcome.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import type { Booklet } from './booklet.ts';
import { type Papers, personName, readingOf, type ShownType } from './papers.ts';
import { sayIn } from './part.ts';
import type { Unshown } from './typeface.ts';
import { dayWords } from './words.ts';

export function coverPage(booklet: Booklet, papers: Papers): void {
  const { language } = booklet;
  const say = sayIn(language);
  const { patient } = papers;
  booklet.space(70);
  booklet.paragraph(say('母子健康手帳の記録', 'Mother and child handbook'), {
    size: 24,
    weight: 'bold',
    color: '#2b655f',
  });
  booklet.space(6);
  booklet.paragraph(nameOf(papers, language), { size: 18, weight: 'bold' });
  booklet.space(10);
  booklet.facts([
    [say('よみ', 'Reading'), readingOf(patient.name)],
    [say('生年月日', 'Date of birth'), patient.birthDate && dayWords(patient.birthDate, language)],
    [say('性別', 'Sex'), GENDERS[patient.gender ?? '']?.[language]],
  ]);
  booklet.space(14);
}

export const nameOf = ({ patient }: Papers, language: Language): string =>
  personName(patient.name, language) ?? sayIn(language)('（名前の記録なし）', '(no name recorded)');

export const GENDERS: Record<string, Record<Language, string> | undefined> = {
  male: { ja: '男', en: 'male' },
  female: { ja: '女', en: 'female' },
  other: { ja: 'その他', en: 'other' },
  unknown: { ja: '不明', en: 'unknown' },
};

export type Made = { madeMs: number; base: string };

/** Where what a document says is from. */
export function sourcesPart(booklet: Booklet, papers: Papers, { madeMs, base }: Made): void {
  const { language } = booklet;
  const say = sayIn(language);
  booklet.heading(say('この冊子について', 'About this booklet'));
  booklet.paragraph(
    say(
      '保存されている記録をそのまま印刷したものです。市区町村が交付する母子健康手帳の代わりにはなりません。同じ出来事を複数のところが伝えている場合は、1回だけ載せています。',
      'A print of the record as it is stored. It does not replace the handbook that the municipality issues. What several sources tell of one event is shown once.',
    ),
  );
  booklet.facts([
    [say('作成した日', 'Made on'), dayWords(todayInJapan(madeMs), language)],
    [say('作成したもの', 'Made by'), `Tsumugi ${base}`],
    [
      say('記録した機関', 'Organizations'),
      papers.writers.length > 0 ? papers.writers.join(say('、', ', ')) : say('なし', 'none'),
    ],
    [
      say('「家族など」', '“family or unnamed”'),
      say(
        '医療機関などの署名がない記録です。家族が自分で入力したものを含みます。',
        'No organization stands for these entries; families typed some of them themselves.',
      ),
    ],
    [say('含まれないもの', 'Left out'), leftOut(papers, language)],
  ]);
}

function leftOut({ hidden, narrowed }: Papers, language: Language): string | undefined {
  const say = sayIn(language);
  const types = hidden.map((type) => TYPE_WORDS[type][language]).join(say('、', ', '));
  return [
    hidden.length === 0
      ? ''
      : say(
          `この冊子を求めた人やアプリが見ることのできない種類：${types}`,
          `Kinds that who asked may not read: ${types}`,
        ),
    narrowed ? say('見る権利がある部分だけを載せています。', 'Only what who asked has a right to see is shown.') : '',
  ]
    .filter(Boolean)
    .join('\n');
}

const TYPE_WORDS: Record<ShownType, Record<Language, string>> = {
  EpisodeOfCare: { ja: '妊娠の期間', en: 'pregnancies' },
  Observation: { ja: '測定・検査', en: 'observations' },
  DiagnosticReport: { ja: '健診の報告', en: 'reports' },
  Immunization: { ja: '予防接種', en: 'vaccinations' },
  AllergyIntolerance: { ja: 'アレルギー', en: 'allergies' },
  Condition: { ja: '病気', en: 'illnesses' },
  MedicationRequest: { ja: '処方', en: 'prescriptions' },
  MedicationDispense: { ja: '調剤', en: 'dispensings' },
  MedicationStatement: { ja: '使用した薬', en: 'medicines taken' },
  Encounter: { ja: '受診', en: 'visits' },
  Communication: { ja: 'メモ', en: 'notes' },
  DocumentReference: { ja: '書類', en: 'documents' },
  RelatedPerson: { ja: '家族', en: 'family members' },
};

/** Each text that is not shown as it is written, with its code points. Copied or searched, all of them are as they were stored. */
export function unshownPart(booklet: Booklet, unshown: readonly Unshown[]): void {
  if (unshown.length === 0) return;
  const say = sayIn(booklet.language);
  booklet.heading(say('表示できない文字', 'Characters that could not be shown'), { level: 2 });
  booklet.paragraph(
    say(
      '書体にない文字は「〓」で、書体にない異体字は普通の字形で示しています。コピーした文字は元のままです。',
      'A character that the typeface lacks is shown as 〓, a variant that it lacks in the usual form. Copied text is as it was stored.',
    ),
  );
  // Named by code points alone: to write them here would need what is missing.
  const named = unshown.slice(0, MOST_NAMED).map(({ text, how }) => {
    const points = Array.from(
      text,
      (one) => `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    );
    return `${points.join(' ')} → ${how === 'no-glyph' ? '〓' : say('普通の字形', 'usual form')}`;
  });
  const more = unshown.length - named.length;
  booklet.paragraph(named.join('\n') + (more > 0 ? `\n${say(`ほか${more}字`, `and ${more} more`)}` : ''), { size: 8 });
}

const MOST_NAMED = 200;
