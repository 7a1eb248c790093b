// The columns of a municipal birth list: who the child is, whose child, and what the notification of birth says. The layout is ours, after
// the items of the resident register and the notification of birth.

import type { Column } from './column.ts';

const blanked =
  'The municipality’s internal numbers join all its systems and must not leave it; it is blanked in the kept row.';

export const birthColumns = [
  {
    ...{ key: 'childId', ja: '対象者番号', required: true },
    en: 'Number of the child, in the municipality’s system of numbers for this record',
    to: ['Patient.identifier'],
  },
  { key: 'familyName', ja: '氏', en: 'Family name', required: true, to: ['Patient.name.family'] },
  { key: 'givenName', ja: '名', en: 'Given name', required: true, to: ['Patient.name.given'] },
  { key: 'familyKana', ja: '氏カナ', en: 'Family name in kana', to: ['Patient.name.family'] },
  { key: 'givenKana', ja: '名カナ', en: 'Given name in kana', to: ['Patient.name.given'] },
  { key: 'sex', ja: '性別', en: 'Sex', required: true, to: ['Patient.gender'] },
  { key: 'birthDate', ja: '生年月日', en: 'Birth date', required: true, to: ['Patient.birthDate'] },
  { key: 'birthOrder', ja: '出生順位', en: 'Order among twins and more', to: ['Patient.multipleBirth[x]'] },
  { key: 'postalCode', ja: '郵便番号', en: 'Postal code', to: ['Patient.address.postalCode'] },
  { key: 'prefecture', ja: '都道府県', en: 'Prefecture', to: ['Patient.address.state'] },
  { key: 'city', ja: '市区町村', en: 'City, ward, town or village', to: ['Patient.address.city'] },
  { key: 'street', ja: '町名番地', en: 'Street and number', to: ['Patient.address.line'] },
  {
    key: 'isProtected',
    holdsBack: true,
    ja: '支援措置',
    en: 'Address to be hidden (protection from violence): 1',
    kept: 'A row with 1 is not sent at all: the family is registered at the desk and protected with $protect. 0 says nothing.',
  },
  {
    key: 'motherId',
    ja: '母の番号',
    en: 'Number of the mother, in the same system; joins the child to her record',
    to: ['RelatedPerson.identifier'],
  },
  { key: 'motherFamilyName', ja: '母の氏', en: 'Family name of the mother', to: ['RelatedPerson.name.family'] },
  { key: 'motherGivenName', ja: '母の名', en: 'Given name of the mother', to: ['RelatedPerson.name.given'] },
  { key: 'motherBirthDate', ja: '母の生年月日', en: 'Birth date of the mother', to: ['RelatedPerson.birthDate'] },
  { key: 'birthWeightG', ja: '出生体重', en: 'Birth weight in g', to: ['Observation.valueQuantity'] },
  { key: 'birthLengthCm', ja: '出生身長', en: 'Length at birth in cm', to: ['Observation.valueQuantity'] },
  {
    key: 'gestationalWeeks',
    ja: '在胎週数',
    en: 'Whole weeks of gestation at birth',
    to: ['Observation.valueQuantity'],
  },
  { key: 'gestationalDays', ja: '在胎日数', en: 'Days beyond the weeks', to: ['Observation.valueQuantity'] },
  { key: 'addressNumber', ja: '宛名番号', en: 'Address number', dropped: blanked },
  { key: 'householdNumber', ja: '世帯番号', en: 'Household number', dropped: blanked },
  {
    key: 'deleted',
    ja: '削除フラグ',
    en: 'Withdrawn: 1',
    to: ['RelatedPerson.active', 'Observation.status'],
  },
  { key: 'updatedAt', ja: '更新日時', en: 'When the row was last changed', to: ['Provenance.occurred[x]'] },
] as const satisfies readonly Column[];

export type BirthKey = (typeof birthColumns)[number]['key'];
