// The apps that have access (`management_endpoint` of SMART App Launch 2.2): which, to whose record, to what of it, since when,
// and an end to it. Guardians say yes or no here to what those under 16 want to connect.

import { inWords } from '../../access/scope-words.ts';
import type { GuardianYes } from '../../store/app-agreements.ts';
import type { Session } from '../login.ts';
import { dayOf } from './account-pages.ts';
import { type Answer, type Call, go, page } from './call.ts';
import { type Html, html } from './html.ts';
import { button, form, type Page } from './page.ts';
import { actorFor, type Choice, choicesOf } from './people.ts';

export const connectionsPage = (call: Call, session: Session): Promise<Answer> => connections(call, session);

export async function endConnection(call: Call, session: Session): Promise<Answer> {
  const { records, form: sent, visit } = call;
  const id = sent.get('id') ?? '';
  const ended = (await records.agreements.connectionsOf(session.account)).find((one) => one.id === id);
  if (ended) {
    const { client, patient } = ended;
    const by = actorFor(session, client);
    await records.note({ interaction: 'token-revoke', by, patient, request: visit.request });
    await records.agreements.endConnection(session.account, id);
  }
  return go('/login/connections');
}

export const agreeForYoung = (call: Call, session: Session): Promise<Answer> =>
  ofGuardian(call, session, async (yes) => {
    const shown = call.form.getAll('scope');
    return call.records.agreements.agree({ ...yes, scopes: shown }, session.subject);
  });

export const refuseForYoung = (call: Call, session: Session): Promise<Answer> =>
  ofGuardian(call, session, (yes) => call.records.agreements.withdraw(yes));

/** Only who is a guardian at this moment answers. */
async function ofGuardian(call: Call, session: Session, act: (yes: GuardianYes) => Promise<boolean>): Promise<Answer> {
  const { say } = call;
  const wishes = await wishesOf(call, await choicesOf(call, session));
  const wish = wishes.find(({ id }) => id === call.form.get('id'));
  if (wish && (await act(wish))) {
    const by = actorFor(session, wish.client);
    await call.records.note({ interaction: 'consent', by, patient: wish.patient, request: call.visit.request });
    return go('/login/connections');
  }
  const fault = say('この希望はもうないか、変わっています。', 'This wish is gone, or it has changed.');
  return connections(call, session, { fault, status: 409 });
}

async function connections(call: Call, session: Session, fault: Partial<Page> = {}): Promise<Answer> {
  const { say, at, records, language } = call;
  const choices = await choicesOf(call, session);
  const nameOf = (patient: string | undefined) => choices.find((choice) => choice.patient === patient)?.name;
  const appName = async (id: string) => (await records.clients.find(id))?.name[language] ?? id;
  const lines = (await records.agreements.connectionsOf(session.account)).map(
    async ({ id, client, patient, scopes, since }) => {
      const app = await appName(client);
      return html`<li><h2>${app}</h2>
${patient !== undefined && html`<p>${nameOf(patient) ?? say('今は開けない記録', 'a record that you cannot open now')}</p>`}
${wordList(scopes, call)}
<p class="hint">${say(`${dayOf(since)} から`, `since ${dayOf(since)}`)}</p>
${form(`${at}/connections/end`, session.csrf, html`<input type="hidden" name="id" value="${id}"><p><button class="plain" aria-label="${say(`「${app}」を取り消す`, `End “${app}”`)}">${say('取り消す', 'End it')}</button></p>`)}</li>`;
    },
  );
  const wishes = (await wishesOf(call, choices)).map(async (wish) => {
    const app = await appName(wish.client);
    const hidden = html`<input type="hidden" name="id" value="${wish.id}">${wish.scopes.map((scope) => html`<input type="hidden" name="scope" value="${scope}">`)}`;
    const no = wish.by === undefined ? say('断る', 'Refuse') : say('同意を取り消す', 'Withdraw your agreement');
    return html`<li><h3>${app}</h3><p>${nameOf(wish.patient)}</p>${wordList(wish.scopes, call)}
${wish.by === undefined ? form(`${at}/connections/agree`, session.csrf, html`${hidden}${button(say('同意する', 'Agree'))}`) : html`<p>✓ ${say('同意ずみ', 'Agreed')}</p>`}
${form(`${at}/connections/refuse`, session.csrf, html`${hidden}${button(no, 'plain')}`)}</li>`;
  });
  const [shown, asked] = [await Promise.all(lines), await Promise.all(wishes)];
  const body = html`
${
  asked.length > 0 &&
  html`<section aria-labelledby="wishes"><h2 id="wishes">${say('16歳未満の方がつなぎたいアプリ', 'Apps that those under 16 want to connect')}</h2>
<ul class="things">${asked}</ul></section>`
}
${shown.length === 0 ? html`<p>${say('つながっているアプリはありません。', 'No app is connected.')}</p>` : html`<ul class="things">${shown}</ul>`}
<p><a href="${at}/account">${say('あなたのログイン', 'Your login')}</a></p>`;
  return page(say('つながっているアプリ', 'Connected apps'), body, fault);
}

const wishesOf = ({ records }: Call, choices: readonly Choice[]): Promise<GuardianYes[]> =>
  records.agreements.of(choices.filter(({ basis }) => basis === 'guardian').map(({ patient }) => patient));

/** Each scope once, in words. */
function wordList(scopes: readonly string[], { language }: Call): Html {
  const words = new Set(scopes.filter(Boolean).map((scope) => inWords(scope, language)));
  return html`<ul>${[...words].map((one) => html`<li>${one}</li>`)}</ul>`;
}
