// The wiring: a Fastify app that answers FHIR and does not listen. Tests use `inject`.

import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Access } from './access/access.ts';
import { createAuthenticate } from './auth/bearer.ts';
import { holdsUnstorableText, parseJson } from './fhir/json.ts';
import {
  internal,
  languageOf,
  malformed,
  notSupported,
  OperationOutcomeError,
  operationOutcome,
  tooLarge,
  unauthenticated,
  unavailable,
} from './fhir/outcome.ts';
import { deliver, delivery, type Intake } from './intake/deliver.ts';
import { linkCode, linkFacility } from './intake/link-facility.ts';
import type { Answer, Fhir, FhirRequest, Operation } from './interaction/request.ts';
import { immdsForecast, patientForecast } from './operations/forecast.ts';
import { patientEverything } from './operations/patient-everything.ts';
import { archiveOperations } from './record/archive.ts';
import { jwksRoute } from './record/jwks-route.ts';
import { loadArchiveKeys } from './record/keys.ts';
import { capabilityStatement } from './rest/capabilities.ts';
import { createDispatch } from './rest/routes.ts';
import { answerUnreadableRequest } from './rest/unreadable-request.ts';
import { createAuditLog } from './store/audit.ts';
import { createCursors } from './store/cursors.ts';
import { outcomeOfDatabaseError } from './store/database-error.ts';
import { createDeliveries } from './store/deliveries.ts';
import { createLinks } from './store/links.ts';
import type { Pool } from './store/pool.ts';
import { createReader } from './store/read.ts';
import { createSearcher } from './store/searcher.ts';
import { secret } from './store/secrets.ts';
import { createTokenStore } from './store/tokens.ts';
import { createWriter } from './store/write.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; null until the token has been checked. */
    access: Access | null;
  }
}

export type AppOptions = {
  pool: Pool;
  /** Public address without a slash at the end; FHIR is under `/fhir`. */
  baseUrl: () => string;
  /** 32 random bytes shared by all servers of a deployment. */
  cursorKey: Uint8Array;
  version: string;
  logLevel: string;
  nowMs?: () => number;
  bodyLimitBytes?: number;
};

const defaultBodyLimitBytes = 32 * 1024 * 1024;
const fhirJson = 'application/fhir+json; charset=utf-8';
const jsonTypes = ['application/fhir+json', 'application/json', 'text/json', 'application/json+fhir'];

/** Builds the app on a migrated database. Closing it leaves the pool open. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { pool, nowMs = Date.now, bodyLimitBytes = defaultBodyLimitBytes } = options;
  const app = Fastify({
    logger: { level: options.logLevel, serializers: { req: () => ({}), res: () => ({}) } },
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would cost more than it tells: the lines below name the request themselves.
    childLoggerFactory: (logger) => logger,
    genReqId: () => randomUUID(),
    bodyLimit: bodyLimitBytes,
    exposeHeadRoutes: false,
    clientErrorHandler: answerUnreadableRequest,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, bodyLimitBytes),
    // A search may be long; what is longer than this is a mistake.
    routerOptions: { maxParamLength: 16_384 },
  });
  const tokens = await createTokenStore({ pool, nowMs });
  app.addHook('onClose', async () => tokens.close());
  logWithoutPersonalData(app);

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const isReady = await pool.query('select 1').then(
      () => true,
      () => false,
    );
    return reply.status(isReady ? 200 : 503).send({ database: isReady ? 'ok' : 'unreachable' });
  });
  const archiveKeys = await loadArchiveKeys((name, make) => secret(pool, name, make));
  jwksRoute(app, archiveKeys);
  await app.register(async (scope) => fhirScope(scope), { prefix: '/fhir' });
  return app;

  async function fhirScope(scope: FastifyInstance): Promise<void> {
    const fhir = createFhir(options);
    const { base } = fhir;
    const intake = createIntake(options);
    const operations: Operation[] = [
      patientEverything,
      patientForecast,
      immdsForecast,
      deliver(intake),
      delivery(intake),
      linkFacility(intake),
      linkCode(intake),
      ...archiveOperations({ keys: archiveKeys, version: options.version }),
    ];
    const dispatch = createDispatch(operations);
    const authenticate = createAuthenticate({ tokens });
    const startedAt = new Date(nowMs()).toISOString();
    const capabilities = JSON.stringify(capabilityStatement({ base, version: options.version, startedAt, operations }));

    scope.decorateRequest('access', null);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(jsonTypes, { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) =>
      parseBody(body),
    );
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
    );
    scope.setErrorHandler((error, request, reply) => sendError(error, request, reply, bodyLimitBytes));
    scope.get('/metadata', async (request, reply) => {
      refuseOtherFormats(request);
      return send(reply, { status: 200, body: capabilities });
    });
    const answerCall = async (request: FastifyRequest, reply: FastifyReply) => {
      const { access } = request;
      if (!access) throw unauthenticated();
      refuseOtherFormats(request);
      return send(reply, await dispatch(fhir, { ...fhirRequest(request), access }));
    };
    // Deny by default: whatever is not a route of the table is refused by dispatch, after the token was checked.
    scope.route({
      method: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'],
      url: '/*',
      onRequest: early,
      handler: answerCall,
    });
    scope.route({ method: ['GET', 'POST'], url: '/', onRequest: early, handler: answerCall });
    scope.setNotFoundHandler({ preHandler: early }, async ({ method }: FastifyRequest) => {
      throw notSupported(`${method} of this address is not supported`);
    });

    /** A caller without a token is told so before a large body is read. */
    async function early(request: FastifyRequest): Promise<void> {
      request.access = await authenticate(request.headers.authorization);
    }
  }
}

