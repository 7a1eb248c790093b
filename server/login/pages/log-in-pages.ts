// Logging in: a passkey first, or a password and then a one-time password.

import { type Answer, afterOpening, type Call, go, homeOf, page, wayOut } from './call.ts';
import { html } from './html.ts';
import { button, field, form } from './page.ts';
import { told } from './refusals.ts';

export async function logInPage(call: Call): Promise<Answer> {
  const { session, query } = call;
  if (session?.level === 'full' && !query.has('again') && call.app === undefined) return go(homeOf(call));
  return logInForm(call);
}

export async function logIn(call: Call): Promise<Answer> {
  const { login, form: sent, visit, say } = call;
  const given = { login: sent.get('login') ?? '', password: sent.get('password') ?? '' };
  const answer = await login.logInWithPassword(visit, given);
  return answer.kind === 'opened' ? afterOpening(call, answer) : logInForm(call, told(answer, say), given.login);
}

export async function secondPage(call: Call): Promise<Answer> {
  if (call.session?.level !== 'half') return go(call.session?.level === 'full' ? homeOf(call) : `${call.at}/log-in`);
  return secondForm(call);
}

export async function second(call: Call): Promise<Answer> {
  const { login, session, visit, form: sent, say } = call;
  if (session?.level !== 'half') return go(`${call.at}/log-in`);
  const answer = await login.logInWithTotp(visit, session, sent.get('code') ?? '');
  return answer.kind === 'opened' ? afterOpening(call, answer) : secondForm(call, told(answer, say, { isCode: true }));
}

/** The authenticator app is lost: a recovery code in its place. */
export async function secondByRecoveryCode(call: Call): Promise<Answer> {
  const { login, session, visit, form: sent, say } = call;
  if (session?.level !== 'half') return go(`${call.at}/log-in`);
  const answer = await login.recoverWithPassword(visit, session, sent.get('recovery') ?? '');
  return answer.kind === 'opened' ? afterOpening(call, answer) : secondForm(call, told(answer, say, { isCode: true }));
}

export async function logOut({ login, session, visit, endAppSession }: Call): Promise<Answer> {
  if (session) {
    await login.logOut(session, session.id, visit.request);
    await endAppSession();
  }
  return { kind: 'go', to: '/login/log-in', closed: true };
}

type Fault = { fault?: string; status?: number };

function logInForm(call: Call, fault: Fault = {}, name = call.app?.loginHint ?? ''): Answer {
  const { at, say, query } = call;
  const isWrong = fault.fault !== undefined;
  const body = html`
${query.has('again') && html`<p>${say('安全のため、もう一度ログインしてください。', 'To be safe, please log in again.')}</p>`}
<div data-passkey-log-in data-next="${homeOf(call)}" hidden>
${button(say('パスキーでログイン', 'Log in with a passkey'))}
<p class="hint">${say('指紋・顔・画面ロックで、パスワードなしでログインします。', 'By fingerprint, face or screen lock, without a password.')}</p>
<p class="fault" role="alert" hidden>${say('パスキーでログインできませんでした。もう一度試すか、パスワードを使ってください。', 'The passkey did not work. Try again, or use your password.')}</p>
<p class="or">${say('または', 'or')}</p>
</div>
${form(
  `${at}/log-in`,
  undefined,
  html`
${field(say('ログイン名', 'Login name'), {
  name: 'login',
  value: name,
  autocomplete: 'username webauthn',
  autocapitalize: 'none',
  spellcheck: 'false',
  required: true,
  'aria-invalid': isWrong && 'true',
})}
${field(say('パスワード', 'Password'), {
  name: 'password',
  type: 'password',
  autocomplete: 'current-password',
  required: true,
  'aria-invalid': isWrong && 'true',
})}
${button(say('次へ', 'Next'))}`,
)}
<ul class="links">
${call.login.takesCards && html`<li><a href="${at}/card">${say('マイナンバーカードでログイン', 'Log in with a My Number Card')}</a></li>`}
<li><a href="${at}/sign-up">${say('はじめての方: 新しく登録する', 'New here: sign up')}</a></li>
<li><a href="${at}/recover">${say('ログインできないとき', 'I cannot log in')}</a></li>
</ul>
${wayOut(call)}`;
  return page(say('ログイン', 'Log in'), body, fault);
}

function secondForm(call: Call, fault: Fault = {}): Answer {
  const { at, say, session } = call;
  const csrf = session?.csrf;
  const code = html`
${field(
  say('6けたの番号', '6-digit code'),
  {
    name: 'code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    required: true,
    'aria-invalid': fault.fault !== undefined && 'true',
  },
  say('認証アプリに出ている番号を入れてください。', 'Enter the code that your authenticator app shows.'),
)}
${button(say('ログイン', 'Log in'))}`;
  const recovery = html`
${field(
  say('予備の番号', 'Recovery code'),
  { name: 'recovery', autocomplete: 'off', autocapitalize: 'none', required: true },
  say(
    '一度だけ使えます。使うと、ほかの端末とアプリはログアウトします。',
    'It works once. All other devices and apps are logged out.',
  ),
)}
${button(say('予備の番号でログイン', 'Log in with the recovery code'), 'plain')}`;
  const body = html`
${form(`${at}/second`, csrf, code)}
<details><summary>${say('認証アプリが使えないとき', 'I cannot use my authenticator app')}</summary>
${form(`${at}/second/recovery-code`, csrf, recovery)}
</details>
${wayOut(call)}`;
  return page(say('本人の確認', 'One more step'), body, fault);
}
