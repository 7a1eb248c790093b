// How names are compared: case, width, kind of kana and spaces do not count; kanji and dakuten do.
import { describe, expect, test } from 'vitest';
import { normalise } from '../../server/fhir/normalise.ts';
import { stringFacts, stringsOf } from '../../server/search/string.ts';

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
    ['か\u309b', 'が'],
    ['ｺ-ﾋ-', 'こーひー'],
    ['サ−ビス', 'さーびす'],
    ['１ー２−３', '1-2-3'],
    ['〒１００－０００１', '100-0001'],
    ['ジョン・スミス', 'じょんすみす'],
    ['試\u200b験', '試験'],
    ['ΟΔΟΣ', 'οδοσ'],
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
  test('a name gives its parts', () => {
    const value = { text: '試験 花子', family: '試験', given: ['花子', '葉子'], prefix: ['様'] };
    expect(stringsOf({ type: 'HumanName', value })).toEqual(['試験 花子', '試験', '花子', '葉子', '様']);
  });
  test('an address gives its parts', () => {
    const value = { line: ['一番地'], city: '見本市', postalCode: '000-0000', use: 'home' };
    expect(stringsOf({ type: 'Address', value })).toEqual(['一番地', '見本市', '000-0000']);
  });
  test('other objects give nothing', () => {
    expect(stringsOf({ type: 'Quantity', value: { value: 1 } })).toEqual([]);
  });
});

describe('stringFacts', () => {
  test('a name is found by family and given name in either order', () => {
    const value = { family: 'シケン', given: ['ハナコ'] };
    expect(stringFacts({ type: 'HumanName', value })).toEqual(['しけん', 'はなこ', 'しけんはなこ', 'はなこしけん']);
  });
  test('an address is found from the prefecture down, its postal code with and without hyphen', () => {
    const value = { state: '見本県', city: '試験市', line: ['一丁目'], postalCode: '１００－０００１' };
    const norms = stringFacts({ type: 'Address', value });
    expect(norms).toContain('見本県試験市一丁目');
    expect(norms).toContain('100-0001');
    expect(norms).toContain('1000001');
  });
});
