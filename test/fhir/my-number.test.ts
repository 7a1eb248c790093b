import { describe, expect, it } from 'vitest';
import { exactNumber } from '../../server/fhir/json.ts';
import { findMyNumber, holdsMyNumber } from '../../server/fhir/my-number.ts';
import { hasMyNumberCheckDigit, redactTwelveDigits } from '../../server/fhir/my-number-text.ts';

// The number printed on the specimen card of the Digital Agency, and the same with a wrong check digit.
const specimen = '123456789018';
const wrong = '123456789012';

describe('hasMyNumberCheckDigit', () => {
  it.each([
    [specimen, true],
    [wrong, false],
    // A remainder of 0 or 1 gives the check digit 0.
    ['000000000000', true],
    ['000000000060', true],
    ['000000000061', false],
    ['12345678901', false],
    ['1234567890189', false],
  ])('%s -> %s', (digits, expected) => expect(hasMyNumberCheckDigit(digits)).toBe(expected));
});

describe('findMyNumber', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a dedicated field', { records: [{ myNumber: specimen }] }, 'records[0].myNumber'],
    ['a dedicated field, even when mistyped', { 個人番号: wrong }, '個人番号'],
    ['a dedicated field as a number', { my_number: 123456789018 }, 'my_number'],
    ['a dedicated field as an exact number', { myNumber: exactNumber(specimen) }, 'myNumber'],
    ['full-width digits with spaces', { マイナンバー: '１２３４ ５６７８ ９０１８' }, 'マイナンバー'],
    [
      'an identifier whose system says so',
      { identifier: [{ system: 'urn:example:my-number', value: specimen }] },
      'identifier[0].value',
    ],
    ['an identifier of type NNJPN', { type: { coding: [{ code: 'NNJPN' }] }, value: wrong }, 'value'],
    [
      'an answer below a question',
      { item: [{ text: '個人番号', answer: [{ valueString: specimen }] }] },
      'item[0].answer[0].valueString',
    ],
    ['labelled text', { div: `<p>マイナンバー：${specimen} です</p>` }, 'div'],
    ['labelled text of its own', `My Number ${specimen}`, ''],
    ['labelled text with a wrong check digit', { div: `個人番号 ${wrong}` }, undefined],
    ['a label without digits', { text: '個人番号カードを確認した' }, undefined],
    ['a longer number behind a label', { text: `個人番号欄の控え番号 9${specimen}` }, undefined],
    ['nothing', { a: null, b: true, c: [1, 'x'] }, undefined],
  ])('%s', (_, value, place) => {
    expect(findMyNumber(value)).toBe(place);
    expect(holdsMyNumber(value)).toBe(place !== undefined);
  });
});

describe('redactTwelveDigits', () => {
  it('blanks runs of exactly 12 digits and keeps the length', () => {
    const text = `a ${specimen} b 1234-5678-9018 c １２３４５６７８９０１８ d 1234567890189`;
    const redacted = redactTwelveDigits(text);
    expect(redacted).toBe('a ************ b ****-****-**** c ************ d 1234567890189');
    expect(redacted).toHaveLength(text.length);
  });
});
