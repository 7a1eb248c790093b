import { expect, it } from 'vitest';
import { japaneseDate } from '../../mappings/japanese-date.ts';

it.each([
  ['20260915', '2026-09-15'],
  ['R080915', '2026-09-15'],
  ['R010501', '2019-05-01'],
  ['H310430', '2019-04-30'],
  ['H010108', '1989-01-08'],
  ['S330303', '1958-03-03'],
  ['T151224', '1926-12-24'],
  ['M450729', '1912-07-29'],
  ['5080915', '2026-09-15'],
  ['3330303', '1958-03-03'],
  ['r080915', '2026-09-15'],
  ['２０２６０９１５', '2026-09-15'],
  ['2026/09/15', '2026-09-15'],
  ['20240229', '2024-02-29'],
  ['20230229', undefined],
  ['R000101', undefined],
  ['R081301', undefined],
  ['X080915', undefined],
  ['2026', undefined],
  ['', undefined],
])('japaneseDate > %s -> %s', (text, expected) => expect(japaneseDate(text)).toBe(expected));
