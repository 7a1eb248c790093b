// The sentences of a summary, in the two languages. Data.

import type { Language } from '../fhir/outcome.ts';

type Words = Readonly<Record<Language, string>>;

export const TITLE: Words = { ja: '国際患者サマリー', en: 'International Patient Summary' };

/** What a section says of itself. */
export const NOTES = {
  nothing: {
    ja: 'この記録には登録がありません（ないと確かめられたという意味ではありません）。',
    en: 'Nothing is recorded (which does not mean that there is none).',
  },
  withheld: {
    ja: 'この項目は、この要約を作った人・アプリには閲覧が許されていないため、含まれていません。',
    en: 'Not included: whoever had this summary made is not allowed to read this part.',
  },
  partly: {
    ja: 'この要約を作った人・アプリに閲覧が許された範囲だけを含みます。',
    en: 'Holds only what whoever had this summary made is allowed to read.',
  },
  older: { ja: '項目ごとに新しいものだけを示しています。', en: 'Of each kind only the newest are shown.' },
  cut: {
    ja: '記録が多いため、新しいものから選んでいます。',
    en: 'There are many records; these are chosen from the newest.',
  },
  lately: {
    ja: '現在のもの、および過去90日以内に終わったものを示しています。',
    en: 'Current, and what ended within the last 90 days.',
  },
  closed: { ja: '特に秘匿とされた記録は含まれていません。', en: 'Records that are very restricted are not included.' },
  unfit: {
    ja: '日付や単位が足りず、この形式で示せないもの：',
    en: 'Could not be given in this form, for lack of a date or a unit: ',
  },
  plan: {
    ja: '日本の予防接種制度に基づく計算です。接種は医師が判断します。',
    en: 'Computed by the Japanese schedule; a physician decides.',
  },
} as const satisfies Record<string, Words>;

export const PERSON = {
  name: { ja: '氏名', en: 'Name' },
  birthDate: { ja: '生年月日', en: 'Date of birth' },
  gender: { ja: '性別', en: 'Sex' },
  made: { ja: '作成日', en: 'Made on' },
  by: { ja: '記録から自動で作成', en: 'Put together from the record by software, not reviewed by a physician' },
} as const satisfies Record<string, Words>;

export const GENDERS: Readonly<Record<string, Words>> = {
  male: { ja: '男', en: 'male' },
  female: { ja: '女', en: 'female' },
  other: { ja: 'その他', en: 'other' },
  unknown: { ja: '不明', en: 'unknown' },
};