/** What interactions, operations and jobs work with. */
export function createFhir({
  pool,
  baseUrl,
  cursorKey,
  nowMs = Date.now,
}: Pick<AppOptions, 'pool' | 'baseUrl' | 'cursorKey' | 'nowMs'>): Fhir {
  const base = `${baseUrl()}/fhir`;
  return {
    write: createWriter({ pool, nowMs, base }),
    reader: createReader({ pool }),
    searcher: createSearcher({ pool }),
    audit: createAuditLog({ pool }),
    cursors: createCursors(cursorKey),
    nowMs,
    base,
  };
}

export const createIntake = ({ pool }: Pick<AppOptions, 'pool'>): Intake => ({
  deliveries: createDeliveries({ pool }),
  links: createLinks({ pool }),
});

function fhirRequest(request: FastifyRequest): Omit<FhirRequest, 'access'> {
  const [path = '', query = ''] = request.url
    .slice('/fhir'.length)
    .replace(/^\//, '')
    .split(/\?(.*)/s);
  const { prefer, 'if-match': ifMatch, 'if-none-exist': ifNoneExist } = request.headers;
  return {
    method: request.method,
    path: decodePath(path),
    query,
    headers: {
      ...(typeof prefer === 'string' ? { prefer } : {}),
      ...(ifMatch !== undefined ? { ifMatch } : {}),
      ...(typeof ifNoneExist === 'string' ? { ifNoneExist } : {}),
    },
    body: request.body,
    id: request.id,
    language: languageOf(request.headers['accept-language']),
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw malformed('The path of the URL is not valid percent-encoding');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    const text = utf8.decode(body);
    const value = parseJson(text);
    if (holdsUnstorableText(value, text))
      throw malformed('The body holds \\u0000 or half of a surrogate pair; neither is text');
    return value;
  } catch (error) {
    if (error instanceof OperationOutcomeError) throw error;
    // V8 quotes the text around the fault; only the place is passed on.
    const place = /position \d+(?: \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    throw malformed(
      error instanceof TypeError
        ? 'The body is not UTF-8'
        : `The body is not JSON${place ? `: fault at ${place}` : ''}`,
    );
  }
}

function refuseOtherFormats(request: FastifyRequest): void {
  const format = (request.query as { _format?: string })._format ?? '';
  const accept = request.headers.accept ?? '';
  const wanted =
    format === '' ? accept : format.includes('/') || format.includes('json') ? format : `application/${format}`;
  if (wanted !== '' && !/json|zip|\*\/\*|application\/\*|text\/html/.test(wanted)) {
    throw notSupported(`${wanted} is not available; this server answers application/fhir+json`, 406);
  }
}

function send(reply: FastifyReply, answer: Answer) {
  const { status, etag, lastModified, location, contentLocation, contentType = fhirJson, body } = answer;
  reply.status(status);
  if (etag !== undefined) reply.header('etag', etag);
  if (lastModified !== undefined) reply.header('last-modified', new Date(lastModified).toUTCString());
  if (location !== undefined) reply.header('location', location);
  if (contentLocation !== undefined) reply.header('content-location', contentLocation);
  if (body === undefined) return reply.send();
  return reply.header('content-type', contentType).send(body);
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, bodyLimitBytes: number) {
  const refusal = refusalOf(outcomeOfDatabaseError(error), bodyLimitBytes);
  if (refusal.status >= 500) request.log.error({ request: request.id, err: withoutValues(error) }, 'request failed');
  if (refusal.status === 401) reply.header('www-authenticate', 'Bearer realm="tsumugi"');
  const outcome = operationOutcome(refusal.issues, languageOf(request.headers['accept-language']));
  return reply
    .status(refusal.status)
    .header('content-type', 'application/fhir+json; charset=utf-8')
    .send(JSON.stringify(outcome));
}

function refusalOf(error: unknown, bodyLimitBytes: number): OperationOutcomeError {
  if (error instanceof OperationOutcomeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimitBytes);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return notSupported('The Content-Type must be application/fhir+json', 415);
  if (code === 'ECONNREFUSED') return unavailable();
  // Only what is nested beyond any sense fills the stack; the body is read before it is validated in some operations.
  if (error instanceof RangeError && error.message.includes('call stack'))
    return malformed('The body is nested too deeply');
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? malformed('The request cannot be read') : internal();
}

/** pg's `detail` and `where` quote what was stored; stack and code are enough to find a bug. */
function withoutValues(error: unknown): { type: string; code: unknown; stack: string | undefined } {
  if (!(error instanceof Error)) return { type: typeof error, code: undefined, stack: undefined };
  const isFromDatabase = 'severity' in error;
  const stack = isFromDatabase ? error.stack?.split('\n').slice(1).join('\n') : error.stack;
  return { type: error.name, code: 'code' in error ? error.code : undefined, stack };
}

/** One line a request: no query, no body, no header. */
function logWithoutPersonalData(app: FastifyInstance): void {
  if (!['trace', 'debug', 'info'].includes(app.log.level)) return;
  app.addHook('onResponse', async (request, reply) => {
    const [path] = request.url.split('?');
    request.log.info({
      request: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    });
  });
}
