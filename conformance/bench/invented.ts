// Names that look invented, and chance that is the same in every run. Frequencies are skewed as real ones are: the k-th of a
// list comes about 1/k as often as the first.

type Name = { family: string; given: string };

// Two of them make a family name; none of the pairs is meant to be anybody's.
const syllables = [
  ['試', 'シ'],
  ['験', 'ケン'],
  ['見', 'ミ'],
  ['本', 'ホン'],
  ['例', 'レイ'],
  ['題', 'ダイ'],
  ['仮', 'カリ'],
  ['架', 'カ'],
  ['空', 'クウ'],
  ['雛', 'ヒナ'],
  ['形', 'ガタ'],
  ['標', 'ヒョウ'],
  ['準', 'ジュン'],
  ['模', 'モ'],
  ['擬', 'ギ'],
  ['型', 'ケイ'],
  ['案', 'アン'],
  ['図', 'ズ'],
  ['習', 'シュウ'],
  ['作', 'サク'],
] as const;
const heads = [
  ['花', 'ハナ'],
  ['太', 'タ'],
  ['一', 'イチ'],
  ['二', 'ジ'],
  ['三', 'サブ'],
  ['春', 'ハル'],
  ['夏', 'ナツ'],
  ['秋', 'アキ'],
  ['冬', 'フユ'],
  ['月', 'ツキ'],
  ['星', 'ホシ'],
  ['雪', 'ユキ'],
] as const;
const girlsTails = [
  ['子', 'コ'],
  ['美', 'ミ'],
  ['奈', 'ナ'],
  ['代', 'ヨ'],
] as const;
const boysTails = [
  ['郎', 'ロウ'],
  ['介', 'スケ'],
  ['人', 'ト'],
  ['平', 'ヘイ'],
] as const;

/** The name of child `n` in kanji and in katakana; even numbers are girls. 400 family names, 96 given ones. */
export function nameOf(n: number): { kanji: Name; kana: Name } {
  const family = skewed(syllables.length * syllables.length, n, 10);
  const place = Math.floor(family / syllables.length);
  const [first, second] = [syllables[place], syllables[(family + place + 1) % syllables.length]];
  const head = heads[skewed(heads.length, n, 11)];
  const tail = (n % 2 === 0 ? girlsTails : boysTails)[skewed(4, n, 12)];
  const written = (form: 0 | 1): Name => ({
    family: `${first?.[form]}${second?.[form]}`,
    given: `${head?.[form]}${tail?.[form]}`,
  });
  return { kanji: written(0), kana: written(1) };
}

/** 0 ≤ number < 1 that follows from `n`; each `salt` gives another row of numbers. */
export function roll(n: number, salt: number): number {
  let hash = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** One of 0 … count - 1, the smaller ones more often: the logarithm of its place is even. */
export const skewed = (count: number, n: number, salt: number): number =>
  Math.min(count - 1, Math.floor((count + 1) ** roll(n, salt)) - 1);
