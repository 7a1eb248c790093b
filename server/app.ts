// The wiring: a Fastify app that answers FHIR and does not listen. Tests use `inject`.

import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { Registry } from 'prom-client';
import type { Access } from './access/access.ts';
import { createFhir, createIntake } from './app/fhir.ts';
import { isOver, loginRecords } from './app/login-records.ts';
import { mountedOperations } from './app/operations.ts';
import { shareOptions } from './app/share-options.ts';
import { auditViews } from './audit/audit-views.ts';
import { type AuthorizationServer, createAuthorizationServer } from './auth/authorization-server.ts';
import { createAuthenticate } from './auth/bearer.ts';
import { crossOrigin } from './auth/cross-origin.ts';
import { securityOf } from './auth/discovery.ts';
import { launchRoute } from './auth/launch-route.ts';
import { challengeOf, createTokenOf } from './auth/proved-token.ts';
import { cdsRoutes } from './cds-hooks/cds-routes.ts';
import { createCall } from './cds-hooks/create-call.ts';
import { typeOfProfile } from './definitions/definitions.ts';
import { docsRoutes } from './docs/docs-routes.ts';
import { malformed, notFound, notSupported, unauthenticated } from './fhir/outcome.ts';
import { todayInJapan } from './forecast/facts/calendar-date.ts';
import { ownSchedules, type Schedules } from './forecast/known-schedules.ts';
import { deliveryCounter, metricsRoute } from './health/metrics.ts';
import { probeRoutes } from './health/probes.ts';
import { logRequests } from './health/request-log.ts';
import { healthCardRoutes } from './health-cards/routes.ts';
import { createLogin, type LoginOptions } from './login/login.ts';
import { loginRoutes } from './login/login-routes.ts';
import { pageRoutes } from './login/pages/page-routes.ts';
import { expandKinds } from './operations/value-set-expand.ts';
import { jwksRoute } from './record/jwks-route.ts';
import { loadArchiveKeys } from './record/keys.ts';
import type { TimeStampAuthority } from './record/time-stamp-authority.ts';
import { contentOf, wantsContent } from './rest/binary.ts';
import { capabilityStatement } from './rest/capabilities.ts';
import { formOf, plainJson } from './rest/format.ts';
import { send, sendAlways, sendError, withoutValues } from './rest/http-answer.ts';
import { fhirPath, fhirRequest, readBodies } from './rest/http-request.ts';
import { createDispatch, createMethodsOf, createNameOf } from './rest/routes.ts';
import { metadataMode, terminologyCapabilities } from './rest/terminology-capabilities.ts';
import { answerUnreadableRequest, refuseExpectation } from './rest/unreadable-request.ts';
import { customSetNumber } from './search/custom-set.ts';
import { shareRoutes } from './share/share-routes.ts';
import { backlogOf } from './store/backlog.ts';
import { createHealthCardStore } from './store/health-cards.ts';
import { endTokensOfAccount } from './store/issued-tokens.ts';
import { keepLoadedInForce } from './store/loaded-in-force.ts';
import { followParameters } from './store/parameters.ts';
import { brokenGlassOf } from './store/permissions.ts';
import type { Pool } from './store/pool.ts';
import { secret } from './store/secrets.ts';
import { createTokenStore } from './store/tokens.ts';
import { terminologyInForce } from './terminology/in-force.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; null until the token has been checked. */
    access: Access | null;
  }
  interface FastifyInstance {
    /** The authorization server, for what goes on outside its routes. */
    oauth: AuthorizationServer;
  }
}

export type AppOptions = {
  pool: Pool;
  /** Public address without a slash at the end; FHIR is under `/fhir`. */
  baseUrl: () => string;
  /** 32 random bytes shared by all servers of a deployment. */
  cursorKey: Uint8Array;
  version: string;
  /** The folder of what is made in the background. */
  workDir: string;
  logLevel: string;
  /** Where log lines go; standard output when absent. */
  logStream?: NodeJS.WritableStream;
  nowMs?: () => number;
  /** What the planner can go by; the schedules of this repository when absent. */
  schedules?: Schedules;
  /** Whose My Number Card certificates sign people in; nobody's when absent. */
  jpki?: LoginOptions['jpki'];
  /** Stamps archives; without it the clock of this server does. */
  timeStampAuthority?: TimeStampAuthority;
  /** Identifier systems of patient numbers that may look like a My Number; none when absent. */
  mrnSystems?: readonly string[];
  /** The header in which a proxy passes on the client certificate that it has checked; none is believed when absent. */
  certificateHeader?: string;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed; none when absent. */
  trustedProxies?: readonly string[];
  /** Of a body as it is read, unpacked. */
  bodyLimitBytes?: number;
  /** From a request's first byte to its last; a client that is slower is let go. */
  requestTimeoutMs?: number;
};

