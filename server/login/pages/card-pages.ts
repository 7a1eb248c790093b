// My Number Card: the page gives the text to sign, the card's software signs it, and certificate and signature come back. A web
// page cannot speak to a card by itself; what can fills these fields in. Off unless the operator names the authorities.

import type { Refusal, Session } from '../login.ts';
import { type Answer, afterOpening, type Call, go, homeOf, type OwnRun, page, wayOut } from './call.ts';
import { html } from './html.ts';
import { button, form, type Page } from './page.ts';
import { told } from './refusals.ts';

export const cardLogInPage = async (call: Call): Promise<Answer> => withCards(call, () => cardForm(call));

export const logInByCard = async (call: Call): Promise<Answer> =>
  withCards(call, async () => {
    const answer = await call.login.logInWithCard(call.visit, answerOf(call));
    if (answer.kind === 'opened') return afterOpening(call, answer);
    const { say } = call;
    const unknown = {
      status: 401,
      fault: say('このカードは登録されていません。', 'This card is not registered here.'),
    };
    return cardForm(call, undefined, answer.why === 'wrong' ? unknown : toldOf(answer, call));
  });

/** Binds a card to the account. */
export const cardPage: OwnRun = async (call, session) => withCards(call, () => cardForm(call, session));

export const bindCard: OwnRun = async (call, session) =>
  withCards(call, async () => {
    const answer = await call.login.bindCard(call.visit, session, answerOf(call));
    return answer.kind === 'opened'
      ? afterOpening(call, answer, homeOf(call))
      : cardForm(call, session, toldOf(answer, call));
  });

/** Where cards are not taken the pages lead away. */
const withCards = async (call: Call, next: () => Promise<Answer>): Promise<Answer> =>
  call.login.takesCards ? next() : go(`${call.at}/log-in`);

/** What a card's software has filled in. Base64 is copied with line breaks. */
function answerOf({ form: sent }: Call) {
  const plain = (name: string) => (sent.get(name) ?? '').replace(/\s/g, '');
  return { challenge: plain('challenge'), certificate: plain('certificate'), signature: plain('signature') };
}

const toldOf = (refusal: Refusal, { say }: Call): Partial<Page> => told(refusal, say);

async function cardForm(call: Call, session?: Session, fault: Partial<Page> = {}): Promise<Answer> {
  const { say, at, login, visit } = call;
  const title = say('マイナンバーカード', 'My Number Card');
  const back =
    session === undefined
      ? html`<p><a href="${at}/log-in">${say('ほかの方法でログイン', 'Log in another way')}</a></p>${wayOut(call)}`
      : html`<p><a href="${at}/account">${say('戻る', 'Back')}</a></p>`;
  const given = await (session === undefined ? login.cardLoginChallenge(visit) : login.cardChallenge(session));
  if (given.kind === 'refused') return page(title, back, fault.fault === undefined ? toldOf(given, call) : fault);
  const { challenge, toSign, card } = given;
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
${back}`;
  return page(title, body, { ...fault, card });
}
