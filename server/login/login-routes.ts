// Accounts over HTTP: JSON for the scripts of our own pages (passkeys need one) and for tests. A session travels in a cookie;
// calls come from our own origin, and those of a session carry its CSRF token. Refusals say one word, `why`.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { holdsMyNumber } from '../fhir/my-number.ts';
import type { Challenged } from './card-login.ts';
import type { Login, Opened, Refusal, Session, Visit } from './login.ts';
import { isCsrf, isSameOrigin, readCookies, setCookie } from './session-cookie.ts';

const mostBytes = 65_536;

type Answer = Opened | Refusal | Challenged | { kind: 'options' | 'offered' | 'codes' | 'removed' | 'done' };
/** The members of a body, as they are checked: text, text that may be missing, or what the browser's authenticator made. */
type Members = Record<string, 'text' | 'text?' | 'json'>;
type Body<M extends Members> = {
  [Name in keyof M]: M[Name] extends 'text' ? string : M[Name] extends 'text?' ? string | undefined : unknown;
};
type Route = { path: string; members: Members; isOfSession: boolean; run: Run };
type Run = (body: never, visit: Visit, session: Session) => Promise<Answer>;

/** A call that needs no session. */
const open = <M extends Members>(
  path: string,
  members: M,
  run: (body: Body<M>, visit: Visit) => Promise<Answer>,
): Route => ({ path, members, isOfSession: false, run: run as Run });

/** A call of an open session. */
const own = <M extends Members>(
  path: string,
  members: M,
  run: (body: Body<M>, visit: Visit, session: Session) => Promise<Answer>,
): Route => ({ path, members, isOfSession: true, run: run as Run });

/** What a card gives back: see server/login/card-protocol.md. */
const cardAnswer = { challenge: 'text', certificate: 'text', signature: 'text' } as const;

const routesOf = (login: Login): Route[] => [
  open('sign-up', { login: 'text', password: 'text?', name: 'text' }, (body, visit) => login.signUp(visit, body)),
  open('password', { login: 'text', password: 'text' }, (body, visit) => login.logInWithPassword(visit, body)),
  open('passkey-options', {}, (_, visit) => login.passkeyLoginOptions(visit)),
  open('passkey', { response: 'json' }, ({ response }, visit) => login.logInWithPasskey(visit, response)),
  open('card/challenge', {}, (_, visit) => login.cardLoginChallenge(visit)),
  open('card', cardAnswer, (body, visit) => login.logInWithCard(visit, body)),
  open('redeem', { login: 'text', code: 'text' }, (body, visit) => login.redeemCode(visit, body)),
  open('recover', { login: 'text', totp: 'text', code: 'text' }, (body, visit) => login.recoverWithTotp(visit, body)),
  own('totp', { code: 'text' }, ({ code }, visit, session) => login.logInWithTotp(visit, session, code)),
  own('recovery-code', { code: 'text' }, ({ code }, visit, session) => login.recoverWithPassword(visit, session, code)),
  own('own/password', { password: 'text' }, ({ password }, visit, session) =>
    login.setPassword(visit, session, password),
  ),
  own('own/totp-offer', {}, (_, _visit, session) => login.offerTotpSeed(session)),
  own('own/totp', { code: 'text' }, ({ code }, visit, session) => login.confirmTotp(visit, session, code)),
  own('own/passkey-options', {}, (_, _visit, session) => login.passkeyRegistrationOptions(session)),
  own('own/passkey', { response: 'json', name: 'text' }, (body, visit, session) =>
    login.registerPasskey(visit, session, body),
  ),
  own('own/passkey-name', { id: 'text', name: 'text' }, async ({ id, name }, _, session) =>
    doneOr(await login.renamePasskey(session, id, name)),
  ),
  own('own/card/challenge', {}, (_, _visit, session) => login.cardChallenge(session)),
  own('own/card', cardAnswer, (body, visit, session) => login.bindCard(visit, session, body)),
  own('own/card/identity/challenge', {}, (_, _visit, session) => login.identityChallenge(session)),
  own('own/card/identity', cardAnswer, (body, visit, session) => login.proveIdentity(visit, session, body)),
  own('own/recovery-codes', {}, (_, visit, session) => login.newRecoveryCodes(visit, session)),
  own('own/remove', { factor: 'text', passkey: 'text?' }, async ({ factor, passkey }, visit, session) => {
    if (factor === 'passkey' && passkey !== undefined) return login.removeFactor(visit, session, { passkey });
    return factor === 'totp' || factor === 'password' || factor === 'card'
      ? login.removeFactor(visit, session, factor)
      : doneOr(false);
  }),
  own('own/end-session', { id: 'text' }, async ({ id }, visit, session) =>
    doneOr(await login.logOut(session, id, visit.request)),
  ),
  own('log-out', {}, async (_, visit, session) => doneOr(await login.logOut(session, session.id, visit.request))),
];

