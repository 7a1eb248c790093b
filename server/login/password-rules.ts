// Which passwords are taken: long ones that are not among the first to be guessed. NIST SP 800-63B-4, 3.1.1: length counts,
// no rules of composition, no expiry, and a list of what everybody tries.

import { foldLogin } from './login-name.ts';

const shortest = 12;
const longest = 256;
const passphraseWords = 4;
const passphraseLetters = 8;
// Fewer different characters than this are a pattern.
const fewestDifferent = 5;

export type PasswordFault = 'short' | 'long' | 'common' | 'login';

/** What is wrong with a new password for this login name; undefined when it may be taken. */
export function passwordFault(password: string, login: string): PasswordFault | undefined {
  const text = normalPassword(password);
  const { length } = [...text];
  if (length > longest) return 'long';
  if (length < shortest && !isPassphrase(text)) return 'short';
  const folded = foldLogin(text);
  if (isCommon(folded)) return 'common';
  return isFromLogin(folded, foldLogin(login)) ? 'login' : undefined;
}

/** The form in which passwords are hashed, so that every keyboard types the same one (NFKC). */
export const normalPassword = (password: string): string => password.normalize('NFKC');

/** Four different words or more, of two letters or more: 「桜餅 電車 うみ 犬小屋」 is longer than it looks. */
function isPassphrase(text: string): boolean {
  const words = new Set(text.trim().split(/\s+/u));
  const letters = [...words].reduce((sum, word) => sum + [...word].length, 0);
  return (
    words.size >= passphraseWords && letters >= passphraseLetters && [...words].every((word) => [...word].length > 1)
  );
}

function isCommon(folded: string): boolean {
  const bare = folded.replace(/[\s_\-.!?@#$%&*]/g, '');
  if (new Set(bare).size < fewestDifferent || isRepeated(bare) || isRun(bare)) return true;
  // With digits and signs taken away, and the usual ones read as letters, what is left is a word that everybody tries.
  const word = bare.replace(/\d+/g, '');
  const read = bare.replace(
    /[0134579]/g,
    (digit) => ({ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 9: 'g' })[digit] ?? '',
  );
  return [bare, word, read, read.replace(/\d+/g, '')].some((one) => one !== '' && commonWords.has(unrepeated(one)));
}

const isRepeated = (text: string): boolean => unrepeated(text).length <= text.length / 3;

/** `abcabcabc` -> `abc` */
function unrepeated(text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).startsWith(text)) return unit;
  }
  return text;
}

const runs = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn',
];
const longestRun = 8;

/** Made of a few pieces of the alphabet, of the digits or of the keyboard, forwards or backwards. */
function isRun(text: string): boolean {
  const lines = runs.flatMap((run) => [run, [...run].reverse().join('')]);
  for (let at = 0; at + longestRun <= text.length; at++) {
    const rest = text.length - longestRun;
    if (rest < 5 && lines.some((line) => line.includes(text.slice(at, at + longestRun)))) return true;
  }
  return false;
}

/** The login name, or its part before the @, with little else around it. */
function isFromLogin(folded: string, login: string): boolean {
  const [name = ''] = login.split('@');
  const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '');
  return [login, name].some((part) => {
    const own = letters(part);
    return own.length >= 4 && letters(folded).split(own).join('').length < 6 && letters(folded).includes(own);
  });
}

// Words and phrases from which the usual passwords of twelve characters and more are made, without digits and signs.
const commonWords = new Set(
  `password passwort passwords passwordpassword mypassword thepassword secretpassword adminpassword administrator
adminadmin rootroot welcome welcomewelcome welcomehome letmein letmeinplease iloveyou iloveyoubaby iloveyousomuch
iloveyouforever sunshine princess football baseball superman batman dragon monkey shadow master michael jennifer
qwerty qwertyuiop qwertyqwerty asdfghjkl zxcvbnm changeme changemenow default guest trustnoone whatever computer
internet correcthorsebatterystaple thequickbrownfox loveyou mother mothers motherchild boshitecho boshi techo tsumugi
tsumugitsumugi sakura sakurasakura himitsu himitsuhimitsu pasuwado pasuwaado aishiteru aishiteiru daisuki arigatou
arigatougozaimasu konnichiwa ohayougozaimasu doraemon pikachu pokemon totoro hanako taro tarou tokyo osaka nippon nihon
japan yamada suzuki satou sato tanaka takahashi watanabe hellohello helloworld goodmorning nintendo playstation samsung
パスワード ひみつ さくら つむぎ ありがとう あいしてる だいすき こんにちは 母子手帳 母子健康手帳`
    .split(/\s+/)
    .map((word) => word.normalize('NFKC')),
);
