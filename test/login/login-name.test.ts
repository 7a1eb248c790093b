// Login names are one name however they are typed. Unicode NFKC, UAX #15
import { describe, expect, test } from 'vitest';
import { foldLogin, loginFault } from '../../server/login/login-name.ts';
import { passwordFault } from '../../server/login/password-rules.ts';

describe('a login name', () => {
  test.each([
    ['Hanako@Example.JP', 'hanako@example.jp'],
    ['ｈａｎａｋｏ', 'hanako'],
    ['ﾊﾅｺ', 'ハナコ'],
    ['STRASSE', 'straße'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    [' hanako ', 'hanako'],
    ['か\u3099く', 'がく'],
  ])('%s is %s', (one, other) => expect(foldLogin(one)).toBe(foldLogin(other)));

  test('folding twice changes nothing', () => {
    for (let code = 0x21; code < 0x30000; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const once = foldLogin(String.fromCodePoint(code));
      if (foldLogin(once) !== once) throw new Error(`U+${code.toString(16)}`);
    }
  });

  test.each([
    ['hanako', undefined],
    ['試験花子', undefined],
    ['hanako@example.jp', undefined],
    ['ab', 'length'],
    ['x'.repeat(255), 'length'],
    ['hana ko', 'characters'],
    ['hana\u200bko', 'characters'],
    ['hana\u202eko', 'characters'],
    ['123456789018', 'my-number'],
    ['a１２３４５６７８９０１８', 'my-number'],
  ])('%j > %s', (login, fault) => expect(loginFault(login)).toBe(fault));
});

describe('a password', () => {
  test.each([
    ['tuesday-lamp-oboe', undefined],
    ['むかしむかし、あるところに', undefined],
    ['桜餅 電車 うみ 犬小屋', undefined],
    ['9fK2mQx7LpTz', undefined],
    ['9fK2mQx7LpT', 'short'],
    ['a b c d', 'short'],
    ['うみ うみ うみ うみ', 'short'],
    ['x'.repeat(257), 'long'],
    ['aaaaaaaaaaaaaaa', 'common'],
    ['abababababab', 'common'],
    ['abcdefabcdefabcdef', 'common'],
    ['123456789012', 'common'],
    ['abcdefghijkl', 'common'],
    ['qwertyuiop12', 'common'],
    ['Password1234', 'common'],
    ['Password!2026!', 'common'],
    ['p4ssw0rdp4ssw0rd', 'common'],
    ['iloveyou1234', 'common'],
    ['sakura20260401', 'common'],
    ['ｐａｓｓｗｏｒｄ１２３４', 'common'],
    ['パスワード1234567', 'common'],
    ['shiken-hanako-1', 'login'],
    ['shiken.hanako@example.jp', 'login'],
    ['Shiken Hanako 26', 'login'],
  ])('%s > %s', (password, fault) => expect(passwordFault(password, 'shiken.hanako@example.jp')).toBe(fault));
});
