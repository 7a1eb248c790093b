// Refusals of the login in words that a person can act on, with the HTTP status of the page that says them.

import type { Refusal } from '../context.ts';
import { refusals } from '../jpki/refusal.ts';
import type { Page, Say } from './page.ts';

type Told = Required<Pick<Page, 'status' | 'fault'>> & Pick<Page, 'retryAfterS'>;

/** `isCode`: what was wrong was a code, and not a name and a password. */
export function told(refusal: Refusal, say: Say, { isCode = false } = {}): Told {
  switch (refusal.why) {
    case 'wrong':
      return { status: 401, fault: isCode ? say(...wrongCode) : say(...wrongLogin) };
    case 'wait': {
      const seconds = Math.max(1, Math.ceil(refusal.waitMs / 1000));
      return {
        status: 429,
        retryAfterS: seconds,
        fault: say(
          `続けて間違えたか、混み合っています。${seconds}秒たってから、もう一度お試しください。`,
          `Too many tries, or too much to do. Please try again in ${seconds} seconds.`,
        ),
      };
    }
    case 'step-up':
      return {
        status: 403,
        fault: say(
          '安全のため、もう一度ログインしてから行ってください。',
          'To be safe, please log in again before you do this.',
        ),
      };
    case 'recovered':
      return {
        status: 403,
        fault: say(
          'ログインの方法を作り直してから24時間は、この操作はできません。',
          'This cannot be done in the first 24 hours after access was recovered.',
        ),
      };
    case 'card': {
      const { ja, en } = refusals[refusal.reason];
      return { status: 422, fault: say(ja, en) };
    }
    case 'identity':
      return {
        status: 422,
        fault: say(
          '電子証明書の氏名・生年月日・性別が、登録された内容と違います。',
          'The name, birth date or sex in the certificate is not what is registered here.',
        ),
      };
    default:
      return { status: refusal.why === 'taken' ? 409 : 422, fault: faultOf(refusal.why, refusal.fault, say) };
  }
}

const wrongLogin = ['ログイン名かパスワードが違います。', 'The login name or the password is not right.'] as const;
const wrongCode = [
  '番号が違うか、もう使われています。新しい番号を入れてください。',
  'The code is not right, or it has been used. Please enter a new one.',
] as const;

function faultOf(
  why: 'taken' | 'login-name' | 'password' | 'last-factor' | 'missing',
  fault: string | undefined,
  say: Say,
): string {
  if (why === 'taken')
    return say(
      'このログイン名は使えません。別の名前にしてください。',
      'This login name cannot be used. Please choose another one.',
    );
  if (why === 'last-factor')
    return say(
      'これを消すとログインできなくなります。先に別の方法を加えてください。',
      'Without it you could not log in any more. Please add another way first.',
    );
  if (why === 'missing') return say('見つかりません。', 'It is not there.');
  if (why === 'login-name' && fault === 'name') return say('お名前を入れてください。', 'Please enter your name.');
  if (why === 'login-name' && fault === 'my-number')
    return say('マイナンバーは使えません。', 'A My Number cannot be used.');
  if (why === 'login-name')
    return say(
      'ログイン名は3文字から254文字で、空白なしで入れてください。',
      'A login name has 3 to 254 characters and no spaces.',
    );
  if (fault === 'short' || fault === 'long')
    return say('パスワードは12文字以上、256文字までにしてください。', 'A password has 12 to 256 characters.');
  return say(
    '推測されやすいパスワードです。別の言葉を組み合わせてください。',
    'This password is easy to guess. Please put other words together.',
  );
}
