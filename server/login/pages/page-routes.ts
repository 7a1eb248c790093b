// Our own pages under /login, and the same ones under /login/UID on the way of an app, where the authorization server's cookie
// says whose request it is. Plain HTML: forms work without scripts, passkeys alone need one. Forms come from this origin, and
// those of a session carry its CSRF token.

import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Language, languageOf } from '../../fhir/outcome.ts';
import type { Login } from '../login.ts';
import { keepSession, visitOf } from '../login-routes.ts';
import { isCsrf, isSameOrigin, setCookie } from '../session-cookie.ts';
import { accountPage, endSession, nameOfPasskey, remove } from './account-pages.ts';
import { agree, appPage, pick, refuse } from './app-pages.ts';
import type { AppRequests } from './app-request.ts';
import { type Answer, type Call, go, type OwnRun, page, type Records, type Run } from './call.ts';
import { bindCard, cardLogInPage, cardPage, logInByCard } from './card-pages.ts';
import { agreeForYoung, connectionsPage, endConnection, refuseForYoung } from './connections-pages.ts';
import { html } from './html.ts';
import { logIn, logInPage, logOut, second, secondByRecoveryCode, secondPage } from './log-in-pages.ts';
import { sayIn, wholePage } from './page.ts';
import { recoverPage, recoverWithTotp, redeem } from './recovery-pages.ts';
import {
  backup,
  backupPage,
  confirmAuthenticator,
  offerAuthenticator,
  setUpPage,
  setUpPassword,
  signUp,
  signUpPage,
} from './sign-up-pages.ts';

export type PageOptions = {
  login: Login;
  apps: AppRequests & { endSession: (...both: Parameters<AppRequests['refuse']>) => Promise<void> };
  records: Records;
  baseUrl: () => string;
  nowMs: () => number;
};

const mostFormBytes = 65_536;

/** Who gets a page: everybody; whoever has begun a session; whoever is logged in. */
type For = 'everybody' | 'begun' | 'logged-in';
type Route = { method: 'GET' | 'POST'; path: string; for: For; where: 'both' | 'account' | 'app'; run: OwnRun };

const route = (where: Route['where'], method: Route['method'], path: string, run: Run): Route => ({
  ...{ where, method, path, run },
  for: 'everybody',
});
const own = (where: Route['where'], method: Route['method'], path: string, who: For, run: OwnRun): Route => ({
  ...{ where, method, path, run },
  for: who,
});

const routes: Route[] = [
  route('both', 'GET', 'log-in', logInPage),
  route('both', 'POST', 'log-in', logIn),
  route('both', 'GET', 'second', secondPage),
  own('both', 'POST', 'second', 'begun', second),
  own('both', 'POST', 'second/recovery-code', 'begun', secondByRecoveryCode),
  route('both', 'GET', 'sign-up', signUpPage),
  route('both', 'POST', 'sign-up', signUp),
  own('both', 'GET', 'set-up', 'begun', setUpPage),
  own('both', 'POST', 'set-up/password', 'begun', setUpPassword),
  own('both', 'POST', 'set-up/authenticator', 'begun', offerAuthenticator),
  own('both', 'POST', 'set-up/code', 'begun', confirmAuthenticator),
  own('both', 'GET', 'backup', 'logged-in', backupPage),
  own('both', 'POST', 'backup', 'logged-in', backup),
  route('both', 'GET', 'card', cardLogInPage),
  route('both', 'POST', 'card', logInByCard),
  own('account', 'GET', 'account/card', 'logged-in', cardPage),
  own('account', 'POST', 'account/card', 'logged-in', bindCard),
  route('both', 'GET', 'recover', recoverPage),
  route('both', 'POST', 'recover', recoverWithTotp),
  route('both', 'POST', 'redeem', redeem),
  own('account', 'GET', 'account', 'logged-in', accountPage),
  own('account', 'POST', 'account/passkey-name', 'logged-in', nameOfPasskey),
  own('account', 'POST', 'account/remove', 'logged-in', remove),
  own('account', 'POST', 'account/end-session', 'logged-in', endSession),
  own('account', 'GET', 'connections', 'logged-in', connectionsPage),
  own('account', 'POST', 'connections/end', 'logged-in', endConnection),
  own('account', 'POST', 'connections/agree', 'logged-in', agreeForYoung),
  own('account', 'POST', 'connections/refuse', 'logged-in', refuseForYoung),
  own('account', 'POST', 'log-out', 'begun', logOut),
  route('account', 'GET', '', async () => go('/login/log-in')),
  route('app', 'GET', '', appPage),
  own('app', 'POST', 'patient', 'logged-in', pick),
  own('app', 'POST', 'agree', 'logged-in', agree),
  route('app', 'POST', 'refuse', refuse),
];

