// How names are compared: case, width, kind of kana and spaces do not count; kanji and dakuten do.
import { describe, expect, test } from 'vitest';
import { normalise, stringsOf } from '../../server/search/string.ts';

describe('normalise', () => {
  test.each([
    ['ハナコ', 'はなこ'],
    ['ﾊﾅｺ', 'はなこ'],
    ['ｶﾞｷﾞ', 'がぎ'],
    ['ヴァイオリン', 'ゔぁいおりん'],
    ['ヶ', 'ゖ'],
    ['試験　花子', '試験花子'],
    ['試験 花子', '試験花子'],
    ['ＡＢＣ１２３', 'abc123'],
    ['Müller', 'muller'],
    ['ÉCOLE', 'ecole'],
    ['が'.normalize('NFD'), 'が'],
    ['コーヒー', 'こーひー'],
    ['㈱', '(株)'],
    ['𠮷野', '𠮷野'],
  ])('%j is %j', (text, norm) => {
    expect(normalise(text)).toBe(norm);
    expect(normalise(norm)).toBe(norm);
  });

  test.each([
    ['か', 'が'],
    ['は', 'ぱ'],
    ['斉', '斎'],
    ['ー', ''],
  ])('%j is not %j', (one, other) => {
    expect(normalise(one)).not.toBe(normalise(other));
  });
});

describe('stringsOf', () => {
  test('a name gives its parts, and family and given together', () => {
    const value = { text: '試験 花子', family: '試験', given: ['花子', '葉子'], prefix: ['様'] };
    expect(stringsOf({ type: 'HumanName', value })).toEqual([
      '試験 花子',
      '試験',
      '花子',
      '葉子',
      '様',
      '試験花子葉子',
    ]);
  });
  test('an address gives its parts', () => {
    const value = { line: ['一番地'], city: '見本市', postalCode: '000-0000', use: 'home' };
    expect(stringsOf({ type: 'Address', value })).toEqual(['一番地', '見本市', '000-0000']);
  });
  test('other objects give nothing', () => {
    expect(stringsOf({ type: 'Quantity', value: { value: 1 } })).toEqual([]);
  });
});
