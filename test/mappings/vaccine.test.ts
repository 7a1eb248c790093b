import { describe, expect, it } from 'vitest';
import { CVX } from '../../mappings/code-systems.ts';
import { findVaccine, vaccineConcept } from '../../mappings/vaccine.ts';
import { VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';

describe('findVaccine', () => {
  it.each([
    ['五種混合', 'DPT-IPV-Hib'],
    ['５種混合', 'DPT-IPV-Hib'],
    ['五種混合（試験用コード）', 'DPT-IPV-Hib'],
    ['五種混合ワクチン', 'DPT-IPV-Hib'],
    ['ゴービック水性懸濁注シリンジ', 'DPT-IPV-Hib'],
    ['組換え沈降（ビームゲン）', 'HepB'],
    ['ﾛﾀﾘｯｸｽ', 'RV1'],
    ['ロタウイルス5価', 'RV5'],
    ['プレベナー20水性懸濁注', 'PCV20'],
    ['Ｂ型肝炎', 'HepB'],
    ['麻しん', 'M'],
    ['麻しん風しん混合', 'MR'],
    ['dpt-ipv-hib', 'DPT-IPV-Hib'],
    // "プレベナー" and "インフルエンザ" stand inside these, and mean something else.
    ['プレベナー24', undefined],
    ['インフルエンザ菌b型', 'Hib'],
    ['試験ワクチン', undefined],
    ['', undefined],
  ])('by name: %s -> %s', (name, code) => expect(findVaccine([], name)?.code).toBe(code));

  it.each([
    ['116', 'RV5'],
    ['08', 'HepB'],
    ['8', 'HepB'],
    ['120', 'DPT-IPV-Hib'],
    ['99999', undefined],
  ])('by CVX: %s -> %s', (cvx, code) => expect(findVaccine([{ system: CVX, code: cvx }], undefined)?.code).toBe(code));

  it('believes a code before a name', () => {
    expect(findVaccine([{ system: VACCINE_SYSTEM, code: 'BCG' }], '五種混合')?.code).toBe('BCG');
  });
});

describe('vaccineConcept', () => {
  it('puts our coding first and keeps what was sent', () => {
    const sent = { system: 'urn:example:local', code: 'T0001', display: '五種混合' };
    expect(vaccineConcept([sent], '五種混合')).toEqual({
      coding: [{ system: VACCINE_SYSTEM, code: 'DPT-IPV-Hib', display: expect.any(String) }, sent],
      text: '五種混合',
    });
  });

  it('keeps text and coding of an unknown vaccine', () => {
    const sent = { system: 'urn:example:local', code: 'T9', display: '試験ワクチン' };
    expect(vaccineConcept([sent], '試験ワクチン')).toEqual({ coding: [sent], text: '試験ワクチン' });
  });
});
