// Names are compared without regard to how they are written; birth date and sex as they are.
import { describe, expect, test } from 'vitest';
import { differences, foldName, personFacts } from '../../server/fhir/person-facts.ts';

describe('two ways to write a name', () => {
  test.each([
    ['試験　花子', '試験 花子'],
    ['試験花子', '試験 花子'],
    ['髙橋　一郎', '高橋 一郎'],
    ['山﨑', '山崎'],
    ['渡邉', '渡辺'],
    ['渡邊', '渡辺'],
    ['齋藤', '斎藤'],
    ['神田', '神田'],
    ['辻󠄀', '辻'],
    ['ＳＭＩＴＨ　ＪＯＨＮ', 'Smith John'],
    ['ﾊﾅｺ', 'ハナコ'],
    ['ジョン・スミス', 'ジョン スミス'],
  ])('%s is %s', (one, other) => expect(foldName(one)).toBe(foldName(other)));

  test.each([
    ['斎藤', '斉藤'],
    ['試験 花子', '試験 花代'],
    ['太田', '大田'],
    ['ハナコ', 'バナコ'],
    ['花子 試験', '試験 花子'],
  ])('%s is not %s', (one, other) => expect(foldName(one)).not.toBe(foldName(other)));
});

describe('a Person', () => {
  const person = { name: [{ text: '試験 花子' }], birthDate: '1990-05-03', gender: 'female' };
  const of = (more: object) => personFacts({ ...person, ...more });

  test.each([
    [{}, []],
    [{ name: [{ family: '試験', given: ['花子'] }] }, []],
    [{ name: [{ use: 'old', text: '見本 花子' }, { text: '試験 花子' }] }, []],
    [{ name: [{ use: 'old', text: '試験 花子' }] }, ['name']],
    [{ name: [{ use: 'nickname', text: '試験 花子' }] }, ['name']],
    [{ name: undefined }, ['name']],
    [{ name: [{ text: '' }] }, ['name']],
    [{ birthDate: '1990-05' }, ['birthDate']],
    [{ birthDate: undefined }, ['birthDate']],
    [{ gender: 'other', birthDate: '1990-05-04' }, ['birthDate', 'gender']],
  ])('%j differs in %j', (more, found) => {
    expect(differences(of({}), of(more), { isOpen: false })).toEqual(found);
    expect(differences(of(more), of({}), { isOpen: false })).toEqual(found);
  });

  test('that does not say something differs in nothing where that is open, but always in the name', () => {
    const nothing = of({ birthDate: undefined, gender: undefined });
    expect(differences(of({}), nothing, { isOpen: true })).toEqual([]);
    expect(differences(of({}), personFacts({}), { isOpen: true })).toEqual(['name']);
  });
});
