// An app asks for access: whose record, what of it, and yes or no. SMART App Launch 2.2, "Request authorization code": the
// person may agree to less than is asked. One token is for one patient.

import type { Session } from '../login.ts';
import type { AppRequest } from './app-request.ts';
import { type Answer, type Call, go, page, wayOut } from './call.ts';
import { consentPage } from './consent-page.ts';
import { html } from './html.ts';
import { button, form } from './page.ts';
import {
  actorFor,
  type Choice,
  choicesOf,
  encountersOf,
  isStaff,
  launchedFor,
  purposeOf,
  relationInWords,
} from './people.ts';
import { tickedScopes } from './scope-boxes.ts';

/** /login/UID: what is next for the app that waits here. */
export async function appPage(call: Call): Promise<Answer> {
  return onTheWay(call, async (app, session) => {
    if (needsNoRecord(app)) return consentPage(call, app, session, undefined);
    const choices = await possible(call, app, session);
    const [only] = choices;
    if (only === undefined) return noRecord(call, session);
    return choices.length === 1 ? consentPage(call, app, session, only) : picker(call, choices);
  });
}

/** The record was picked. */
export async function pick(call: Call): Promise<Answer> {
  return onTheWay(call, async (app, session) => {
    const choices = await possible(call, app, session);
    const chosen = choices.find(({ patient }) => patient === call.form.get('patient'));
    const { say } = call;
    return chosen
      ? consentPage(call, app, session, chosen)
      : picker(call, choices, say('だれの記録を使うかを選んでください。', 'Please choose whose record it is.'));
  });
}

/** Yes. */
export async function agree(call: Call): Promise<Answer> {
  return onTheWay(call, async (app, session) => {
    const { form: sent, say } = call;
    const chosen = needsNoRecord(app)
      ? undefined
      : (await possible(call, app, session)).find(({ patient }) => patient === sent.get('patient'));
    if (chosen === undefined && !needsNoRecord(app)) return go(call.at);
    const scopes = tickedScopes(app.scopes, sent.getAll('scope'));
    if (scopes.length === 0) {
      const fault = say(
        '一つも選ばれていません。つながないときは「断る」を押してください。',
        'Nothing is ticked. To connect nothing, press “Refuse”.',
      );
      return consentPage(call, app, session, chosen, { status: 422, fault });
    }
    const guarded = await underGuard(call, session, chosen, scopes);
    if (guarded !== undefined && !(await hasGuardiansYes(call, app, guarded, scopes)))
      return waitForGuardian(call, app, session, guarded, scopes);
    const encounter = chosen && app.needsEncounter ? await encounterOf(call, session, chosen) : undefined;
    const subject = session.subject as `Person/${string}` | `Practitioner/${string}`;
    await call.records.note({
      interaction: 'token',
      by: actorFor(session, app.client.id),
      patient: chosen?.patient,
      request: call.visit.request,
    });
    const to = await call.answer.consent({
      scopes:
        app.needsEncounter && encounter === undefined ? scopes.filter((one) => one !== 'launch/encounter') : scopes,
      user: subject,
      fhirUser: chosen?.fhirUser ?? subject,
      purpose: purposeOf(session),
      need_patient_banner: true,
      ...(chosen === undefined ? {} : { patient: chosen.patient }),
      ...(encounter === undefined ? {} : { encounter }),
      ...(session.organization === undefined ? {} : { organization: session.organization }),
    });
    return go(to);
  });
}

/** No. Nobody has to be logged in for that. */
export const refuse = async (call: Call): Promise<Answer> => go(await call.answer.refuse());

/** Goes on with whoever is logged in, freshly enough and of the right kind; else leads there. */
async function onTheWay(call: Call, next: (app: AppRequest, session: Session) => Promise<Answer>): Promise<Answer> {
  const { app, session, at } = call;
  if (app === undefined) return go('/login/log-in');
  if (session?.level === 'half') return go(`${at}/second`);
  if (session?.level === 'enrol') return go(`${at}/set-up`);
  if (session === undefined) return go(`${at}/log-in`);
  if (app.loginNotBeforeMs !== undefined && session.authTimeMs < app.loginNotBeforeMs)
    return go(`${at}/log-in?again=1`);
  if (app.step === 'login' || app.accountId !== session.account) return go(await call.answer.login(session));
  if (isStaff(session) !== (app.client.kind === 'staff-app')) return wrongKind(call, session);
  return next(app, session);
}

const needsNoRecord = ({ needsPatient, launch }: AppRequest): boolean => !needsPatient && launch?.patient === undefined;

