import { describe, expect, it } from 'vitest';
import { decimal, decimalText, divideExactly, multiply } from '../../mappings/decimal.ts';

describe('decimalText', () => {
  it.each([
    ['3.050', '3.050'],
    ['.25', '0.25'],
    ['+3', '3'],
    ['-0.50', '-0.50'],
    ['007.10', '7.10'],
    ['３．５', '3.5'],
    ['3.', '3'],
    ['12345678901234567890.10', '12345678901234567890.10'],
    ['', undefined],
    ['.', undefined],
    ['1e3', undefined],
    ['1,000', undefined],
    ['測定不能', undefined],
  ])('%s -> %s', (text, expected) => expect(decimalText(text)).toBe(expected));
});

it('decimal > keeps every digit through JSON.stringify', () => {
  expect(JSON.stringify({ value: decimal('3.050') })).toBe('{"value":3.050}');
});

describe('multiply', () => {
  it.each([
    ['1.5', '5', '7.5'],
    ['0.1', '0.2', '0.02'],
    ['10.5', '14', '147'],
    ['0.07', '3', '0.21'],
    ['-1.5', '2', '-3'],
    ['0', '5', '0'],
    ['a', '5', undefined],
  ])('%s × %s = %s', (a, b, expected) => expect(multiply(a, b)).toBe(expected));
});

describe('divideExactly', () => {
  it.each([
    ['10.5', 3, '3.5'],
    ['6', 4, '1.5'],
    ['0.7', 3, undefined],
    ['1', 0, undefined],
  ])('%s ÷ %s = %s', (a, count, expected) => expect(divideExactly(a, count)).toBe(expected));
});
