// Beginning: an account, and then the ways of logging in that make it whole. A passkey is enough; a password needs a one-time
// password beside it.

import encodeQR from 'qr';
import type { Session } from '../login.ts';
import { type Answer, afterOpening, type Call, go, homeOf, page, wayOut } from './call.ts';
import { type Html, html, trusted } from './html.ts';
import { button, field, form } from './page.ts';
import { told } from './refusals.ts';

export const signUpPage = async (call: Call): Promise<Answer> => signUpForm(call);

export async function signUp(call: Call): Promise<Answer> {
  const { login, visit, form: sent, say } = call;
  const password = sent.get('password') ?? '';
  const given = {
    name: sent.get('name') ?? '',
    login: sent.get('login') ?? '',
    ...(password === '' ? {} : { password }),
  };
  const answer = await login.signUp(visit, given);
  return answer.kind === 'opened' ? afterOpening(call, answer) : signUpForm(call, told(answer, say), given);
}

/** What is missing until the account can be used. */
export async function setUpPage(call: Call, session: Session): Promise<Answer> {
  if (session.level === 'half') return go(`${call.at}/second`);
  return setUp(call, session);
}

export async function setUpPassword(call: Call, session: Session): Promise<Answer> {
  const { login, visit, form: sent, say } = call;
  const answer = await login.setPassword(visit, session, sent.get('password') ?? '');
  if (answer.kind !== 'opened') return setUp(call, session, told(answer, say));
  return afterOpening(call, answer, nextOf(call, session));
}

/** Shows a new seed, and asks for a code of it. */
export async function offerAuthenticator(call: Call, session: Session): Promise<Answer> {
  const offered = await call.login.offerTotpSeed(session);
  if (offered.kind !== 'offered') return setUp(call, session, told(offered, call.say));
  return authenticatorPage(call, session, offered);
}

export async function confirmAuthenticator(call: Call, session: Session): Promise<Answer> {
  const { login, visit, form: sent, say } = call;
  const answer = await login.confirmTotp(visit, session, sent.get('code') ?? '');
  if (answer.kind === 'opened') return afterOpening(call, answer, nextOf(call, session));
  const { uri, secret } = { uri: sent.get('uri') ?? '', secret: sent.get('secret') ?? '' };
  return authenticatorPage(call, session, { uri, secret }, told(answer, say, { isCode: true }));
}

/** Somebody new is offered recovery codes. */
const nextOf = (call: Call, { level }: Session): string => (level === 'full' ? homeOf(call) : `${call.at}/backup`);

/** Recovery codes are offered once the account is whole. */
export async function backupPage(call: Call, session: Session): Promise<Answer> {
  const { say, at } = call;
  const body = html`
<p>${say(
    '端末をなくしたときのために、予備の番号を作って紙に書いておくことをおすすめします。',
    'In case a device is lost, we recommend to make recovery codes and keep them on paper.',
  )}</p>
${form(`${at}/backup`, session.csrf, button(say('予備の番号を作る', 'Make recovery codes')))}
<p><a href="${homeOf(call)}">${say('あとで作る', 'Not now')}</a></p>`;
  return page(say('登録できました', 'You are signed up'), body);
}

export async function backup(call: Call, session: Session): Promise<Answer> {
  const { say, login, visit } = call;
  const answer = await login.newRecoveryCodes(visit, session);
  if (answer.kind !== 'codes') {
    const again = html`<p><a href="${call.at}/log-in?again=1">${say('ログインする', 'Log in')}</a></p>`;
    return page(say('予備の番号', 'Recovery codes'), again, told(answer, say));
  }
  const body = html`
<p>${say(
    'この番号は今だけ表示されます。それぞれ一度だけ使えます。前に作った番号は使えなくなりました。',
    'These codes are shown only now. Each works once. Codes that were made before do not work any more.',
  )}</p>
<ol class="codes">${answer.codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
<p><a class="main" href="${homeOf(call)}">${say('書きとめたので次へ', 'I have written them down: go on')}</a></p>`;
  return page(say('予備の番号', 'Recovery codes'), body);
}

type Fault = { fault?: string; status?: number };

function signUpForm(call: Call, fault: Fault = {}, given: { name?: string; login?: string } = {}): Answer {
  const { at, say } = call;
  const body = html`
${form(
  `${at}/sign-up`,
  undefined,
  html`
${field(say('お名前', 'Your name'), { name: 'name', value: given.name, autocomplete: 'name', required: true })}
${field(
  say('ログイン名', 'Login name'),
  {
    name: 'login',
    value: given.login,
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    required: true,
  },
  say(
    'メールアドレスか、好きな名前（3文字以上）。',
    'An e-mail address, or a name of your own (3 characters or more).',
  ),
)}
${field(
  say('パスワード', 'Password'),
  { name: 'password', type: 'password', autocomplete: 'new-password' },
  say(
    '12文字以上。パスキーだけを使うときは空のままにします。',
    '12 characters or more. Leave it empty to use a passkey only.',
  ),
)}
${button(say('登録する', 'Sign up'))}`,
)}
<p><a href="${at}/log-in">${say('登録がすんでいる方: ログイン', 'Already signed up: log in')}</a></p>
${wayOut(call)}`;
  return page(say('新しく登録する', 'Sign up'), body, fault);
}