const files: Readonly<Record<string, string>> = {
  'pages.css': 'text/css; charset=utf-8',
  'passkeys.js': 'text/javascript; charset=utf-8',
};

/** Mounts the pages in a scope of the prefix `/login`. */
export function pageRoutes(scope: FastifyInstance, options: PageOptions): void {
  const { baseUrl } = options;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: mostFormBytes },
    async (_: unknown, body: string) => {
      const form = new URLSearchParams(body);
      // No text that is stored or compared holds NUL.
      if ([...form].flat().some((text) => text.includes('\0')))
        throw Object.assign(new Error('malformed'), { statusCode: 400 });
      return form;
    },
  );
  scope.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = options.apps.isOver(error) ? 410 : (error.statusCode ?? 500);
    if (!(status < 500)) request.log.error({ request: request.id, name: error.name }, 'a page failed');
    return sendPage(request, reply, undefined, failed(status, request));
  });
  scope.setNotFoundHandler((request, reply) => sendPage(request, reply, undefined, failed(404, request)));
  for (const [name, type] of Object.entries(files)) {
    const text = readFileSync(new URL(name, import.meta.url), 'utf8');
    scope.get(`/${name}`, async (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', 'public, max-age=300')
        .header('x-content-type-options', 'nosniff')
        .send(text),
    );
  }
  for (const { method, path, where, run, for: who } of routes) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      if (method === 'POST' && !isSameOrigin(request.headers, baseUrl()))
        return sendPage(request, reply, undefined, failed(403, request));
      const call = await callOf(request, reply, options);
      return sendPage(request, reply, call, await answerOf(call, { method, who, run }));
    };
    const urls = [where !== 'app' && `/${path}`, where !== 'account' && `/:uid/${path}`].filter((url) => url !== false);
    for (const url of urls) scope.route({ method, url: url.replace(/\/$/, '') || '/', handler });
  }

  async function answerOf(
    call: Call,
    { method, who, run }: Pick<Route, 'method' | 'run'> & { who: For },
  ): Promise<Answer> {
    const { session, at, form, visit, say } = call;
    if (who === 'everybody') return run(call, session as never);
    const level = session?.level;
    if (session === undefined || (who === 'logged-in' && level !== 'full'))
      return go(level === 'half' ? `${at}/second` : level === 'enrol' ? `${at}/set-up` : `${at}/log-in`);
    if (method === 'POST' && !isCsrf(visit.session, form.get('csrf')))
      return page(
        say('もう一度お試しください', 'Please try again'),
        html`<p><a href="${at}">${say('戻る', 'Back')}</a></p>`,
        {
          status: 403,
          fault: say('この画面は古くなっています。', 'This page is out of date.'),
        },
      );
    return run(call, session);
  }

  function sendPage(request: FastifyRequest, reply: FastifyReply, call: Call | undefined, answer: Answer) {
    const isAsked = chosenLanguage(request);
    if (isAsked !== undefined)
      reply.header('set-cookie', `${languageCookie}=${isAsked}; Path=/login; Max-Age=31536000; SameSite=Lax`);
    reply.headers(headersOf(call?.app?.formTarget));
    if (answer.kind === 'go') {
      if (answer.opened) keepSession(reply, answer.opened, baseUrl());
      if (answer.closed) reply.header('set-cookie', setCookie('session', undefined, baseUrl()));
      return reply.redirect(answer.to, 303);
    }
    if (answer.card !== undefined) reply.header('set-cookie', setCookie('card', answer.card, baseUrl()));
    if (answer.retryAfterS !== undefined) reply.header('retry-after', answer.retryAfterS);
    const language = call?.language ?? languageIn(request);
    const frame = { language, path: pathOf(request), app: call?.app?.client.name[language] };
    return reply
      .status(answer.status ?? 200)
      .type('text/html; charset=utf-8')
      .send(wholePage(answer, frame));
  }
}

