// The page of consent: which app of whom, whose record, each thing it asks for in words, what for, for how long.

import type { Session } from '../login.ts';
import type { AppRequest } from './app-request.ts';
import { type Answer, type Call, page } from './call.ts';
import { type Html, html } from './html.ts';
import { button, form } from './page.ts';
import { type Choice, encountersOf, isStaff, organizationName, relationInWords } from './people.ts';
import { type ScopeBox, scopeBoxes } from './scope-boxes.ts';

export async function consentPage(
  call: Call,
  app: AppRequest,
  session: Session,
  chosen: Choice | undefined,
  fault: { status?: number; fault?: string } = {},
): Promise<Answer> {
  const { say, at, language, form: sent } = call;
  const boxes = scopeBoxes(app.scopes, language);
  // What was ticked stays so when the page is shown again.
  const isAgain = fault.fault !== undefined;
  const boxOf = (box: ScopeBox, n: number, kind: string): Html => {
    const scope = box.scopes[0] ?? '';
    return html`<li><input type="checkbox" id="${kind}-${n}" name="scope" value="${scope}"${(!isAgain || sent.getAll('scope').includes(scope)) && html` checked`}>
<label for="${kind}-${n}">${box.words}</label></li>`;
  };
  const listOf = (list: readonly ScopeBox[], kind: string) =>
    html`<ul class="choices">${list.map((box, n) => boxOf(box, n, kind))}</ul>`;
  const body = html`
<dl class="facts">
${fact(say('アプリ', 'App'), await appInWords(call, app, session))}
${chosen && fact(say('記録', 'Record'), html`<strong>${chosen.name}</strong> ${say(`（${relationInWords(chosen, say)}）`, `(${relationInWords(chosen, say)})`)}`)}
${fact(say('目的', 'Purpose'), html`${purposeInWords(call, session)}`)}
${fact(say('期間', 'How long'), html`${lengthInWords(call, app)}`)}
${fact(say('ログイン', 'Logged in as'), html`${session.login} <a href="${at}/log-in?again=1">${say('別の人でログイン', 'Log in as someone else')}</a>`)}
</dl>
${
  chosen?.needsGuardian &&
  html`<p class="note">${say('16歳になるまでは、保護者の同意もいります。', 'Until you are 16 a guardian has to agree too.')}</p>`
}
${form(
  `${at}/agree`,
  session.csrf,
  html`
${chosen && html`<input type="hidden" name="patient" value="${chosen.patient}">`}
${
  boxes.record.length > 0 &&
  html`<fieldset><legend>${say('アプリができること', 'What the app may do')}</legend>
<p class="hint">${say('許さないものは、しるしを外してください。', 'Untick what you do not want to allow.')}</p>${listOf(boxes.record, 'record')}</fieldset>`
}
${boxes.person.length > 0 && html`<fieldset><legend>${say('あなたについて', 'About you')}</legend>${listOf(boxes.person, 'person')}</fieldset>`}
${chosen && app.needsEncounter && (await encounterField(call, session, chosen))}
${
  boxes.always.length > 0 &&
  html`<p class="hint">${say('あわせて、アプリは次のことをします: ', 'Along with it the app will: ')}${boxes.always.map(({ words }) => words).join(say('、', '; '))}</p>`
}
<p class="hint">${say('いつでも「つながっているアプリ」の画面から取り消せます。', 'You can end this at any time on your page of connected apps.')}</p>
${button(say('許可する', 'Allow'))}`,
)}
${form(`${at}/refuse`, undefined, button(say('断る', 'Refuse'), 'plain'))}`;
  return page(say('アプリに許可しますか', 'Allow this app?'), body, fault);
}

const fact = (name: string, value: Html): Html => html`<dt>${name}</dt><dd>${value}</dd>`;

async function appInWords(call: Call, { client }: AppRequest, session: Session): Promise<Html> {
  const { organization } = client;
  const of = organization === undefined ? undefined : await organizationName(call, session, organization);
  return html`<strong>${client.name[call.language]}</strong>${of !== undefined && html`<br>${call.say('提供: ', 'by ')}${of}`}`;
}

function purposeInWords({ say }: Call, session: Session): string {
  return isStaff(session)
    ? say('診療・保健指導', 'Care of the patient')
    : say('ご本人とご家族が使うため', 'Use by the person and the family');
}

function lengthInWords({ say }: Call, { scopes }: AppRequest): string {
  if (scopes.includes('offline_access'))
    return say(
      '取り消すまで（90日使われなければ終わります）',
      'Until you end it, or the app has not been used for 90 days',
    );
  return scopes.includes('online_access')
    ? say('ログインしているあいだ', 'While you are logged in')
    : say('今回だけ（15分）', 'This time only (15 minutes)');
}

async function encounterField(call: Call, session: Session, { patient }: Choice): Promise<Html> {
  const { say } = call;
  const found = await encountersOf(call, session, patient);
  if (found.length === 0) return html``;
  return html`<p class="field"><label for="encounter">${say('どの受診ですか', 'Which visit?')}</label>
<select id="encounter" name="encounter">${found.map(({ id, label }) => html`<option value="${id}">${label === '' ? id : label}</option>`)}
<option value="">${say('受診は伝えない', 'None')}</option></select></p>`;
}