async function setUp(call: Call, session: Session, fault: Fault = {}): Promise<Answer> {
  const { say, at, login } = call;
  const factors = await login.factorsOf(session);
  const isWhole = session.level === 'full';
  const body = html`
${fault.status === 403 && html`<p><a class="main" href="${at}/log-in?again=1">${say('もう一度ログインする', 'Log in again')}</a></p>`}
${
  !isWhole &&
  html`<p>${say('ログインの方法を決めます。どちらか一つで使い始められます。', 'Choose how you will log in. One of the two is enough.')}</p>`
}
<section aria-labelledby="passkey">
<h2 id="passkey">${say('パスキー（おすすめ）', 'Passkey (recommended)')}</h2>
${passkeyMaker(call, session)}
</section>
<section aria-labelledby="authenticator">
<h2 id="authenticator">${say('パスワードと認証アプリ', 'Password and authenticator app')}</h2>
${factors.password ? html`<p>✓ ${say('パスワードは設定してあります。', 'The password is set.')}</p>` : passwordForm(call, session)}
${
  factors.password &&
  form(
    `${at}/set-up/authenticator`,
    session.csrf,
    button(
      factors.totp
        ? say('認証アプリを入れ替える', 'Replace the authenticator app')
        : say('認証アプリを登録する', 'Set up an authenticator app'),
      'plain',
    ),
  )
}
</section>
${isWhole ? html`<p><a href="${homeOf(call)}">${say('戻る', 'Back')}</a></p>` : wayOut(call)}`;
  return page(say('ログインの方法', 'Ways to log in'), body, fault);
}

/** The button that has the browser make a passkey; it needs a script. */
export const passkeyMaker = (call: Call, session: Session): Html => {
  const { say, at } = call;
  const next = session.level === 'full' ? homeOf(call) : `${at}/backup`;
  return html`
<div data-passkey-make data-csrf="${session.csrf}" data-next="${next}" hidden>
${field(say('この端末の呼び名', 'A name for this device'), { name: 'passkey-name', maxlength: 60, value: say('わたしの端末', 'My device') })}
${button(say('パスキーを作る', 'Make a passkey'))}
<p class="fault" role="alert" hidden>${say('パスキーを作れませんでした。もう一度お試しください。', 'The passkey was not made. Please try again.')}</p>
</div>
<p class="hint" data-without-passkeys>${say('このブラウザーではパスキーを作れません。', 'This browser cannot make passkeys.')}</p>`;
};

export const passwordForm = ({ say, at }: Call, session: Session): Html =>
  form(
    `${at}/set-up/password`,
    session.csrf,
    html`
<input type="hidden" name="username" autocomplete="username" value="${session.login}">
${field(
  say('新しいパスワード', 'New password'),
  { name: 'password', type: 'password', autocomplete: 'new-password', required: true },
  say('12文字以上。', '12 characters or more.'),
)}
${button(say('パスワードを決める', 'Set the password'), 'plain')}`,
  );

function authenticatorPage(
  { say, at }: Call,
  session: Session,
  { uri, secret }: { uri: string; secret: string },
  fault: Fault = {},
): Answer {
  const isOurs = uri.startsWith('otpauth://totp/') && uri.length < 1_000;
  const body = html`
<ol>
<li>${say('認証アプリ（Google Authenticator など）で、次の絵を読み取ります。', 'Scan this picture with an authenticator app.')}
${
  isOurs &&
  html`<div class="qr" role="img" aria-label="${say('認証アプリに登録するためのQRコード', 'QR code for the authenticator app')}">${trusted(encodeQR(uri, 'svg'))}</div>
<p><a href="${uri}">${say('この端末の認証アプリで開く', 'Open in the authenticator app on this device')}</a></p>`
}
<p>${say('読み取れないときは、次の文字を入れます。', 'If you cannot scan it, enter these letters.')}<br><code>${spaced(secret)}</code></p></li>
<li>${say('アプリに出た6けたの番号を入れます。', 'Enter the 6-digit code that the app shows.')}</li>
</ol>
${form(
  `${at}/set-up/code`,
  session.csrf,
  html`
<input type="hidden" name="uri" value="${uri}"><input type="hidden" name="secret" value="${secret}">
${field(say('6けたの番号', '6-digit code'), {
  name: 'code',
  inputmode: 'numeric',
  autocomplete: 'one-time-code',
  required: true,
  'aria-invalid': fault.fault !== undefined && 'true',
})}
${button(say('確かめる', 'Check'))}`,
)}
<p><a href="${at}/set-up">${say('戻る', 'Back')}</a></p>`;
  return page(say('認証アプリを登録する', 'Set up an authenticator app'), body, fault);
}

const spaced = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ');