const doneOr = (isDone: boolean): Answer => (isDone ? { kind: 'done' } : { kind: 'refused', why: 'missing' });

/** Mounts the calls below the prefix of the scope. */
export function loginRoutes(scope: FastifyInstance, { login, baseUrl }: { login: Login; baseUrl: () => string }): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: mostBytes },
    async (_: unknown, body: string) => {
      try {
        return JSON.parse(body) as unknown;
      } catch {
        throw Object.assign(new Error('malformed'), { statusCode: 400 });
      }
    },
  );
  scope.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode ?? ('status' in error ? Number(error.status) : 500);
    if (!(status < 500)) request.log.error({ request: request.id, name: error.name }, 'login call failed');
    return reply.code(status).send({ why: status < 500 ? 'malformed' : 'failed' });
  });
  scope.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  for (const route of routesOf(login)) {
    scope.post(`/${route.path}`, async (request, reply) => {
      if (!isSameOrigin(request.headers, baseUrl())) return reply.code(403).send({ why: 'origin' });
      const visit = visitOf(request, baseUrl());
      const session = route.isOfSession ? await login.findSession(visit.session) : undefined;
      if (route.isOfSession && !session) return reply.code(401).send({ why: 'session' });
      if (route.isOfSession && !isCsrf(visit.session, request.headers['x-csrf-token']))
        return reply.code(403).send({ why: 'csrf' });
      const body = bodyOf(request.body, route.members);
      if (body && holdsNumber(body)) return reply.code(422).send({ why: 'my-number' });
      if (!body) return reply.code(400).send({ why: 'malformed', members: Object.keys(route.members) });
      return answer(reply, await route.run(body as never, visit, session as Session), baseUrl());
    });
  }
  scope.get('/own', async (request, reply) => {
    const session = await login.findSession(visitOf(request, baseUrl()).session);
    if (!session) return reply.code(401).send({ why: 'session' });
    const { level, csrf, id } = session;
    if (level === 'half') return { level, csrf };
    return { level, csrf, id, factors: await login.factorsOf(session), sessions: await login.listSessions(session) };
  });
}

/** Where a request comes from, with the cookies of ours that it carries. */
export function visitOf(request: FastifyRequest, baseUrl: string): Visit {
  const { cookie, 'user-agent': agent } = request.headers;
  return { address: request.ip, agent, request: request.id, ...readCookies(cookie, baseUrl) };
}

/** Has the browser keep the session that was opened, and the device where it is new. */
export function keepSession(reply: FastifyReply, { text, device }: Opened, baseUrl: string): void {
  reply.header('set-cookie', setCookie('session', text, baseUrl));
  if (device !== undefined) reply.header('set-cookie', setCookie('device', device, baseUrl));
}

/** Passwords and what authenticators make are nobody's to read. */
const holdsNumber = ({ password: _password, response: _response, ...rest }: JsonObject): boolean => holdsMyNumber(rest);

const statusOf = {
  wrong: 401,
  wait: 429,
  taken: 409,
  'login-name': 422,
  password: 422,
  card: 422,
  identity: 422,
  'last-factor': 422,
  missing: 404,
  'step-up': 403,
  recovered: 403,
} as const;

function answer(reply: FastifyReply, given: Answer, baseUrl: string) {
  if (given.kind === 'refused') {
    const { kind, ...refusal } = given;
    if (refusal.why === 'wait') reply.header('retry-after', Math.ceil(refusal.waitMs / 1000));
    return reply.code(statusOf[refusal.why]).send(refusal);
  }
  if (given.kind === 'challenge') {
    const { card, ...challenge } = given;
    if (card !== undefined) reply.header('set-cookie', setCookie('card', card, baseUrl));
    return reply.send(challenge);
  }
  if (given.kind !== 'opened') return reply.send(given);
  keepSession(reply, given, baseUrl);
  return reply.send({ kind: 'opened', level: given.session.level, csrf: given.session.csrf });
}

/** The body, when it has the members that are asked for and no others. */
function bodyOf(body: unknown, members: Members): JsonObject | undefined {
  const given = body === undefined ? {} : body;
  if (!isObject(given) || Object.keys(given).some((name) => !Object.hasOwn(members, name))) return undefined;
  const isRight = Object.entries(members).every(([name, kind]) => {
    if (kind === 'json') return isObject(given[name]);
    return typeof given[name] === 'string' || (kind === 'text?' && given[name] === undefined);
  });
  return isRight ? given : undefined;
}