/** What the launch says, or whom this login may pick. */
async function possible(call: Call, { launch }: AppRequest, session: Session): Promise<Choice[]> {
  if (launch?.patient === undefined) return choicesOf(call, session);
  const launched = await launchedFor(call, session, launch.patient);
  return launched === undefined ? [] : [launched];
}

function picker(call: Call, choices: readonly Choice[], fault?: string): Answer {
  const { at, say, session } = call;
  const options = choices.map(
    (choice, n) => html`<li><input type="radio" id="patient-${n}" name="patient" value="${choice.patient}" required>
<label for="patient-${n}"><strong>${choice.name}</strong>
<span class="hint">${choice.birthDate !== undefined && say(`${choice.birthDate} 生まれ、`, `born ${choice.birthDate}, `)}${relationInWords(choice, say)}</span></label></li>`,
  );
  const body = html`
${form(
  `${at}/patient`,
  session?.csrf,
  html`<fieldset><legend>${say('アプリが使えるのは、ここで選んだ一人の記録だけです。', 'The app gets the record of the one person you choose here.')}</legend>
<ul class="choices">${options}</ul></fieldset>
${button(say('次へ', 'Next'))}`,
)}
${wayOut(call)}`;
  const title = say('だれの記録ですか', 'Whose record is it?');
  return page(title, body, fault === undefined ? {} : { fault, status: 422 });
}

function noRecord(call: Call, session: Session): Answer {
  const { say, app } = call;
  const why = !isStaff(session)
    ? say(
        'このログインで開ける記録がありません。お子さまとのつながりがまだ確かめられていないか、終わっています。',
        'There is no record that this login may open: the relation to your child is not confirmed yet, or it has ended.',
      )
    : app?.launch === undefined
      ? say(
          '患者を選ぶには、電子カルテなどの画面からこのアプリを開いてください。',
          'To choose a patient, open the app from the patient in your record system.',
        )
      : say('この記録を開くことはできません。', 'This record cannot be opened.');
  return page(say('つなげる記録がありません', 'There is no record to connect'), html`<p>${why}</p>${wayOut(call)}`);
}

function wrongKind(call: Call, session: Session): Answer {
  const { say, at } = call;
  const why = isStaff(session)
    ? say('これはご家族のアプリです。職員のログインではつなげません。', 'This app is for families and not for staff.')
    : say('これは職員のアプリです。ご家族のログインではつなげません。', 'This app is for staff and not for families.');
  const again = html`<p><a href="${at}/log-in?again=1">${say('別のログインを使う', 'Use another login')}</a></p>`;
  return page(
    say('このアプリにはつなげません', 'This app cannot be connected'),
    html`<p>${why}</p>${again}${wayOut(call)}`,
    {
      status: 403,
    },
  );
}

/** The person's own record, when the app would get at it and needs a guardian's yes for that; `user/` scopes reach it unnamed. */
async function underGuard(call: Call, session: Session, chosen: Choice | undefined, scopes: readonly string[]) {
  if (chosen?.needsGuardian) return chosen;
  if (!scopes.some((scope) => scope.startsWith('user/'))) return undefined;
  return (await choicesOf(call, session)).find(({ needsGuardian }) => needsGuardian);
}

/** The yes must be to all of it, and of somebody who is a guardian at this moment. */
async function hasGuardiansYes(call: Call, app: AppRequest, chosen: Choice, scopes: readonly string[]) {
  const { records, nowMs } = call;
  const yes = await records.agreements.find(app.client.id, chosen.patient);
  if (yes?.by === undefined || !scopes.every((scope) => yes.scopes.includes(scope))) return false;
  const theirs = await records.patientsOf(yes.by, nowMs);
  return theirs.some(({ patient, basis }) => patient === chosen.patient && basis === 'guardian');
}

async function waitForGuardian(call: Call, app: AppRequest, session: Session, chosen: Choice, scopes: string[]) {
  const { say } = call;
  const { account } = session;
  await call.records.agreements.ask({ client: app.client.id, patient: chosen.patient, scopes, account });
  const body = html`
<p>${say(
    '16歳になるまでは、アプリをつなぐのに保護者の同意もいります。保護者の「つながっているアプリ」の画面に、この希望が出ます（14日間）。同意のあとで、もう一度アプリからつないでください。',
    'Until you are 16 a guardian has to agree too. They see your wish on their page of connected apps, for 14 days. Once they have agreed, connect again from the app.',
  )}</p>
${wayOut(call)}`;
  return page(say('保護者の同意を待っています', 'Waiting for a guardian'), body);
}

/** Of the form, when it is one of the patient's that this login sees. */
async function encounterOf(call: Call, session: Session, { patient }: Choice): Promise<string | undefined> {
  const asked = call.form.get('encounter');
  return (await encountersOf(call, session, patient)).find(({ id }) => id === asked)?.id;
}
