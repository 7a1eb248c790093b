// Whether two descriptions are of one person: names without regard to how they are written, birth date and sex as they are.
// Characters that registers and keyboards write differently (異体字) are one; 斎 and 斉, which are two names, are two.

import { isObject, type JsonObject } from './json.ts';

/** `birthDate` is a FHIR date, `gender` a code of administrative-gender; each undefined where it is not known. */
export type PersonFacts = { names: string[]; birthDate: string | undefined; gender: string | undefined };
export type PersonFact = 'name' | 'birthDate' | 'gender';

/** The facts of a Person, Patient or Practitioner. Names that are no longer used, or are not real ones, are left out. */
export function personFacts({ name, birthDate, gender }: JsonObject): PersonFacts {
  const names = (Array.isArray(name) ? name : []).filter(isObject).filter(({ use }) => !unreal.has(String(use)));
  return {
    names: names.map(foldedName).filter((text) => text !== ''),
    birthDate: typeof birthDate === 'string' ? birthDate : undefined,
    gender: typeof gender === 'string' ? gender : undefined,
  };
}

/** A name for comparison: NFKC, no spaces and dots, no case, no variants of characters. */
export function foldName(name: string): string {
  const folded = name
    .normalize('NFKC')
    .replace(/[\p{Z}\p{Cf}\p{Variation_Selector}・·.,-]/gu, '')
    .toUpperCase();
  return [...folded].map((character) => plain.get(character) ?? character).join('');
}

/** What of the one is not that of the other; a fact that either does not know differs unless `isOpen`. */
export function differences(one: PersonFacts, other: PersonFacts, { isOpen }: { isOpen: boolean }): PersonFact[] {
  const differs = (a: string | undefined, b: string | undefined) =>
    isOpen && (a === undefined || b === undefined) ? false : a === undefined || a !== b;
  const found: PersonFact[] = [];
  if (!one.names.some((name) => other.names.includes(name))) found.push('name');
  if (differs(one.birthDate, other.birthDate)) found.push('birthDate');
  if (differs(one.gender, other.gender)) found.push('gender');
  return found;
}

function foldedName({ text, family, given }: JsonObject): string {
  if (typeof text === 'string' && text !== '') return foldName(text);
  const parts = [family, ...(Array.isArray(given) ? given : [])];
  return foldName(parts.filter((part) => typeof part === 'string').join(''));
}

const unreal: ReadonlySet<string> = new Set(['old', 'nickname', 'anonymous', 'temp']);

/** The character in common use first, then its variants in registers of names. */
const variants = [
  ...[
    '高髙',
    '崎﨑嵜',
    '浜濱濵',
    '辺邉邊',
    '斎齋',
    '斉齊',
    '沢澤',
    '広廣',
    '桜櫻',
    '真眞',
    '恵惠',
    '徳德',
    '国國圀',
    '島嶋嶌',
  ],
  ...[
    '富冨',
    '吉𠮷',
    '橋𣘺',
    '柳栁',
    '桑桒',
    '渕淵渊',
    '関關',
    '竜龍',
    '滝瀧',
    '黒黑',
    '横橫',
    '児兒',
    '亜亞',
    '栄榮',
    '円圓',
  ],
  ...[
    '桧檜',
    '万萬',
    '与與',
    '余餘',
    '来來',
    '礼禮',
    '寿壽',
    '実實',
    '条條',
    '緑綠',
    '郷鄕',
    '都都',
    '隆隆',
    '神神',
    '祐祐',
    '静靜',
  ],
];
const plain: ReadonlyMap<string, string> = new Map(
  variants.flatMap((row) => {
    const [first = '', ...rest] = row;
    return rest.map((variant): [string, string] => [variant, first]);
  }),
);
