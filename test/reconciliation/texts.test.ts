// Lots and names as people type them.
import { expect, test } from 'vitest';
import { lotWord, plainLot } from '../../server/reconciliation/lot.ts';
import { isSameName, plainText } from '../../server/reconciliation/texts.ts';
import { meaningOf } from '../../server/reconciliation/vaccinations/vaccine-word.ts';

test.each([
  ['5K01A', '５Ｋ０１Ａ', 'same'],
  ['5K01A', 'Lot.5k-01a', 'same'],
  ['5K01A', 'ロット番号：5KO1A', 'same'],
  ['5K11A', '5KIlA', 'same'],
  ['5K01A', '5K01B', 'typo'],
  ['5K01A', '5K1A', 'typo'],
  ['5K01A', '5K10A', 'typo'],
  ['5K01A', '5K99B', 'other'],
  ['A12', 'A13', 'other'],
  ['5K01A', '', 'missing'],
  [undefined, '5K01A', 'missing'],
])('lot %s and %s: %s', (one, other, word) => {
  expect(lotWord(plainLot(one), plainLot(other))).toBe(word);
});

test.each([
  ['みほんこどもクリニック', 'ﾐﾎﾝｺﾄﾞﾓ ｸﾘﾆｯｸ', true],
  ['見本こどもクリニック', '医療法人 見本こどもクリニック', true],
  ['見本', '見本医院', false],
  ['', '', false],
])('%s and %s: the same place %s', (one, other, is) => {
  expect(isSameName(plainText(one), plainText(other))).toBe(is);
});

test.each([
  ['ごーびっく', 'DPT-IPV-Hib', 5],
  ['ﾛﾀﾘｯｸｽ', 'RV1', 1],
  ['ロタ', undefined, 1],
  ['インフルエンザ菌b型', 'Hib', 1],
  ['不明', undefined, 0],
])('%s is %s, with %i antigens', (text, code, antigens) => {
  const meaning = meaningOf({ text });
  expect([meaning.code, meaning.antigens.length]).toEqual([code, antigens]);
});
