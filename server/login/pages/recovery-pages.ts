// When a way of logging in is lost. A recovery code stands for one that is lost, never for all of them; who has lost everything
// shows in person who they are and is given a code there.

import { type Answer, afterOpening, type Call, page, wayOut } from './call.ts';
import { html } from './html.ts';
import { button, field, form } from './page.ts';
import { told } from './refusals.ts';

export const recoverPage = async (call: Call): Promise<Answer> => recoverForms(call);

/** The password is lost. */
export async function recoverWithTotp(call: Call): Promise<Answer> {
  const { login, visit, form: sent, say } = call;
  const given = { login: sent.get('login') ?? '', totp: sent.get('totp') ?? '', code: sent.get('code') ?? '' };
  const answer = await login.recoverWithTotp(visit, given);
  return answer.kind === 'opened'
    ? afterOpening(call, answer)
    : recoverForms(call, told(answer, say, { isCode: true }));
}

/** A code that was given in person, to staff to begin with or to somebody who has lost everything. */
export async function redeem(call: Call): Promise<Answer> {
  const { login, visit, form: sent, say } = call;
  const given = { login: sent.get('login') ?? '', code: sent.get('code') ?? '' };
  const answer = await login.redeemCode(visit, given);
  return answer.kind === 'opened'
    ? afterOpening(call, answer)
    : recoverForms(call, told(answer, say, { isCode: true }));
}

function recoverForms(call: Call, fault: { fault?: string; status?: number } = {}): Answer {
  const { say, at } = call;
  const name = (id: string) =>
    html`<p class="field"><label for="${id}">${say('ログイン名', 'Login name')}</label>
<input id="${id}" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required></p>`;
  const code = (id: string, label: string) =>
    html`<p class="field"><label for="${id}">${label}</label>
<input id="${id}" name="code" autocomplete="off" autocapitalize="none" required></p>`;
  const body = html`
<p>${say(
    'メールだけでログインし直すことはできません。記録を守るためです。',
    'An e-mail alone never opens an account. This protects the record.',
  )}</p>
<section aria-labelledby="lost-password">
<h2 id="lost-password">${say('パスワードを忘れた', 'I forgot my password')}</h2>
${form(
  `${at}/recover`,
  undefined,
  html`${name('login-1')}
${field(say('認証アプリの番号', 'Code of the authenticator app'), { name: 'totp', inputmode: 'numeric', autocomplete: 'one-time-code', required: true })}
${code('code-1', say('予備の番号', 'Recovery code'))}
${button(say('次へ', 'Next'))}`,
)}
</section>
<section aria-labelledby="lost-app">
<h2 id="lost-app">${say('認証アプリをなくした', 'I lost my authenticator app')}</h2>
<p>${say('パスワードでログインし、次の画面で予備の番号を入れてください。', 'Log in with your password and enter a recovery code on the next page.')}
<a href="${at}/log-in">${say('ログイン', 'Log in')}</a></p>
</section>
<section aria-labelledby="by-hand">
<h2 id="by-hand">${say('窓口で番号を受け取った', 'I was given a code in person')}</h2>
<p>${say(
    'どちらもなくしたときは、市町村などの窓口で本人確認を受けると、番号を受け取れます。職員の方のはじめの登録もここからです。',
    'If you have lost everything, your municipality gives you a code once you have shown who you are. Staff begin here too.',
  )}</p>
${form(
  `${at}/redeem`,
  undefined,
  html`${name('login-2')}${code('code-2', say('受け取った番号', 'The code you were given'))}${button(say('次へ', 'Next'))}`,
)}
</section>
${wayOut(call)}`;
  return page(say('ログインできないとき', 'When you cannot log in'), body, fault);
}