async function callOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { login, apps, records, baseUrl, nowMs }: PageOptions,
): Promise<Call> {
  const { uid } = request.params as { uid?: string };
  const both = [request.raw, reply.raw] as const;
  const app = uid === undefined ? undefined : await apps.pending(...both);
  const visit = visitOf(request, baseUrl());
  const language = languageIn(request, app?.uiLocales);
  return {
    ...{ login, visit, language, app, records },
    session: await login.findSession(visit.session),
    say: sayIn(language),
    at: uid === undefined ? '/login' : `/login/${uid}`,
    form: request.body instanceof URLSearchParams ? request.body : new URLSearchParams(),
    query: new URLSearchParams(request.url.split(/\?(.*)/s)[1] ?? ''),
    nowMs: nowMs(),
    answer: {
      login: ({ account: accountId, amr, acr, authTimeMs }) =>
        apps.finishLogin(...both, { accountId, amr, acr, authTimeMs }),
      consent: (agreed) => apps.finishConsent(...both, agreed),
      refuse: () => apps.refuse(...both),
    },
    endAppSession: () => apps.endSession(...both),
  };
}

/**
 * `same-origin` and not `no-referrer`, with which a browser would hide the origin of a form from this server too. A form may
 * lead to the app, for browsers hold redirects after it to `form-action`.
 */
const headersOf = (formTarget = '') => ({
  'content-security-policy': `default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self' ${formTarget}; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});

const languageCookie = 'tsumugi-language';

const chosenLanguage = (request: FastifyRequest): Language | undefined =>
  languageNamed(new URLSearchParams(request.url.split('?')[1] ?? '').get('lang'));

/** What the person has chosen, what the app asks for, what the browser prefers; Japanese. */
function languageIn(request: FastifyRequest, uiLocales: readonly string[] = []): Language {
  const { cookie = '', 'accept-language': accepted } = request.headers;
  const kept = new RegExp(`(?:^|; *)${languageCookie}=(\\w+)`).exec(cookie)?.[1];
  const wished = uiLocales.map((tag) => languageNamed(tag.split('-')[0])).find((tag) => tag !== undefined);
  return chosenLanguage(request) ?? languageNamed(kept) ?? wished ?? languageOf(accepted);
}

const languageNamed = (text: string | null | undefined): Language | undefined =>
  text === 'ja' || text === 'en' ? text : undefined;

/** The page to come back to in another language: what a POST answers is shown again by the page its form was on. */
function pathOf({ url, method }: FastifyRequest): string {
  const path = url.split('?')[0] ?? '/login';
  if (method !== 'POST') return path;
  const form = /^(.*)\/(?:account|connections|set-up|second)\/[^/]+$/.exec(path);
  return form ? path.slice(0, path.lastIndexOf('/')) : path.replace(/\/(?:patient|agree|redeem)$/, '');
}

function failed(status: number, request: FastifyRequest): Answer {
  const say = sayIn(languageIn(request));
  const [title, fault] = failures[status] ?? (status < 500 ? failures[400] : failures[500]) ?? [[], []];
  const words = (pair: readonly string[]) => say(pair[0] ?? '', pair[1] ?? '');
  const body = html`<p><a href="/login/log-in">${say('ログインの画面へ', 'To the login page')}</a></p>`;
  return page(words(title), body, { status, fault: words(fault) });
}

type Pair = readonly [ja: string, en: string];
const failures: Readonly<Record<number, readonly [title: Pair, fault: Pair]>> = {
  400: [
    ['受け付けられません', 'This cannot be taken'],
    ['送られた内容を読み取れませんでした。', 'What was sent could not be read.'],
  ],
  403: [
    ['受け付けられません', 'This cannot be taken'],
    ['この画面からではない送信なので、受け付けませんでした。', 'It was not sent from this page, so it was not taken.'],
  ],
  404: [
    ['ページがありません', 'There is no such page'],
    ['アドレスが違うようです。', 'The address seems to be wrong.'],
  ],
  410: [
    ['この画面は終わりました', 'This is over'],
    [
      '時間が過ぎたか、もう終わっています。アプリに戻って、もう一度つないでください。',
      'It has taken too long, or it was finished before. Go back to the app and connect again.',
    ],
  ],
  500: [
    ['うまくいきませんでした', 'Something went wrong'],
    ['しばらくしてから、もう一度お試しください。', 'Please try again in a while.'],
  ],
};
