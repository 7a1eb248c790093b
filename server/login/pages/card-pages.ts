// My Number Card: the page gives the text to sign, the card's software signs it, and certificate and signature come back. A web
// page cannot speak to a card by itself; what can fills these fields in. Off unless the operator names the authorities.

import type { JpkiLogin } from '../jpki/jpki-login.ts';
import { refusals } from '../jpki/refusal.ts';
import type { Session } from '../login.ts';
import { type Answer, afterOpening, type Call, go, homeOf, type OwnRun, page, wayOut } from './call.ts';
import { html } from './html.ts';
import { button, form, type Page } from './page.ts';
import { told } from './refusals.ts';

// Nobody is logged in yet: the challenge by itself is 256 bits that only this page has.
const beforeLogin = 'log-in';

export const cardLogInPage = async (call: Call): Promise<Answer> => withCard(call, (card) => cardForm(call, card));

export const logInByCard = async (call: Call): Promise<Answer> =>
  withCard(call, async (card) => {
    const subject = await verified(call, card, beforeLogin);
    if (typeof subject !== 'string') return cardForm(call, card, undefined, subject);
    const answer = await call.login.logInWithCertificate(call.visit, subject);
    if (answer.kind === 'opened') return afterOpening(call, answer);
    const { say } = call;
    const unknown = {
      status: 401,
      fault: say('このカードは登録されていません。', 'This card is not registered here.'),
    };
    return cardForm(call, card, undefined, answer.why === 'wrong' ? unknown : told(answer, say));
  });

/** Binds a card to the account. */
export const cardPage: OwnRun = async (call, session) => withCard(call, (card) => cardForm(call, card, session));

export const bindCard: OwnRun = async (call, session) =>
  withCard(call, async (card) => {
    const subject = await verified(call, card, session.id);
    if (typeof subject !== 'string') return cardForm(call, card, session, subject);
    const answer = await call.login.bindCertificate(call.visit, session, subject);
    return answer.kind === 'opened'
      ? afterOpening(call, answer, homeOf(call))
      : cardForm(call, card, session, told(answer, call.say));
  });

/** Where cards are not taken the pages lead away. */
const withCard = async (call: Call, next: (card: JpkiLogin) => Promise<Answer>): Promise<Answer> =>
  call.records.card === undefined ? go(`${call.at}/log-in`) : next(call.records.card);

/** What the card is known by, or the page's fault. */
async function verified(
  { form: sent, language }: Call,
  card: JpkiLogin,
  session: string,
): Promise<string | Partial<Page>> {
  // Base64 is copied with line breaks.
  const plain = (name: string) => (sent.get(name) ?? '').replace(/\s/g, '');
  const answer = { challenge: plain('challenge'), certificate: plain('certificate'), signature: plain('signature') };
  const looked = await card.verify(session, answer);
  return 'card' in looked ? looked.card.subject : { status: 401, fault: refusals[looked.refused][language] };
}

async function cardForm(call: Call, card: JpkiLogin, session?: Session, fault: Partial<Page> = {}): Promise<Answer> {
  const { say, at } = call;
  const { challenge, toSign } = await card.challenge(session?.id ?? beforeLogin, 'authentication');
  const area = (name: string, label: string, text?: string) =>
    html`<p class="field"><label for="${name}">${label}</label>
<textarea id="${name}" name="${name}" rows="4" autocomplete="off" spellcheck="false"${text === undefined ? html` required` : html` readonly`}>${text}</textarea></p>`;
  const body = html`
<p>${say(
    'カードの読み取りに対応したソフトで、次の文に利用者証明用の電子証明書（暗証番号4けた）で署名してください。マイナンバー（12けた）は使いません。',
    'Sign this text with the card’s certificate for user authentication (the 4-digit PIN), in software that reads the card. The 12-digit My Number is not used.',
  )}</p>
${form(
  `${at}/${session === undefined ? 'card' : 'account/card'}`,
  session?.csrf,
  html`<input type="hidden" name="challenge" value="${challenge}">
${area('to-sign', say('署名する文', 'Text to sign'), toSign)}
${area('certificate', say('電子証明書（Base64）', 'Certificate (Base64)'))}
${area('signature', say('署名（Base64）', 'Signature (Base64)'))}
${button(session === undefined ? say('ログイン', 'Log in') : say('カードを登録する', 'Register the card'))}`,
)}
${session === undefined ? html`<p><a href="${at}/log-in">${say('ほかの方法でログイン', 'Log in another way')}</a></p>${wayOut(call)}` : html`<p><a href="${at}/account">${say('戻る', 'Back')}</a></p>`}`;
  return page(say('マイナンバーカード', 'My Number Card'), body, fault);
}