const defaultBodyLimitBytes = 32 * 1024 * 1024;
const defaultRequestTimeoutMs = 300_000;
const headersTimeoutMs = 60_000;

/** Builds the app on a migrated database. Closing it leaves the pool open. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { pool, nowMs = Date.now, bodyLimitBytes = defaultBodyLimitBytes } = options;
  const { requestTimeoutMs = defaultRequestTimeoutMs, schedules = ownSchedules() } = options;
  const app = Fastify({
    logger: {
      level: options.logLevel,
      serializers: { req: () => ({}), res: () => ({}) },
      ...(options.logStream ? { stream: options.logStream } : {}),
    },
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would cost more than it tells: the lines below name the request themselves.
    childLoggerFactory: (logger) => logger,
    genReqId: () => randomUUID(),
    trustProxy: options.trustedProxies ? [...options.trustedProxies] : false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(headersTimeoutMs / 2, requestTimeoutMs),
      // Refused below instead, in words.
      requireHostHeader: false,
    },
    exposeHeadRoutes: false,
    clientErrorHandler: answerUnreadableRequest,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, errorOptions),
    // A search may be long; what is longer than this is a mistake.
    routerOptions: { maxParamLength: 16_384, ignoreTrailingSlash: true },
  });
  app.server.on('checkExpectation', refuseExpectation);
  // Fastify's own repeat the address or the error's message, and either may be anything.
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, errorOptions));
  app.setNotFoundHandler(async (_request, reply) => reply.status(404).send({ error: 'not_found' }));
  const tokens = await createTokenStore({ pool, nowMs });
  app.addHook('onClose', async () => tokens.close());
  const parameters = await followParameters({ pool });
  app.addHook('onClose', async () => parameters.close());
  const loaded = await keepLoadedInForce({ pool });
  app.addHook('onClose', async () => loaded.close());
  const archiveKeys = await loadArchiveKeys((name, make) => secret(pool, name, make), options.timeStampAuthority);
  jwksRoute(app, { ...archiveKeys, nowMs });
  healthCardRoutes(app, { store: createHealthCardStore({ pool }), nowMs });
  const register = new Registry();
  const intake = { ...createIntake(options), counted: deliveryCounter(register) };
  const shares = await shareOptions(options);
  const operations = mountedOperations({
    pool,
    schedules,
    intake,
    archiveKeys,
    version: options.version,
    workDir: options.workDir,
    shares,
  });
  const views = auditViews({ pool });
  const methodsOf = createMethodsOf(operations);
  const errorOptions = { bodyLimitBytes, methodsOf, challengeOf };
  const nameOf = createNameOf(operations);
  logRequests(app, nameOf);
  metricsRoute(app, { register, backlog: () => backlogOf(pool), nameOf });
  probeRoutes(app, { database: () => pool.query('select 1'), queue: () => pool.query('select from job limit 1') });
  const startedAt = new Date(nowMs()).toISOString();
  const capabilities = asOfParameters(() =>
    capabilityStatement({
      base: `${options.baseUrl()}/fhir`,
      version: options.version,
      startedAt,
      operations,
      views,
      security: securityOf(options.baseUrl()),
    }),
  );
  const onBug = (error: unknown, request: string) =>
    app.log.error({ request, err: withoutValues(error) }, 'entry failed');
  const fhir = createFhir({ ...options, onBug });
  const capabilitiesText = asOfParameters(() => JSON.stringify(capabilities()));
  // Made anew each time: what is loaded changes, and it is asked for seldom.
  const terminologyText = () =>
    JSON.stringify(
      terminologyCapabilities(terminologyInForce(), {
        ...{ base: `${options.baseUrl()}/fhir`, version: options.version, startedAt },
        expandParameters: Object.keys(expandKinds),
      }),
    );
  const metadata = (query: string) => (metadataMode(query) === 'terminology' ? terminologyText() : capabilitiesText());
  const dispatch = createDispatch(operations, metadata, views, intake.exempt);
  const onOauthBug = (error: unknown) =>
    app.log.error({ err: withoutValues(error) }, 'the authorization server failed');
  const { certificateHeader } = options;
  const oauth = await createAuthorizationServer({ ...options, onBug: onOauthBug });
  const tokenOf = createTokenOf({ tokens, checkProof: oauth.checkProof, certificateHeader });
  const authenticate = createAuthenticate({
    ...{ tokenOf, nowMs },
    brokenGlassOf: (clinician) => brokenGlassOf(pool, clinician),
    typeOfProfile: (canonical) => typeOfProfile(terminologyInForce().definitions, canonical),
  });
  app.decorateRequest('access', null);
  await app.register(async (scope) => docsRoutes(scope, { capabilities, operations, nowMs }));
  app.decorate('oauth', oauth);
  await app.register(oauth.routes);
  await app.register(async (scope) => launchScope(scope));
  await app.register(async (scope) => cdsScope(scope), { prefix: '/cds-services' });
  await app.register(async (scope) => fhirScope(scope), { prefix: '/fhir' });
  const login = await createLogin({
    pool,
    write: fhir.write,
    nowMs,
    baseUrl: options.baseUrl,
    jpki: options.jpki,
    loadSecret: (name, make) => secret(pool, name, make),
    endTokensOf: (client, { id, subject }) => endTokensOfAccount(client, [id, subject]),
  });
  await app.register(async (scope) => loginRoutes(scope, { login, baseUrl: options.baseUrl }), {
    prefix: '/login/api',
  });
  const records = loginRecords({ pool, fhir, dispatch, clients: oauth.clients });
  const apps = { ...oauth.interactions, isOver };
  await app.register(async (scope) => pageRoutes(scope, { login, apps, records, baseUrl: options.baseUrl, nowMs }), {
    prefix: '/login',
  });
  await app.register(async (scope) => shareRoutes(scope, { ...shares, fhir }), { prefix: '/share' });
  return app;

  async function launchScope(scope: FastifyInstance): Promise<void> {
    takeBodies(scope);
    launchRoute(scope, { ...oauth, early, call: (as) => createCall(fhir, dispatch, as) });
  }

  async function cdsScope(scope: FastifyInstance): Promise<void> {
    takeBodies(scope);
    const today = () => todayInJapan(nowMs());
    cdsRoutes(scope, { early, today, call: (as) => createCall(fhir, dispatch, as) });
  }

  function takeBodies(scope: FastifyInstance): void {
    readBodies(scope, bodyLimitBytes);
    scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, errorOptions));
  }

  async function fhirScope(scope: FastifyInstance): Promise<void> {
    crossOrigin(scope, oauth);
    const answerCapabilities = asOf(capabilitiesText, sendAlways);
    takeBodies(scope);
    scope.route({
      method: ['GET', 'HEAD'],
      url: '/metadata',
      handler: async (request, reply) => {
        const isTerminology = metadataMode(fhirRequest(request).query) === 'terminology';
        return (isTerminology ? sendAlways(terminologyText()) : answerCapabilities())(request, reply);
      },
    });
    const answerCall = async (request: FastifyRequest, reply: FastifyReply) => {
      const { access } = request;
      if (!access) throw unauthenticated();
      const isContent = wantsContent(request);
      const form = isContent ? plainJson : formOf(request);
      const answer = await dispatch(fhir, { ...fhirRequest(request), access });
      if (answer.lackingScope !== undefined)
        reply.header('www-authenticate', challengeOf(request.headers, answer.lackingScope));
      return send(request, reply, isContent ? contentOf(answer, reply) : answer, form);
    };
    // Deny by default: whatever is not a route of the table is refused by dispatch, after the token was checked.
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'];
    const answerOptions = async (request: FastifyRequest, reply: FastifyReply) => {
      const allowed = methodsOf(fhirPath(request.url));
      if (allowed.length === 0) throw notFound('This address');
      return reply.header('allow', allowed.join(', ')).status(204).send();
    };
    for (const url of ['/', '/*']) {
      scope.route({ method: methods, url, onRequest: early, handler: answerCall });
      scope.route({ method: 'OPTIONS', url, onRequest: early, handler: answerOptions });
    }
    scope.setNotFoundHandler({ preHandler: early }, async ({ method }: FastifyRequest) => {
      throw notSupported(`${method} of this address is not supported`);
    });
  }

  /** A caller without a token is told so before a large body is read. */
  async function early(request: FastifyRequest): Promise<void> {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
      throw malformed('An HTTP/1.1 request needs a Host header');
    request.access = await authenticate(request);
  }
}

/** What is made of the search parameters there are, made again when they have changed. */
const asOfParameters = <T>(make: () => T): (() => T) => asOf(customSetNumber, make);

/** What is made of a state, made again when that is another. */
function asOf<S, T>(state: () => S, make: (state: S) => T): () => T {
  let made: { of: S; value: T } | undefined;
  return () => {
    const of = state();
    if (made?.of !== of) made = { of, value: make(of) };
    return made.value;
  };
}
