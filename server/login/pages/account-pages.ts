// One's own account: ways of logging in, sessions, and the way out.

import type { Refusal } from '../context.ts';
import type { Session } from '../login.ts';
import { type Answer, type Call, go, page } from './call.ts';
import { type Html, html } from './html.ts';
import { button, form, type Page, type Say } from './page.ts';
import { told } from './refusals.ts';
import { passkeyMaker, passwordForm } from './sign-up-pages.ts';

export const accountPage = (call: Call, session: Session): Promise<Answer> => account(call, session);

export async function nameOfPasskey(call: Call, session: Session): Promise<Answer> {
  const { login, form: sent } = call;
  const isDone = await login.renamePasskey(session, sent.get('id') ?? '', sent.get('name') ?? '');
  return isDone ? go('/login/account') : refused(call, session, { kind: 'refused', why: 'missing' });
}

export async function remove(call: Call, session: Session): Promise<Answer> {
  const { login, visit, form: sent } = call;
  const passkey = sent.get('passkey');
  const factor = sent.get('factor');
  const asked = passkey !== null ? { passkey } : factor === 'totp' || factor === 'password' ? factor : undefined;
  if (asked === undefined) return refused(call, session, { kind: 'refused', why: 'missing' });
  const answer = await login.removeFactor(visit, session, asked);
  return answer.kind === 'removed' ? go('/login/account') : refused(call, session, answer);
}

export async function endSession(call: Call, session: Session): Promise<Answer> {
  const { login, visit, form: sent } = call;
  await login.logOut(session, sent.get('id') ?? '', visit.request);
  return go('/login/account');
}

const refused = (call: Call, session: Session, refusal: Refusal): Promise<Answer> =>
  account(call, session, told(refusal, call.say), refusal.why === 'step-up');

async function account(call: Call, session: Session, fault: Partial<Page> = {}, isStale = false): Promise<Answer> {
  const { say, login, at } = call;
  const { csrf } = session;
  const factors = await login.factorsOf(session);
  const sessions = await login.listSessions(session);
  const again = html`<p><a class="main" href="${at}/log-in?again=1">${say('もう一度ログインする', 'Log in again')}</a></p>`;
  const removal = (name: string, value: string, label: string): Html =>
    form(
      `${at}/account/remove`,
      csrf,
      html`<input type="hidden" name="${name}" value="${value}">
<button class="plain" aria-label="${label}">${say('消す', 'Remove')}</button>`,
    );
  const passkeys = factors.passkeys.map(
    ({ id, name, created, used }, n) => html`<li>
<p><strong>${name}</strong> <span class="hint">${say('作成', 'made')} ${dayOf(created)}${used !== undefined && say(`、最後に使用 ${dayOf(used)}`, `, last used ${dayOf(used)}`)}</span></p>
${form(
  `${at}/account/passkey-name`,
  csrf,
  html`<input type="hidden" name="id" value="${id}"><label for="name-${n}">${say('呼び名', 'Name')}</label>
<input id="name-${n}" name="name" value="${name}" maxlength="60" required> <button class="plain">${say('変える', 'Rename')}</button>`,
)}
${removal('passkey', id, say(`パスキー「${name}」を消す`, `Remove the passkey “${name}”`))}</li>`,
  );
  const body = html`
${isStale && again}
<p>${session.login}</p>
<p><a href="${at}/connections">${say('つながっているアプリ', 'Connected apps')}</a></p>
<section aria-labelledby="passkeys">
<h2 id="passkeys">${say('パスキー', 'Passkeys')}</h2>
<ul class="things">${passkeys}</ul>
${passkeyMaker(call, session)}
</section>
<section aria-labelledby="password">
<h2 id="password">${say('パスワードと認証アプリ', 'Password and authenticator app')}</h2>
<p>${factors.password ? say('パスワード: あり', 'Password: set') : say('パスワード: なし', 'Password: none')}</p>
${factors.password && removal('factor', 'password', say('パスワードを消す', 'Remove the password'))}
<details><summary>${say('パスワードを変える', 'Change the password')}</summary>${passwordForm(call, session)}</details>
<p>${factors.totp ? say('認証アプリ: あり', 'Authenticator app: set up') : say('認証アプリ: なし', 'Authenticator app: none')}</p>
${factors.totp && removal('factor', 'totp', say('認証アプリを消す', 'Remove the authenticator app'))}
${form(`${at}/set-up/authenticator`, csrf, button(say('認証アプリを登録する', 'Set up an authenticator app'), 'plain'))}
</section>
${call.login.takesCards && html`<p><a href="${at}/account/card">${say('マイナンバーカードを登録する', 'Register a My Number Card')}</a></p>`}
<section aria-labelledby="codes">
<h2 id="codes">${say('予備の番号', 'Recovery codes')}</h2>
<p>${say(`のこり${factors.recoveryCodesLeft}個`, `${factors.recoveryCodesLeft} left`)}</p>
${form(`${at}/backup`, csrf, button(say('新しく作る（前のものは使えなくなります）', 'Make new ones (older ones end)'), 'plain'))}
</section>
<section aria-labelledby="sessions">
<h2 id="sessions">${say('ログインしている端末', 'Where you are logged in')}</h2>
<ul class="things">${sessions.map(
    ({
      id,
      agent,
      seen,
    }) => html`<li><p>${deviceInWords(agent, say)} <span class="hint">${say('最後に使用', 'last used')} ${dayOf(seen)}</span></p>
${
  id === session.id
    ? html`<p class="hint">${say('この端末', 'This device')}</p>`
    : form(
        `${at}/account/end-session`,
        csrf,
        html`<input type="hidden" name="id" value="${id}"><button class="plain" aria-label="${say(`ログアウトさせる: ${deviceInWords(agent, say)}`, `Log out: ${deviceInWords(agent, say)}`)}">${say('ログアウトさせる', 'Log it out')}</button>`,
      )
}</li>`,
  )}</ul>
${form(`${at}/log-out`, csrf, button(say('ログアウト', 'Log out'), 'plain'))}
</section>`;
  return page(say('あなたのログイン', 'Your login'), body, fault);
}

/** The date of an instant in Japan. */
export function dayOf(instant: string): string {
  return new Date(Date.parse(instant) + 9 * 3_600_000).toISOString().slice(0, 10);
}

/** What a User-Agent header says of browser and device, as far as a person cares. */
function deviceInWords(agent: string, say: Say): string {
  const named = (list: readonly (readonly [RegExp, string])[]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const words = [named(browsers), named(systems)].filter((one) => one !== undefined);
  return words.length === 0 ? say('知らない端末', 'An unknown device') : words.join(', ');
}

// In this order, because the later names stand in the headers of the earlier ones too.
const browsers = [
  [/Edg/, 'Edge'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
] as const;
const systems = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/Linux/, 'Linux'],
] as const;
