// The side of links that is open to the world: manifest, files and the viewer page, under /share. HL7 SMART Health Cards and Links
// STU 1, "SMART Health Link Manifest Request". A link that never was, has ended, has run out of tries or whose sharer lost the
// right is answered alike. Every opening is noted before anything leaves.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fhir } from '../interaction/request.ts';
import type { OpenShare, SharedFile } from '../store/shares.ts';
import { inTurnByKey } from './in-turn-by-key.ts';
import { type ManifestRequest, readManifestRequest, recipientIn } from './manifest-request.ts';
import type { ShareOptions } from './share-options.ts';
import { type ViewerPage, viewerPage } from './viewer-page.ts';

type RouteOptions = Pick<ShareOptions, 'store' | 'passcodes' | 'baseUrl'> & { fhir: Pick<Fhir, 'audit' | 'nowMs'> };

const mostBodyBytes = 16_384;
/** Of an address of a file, which works once. */
const locationMs = 15 * 60_000;
const busyS = 3;
/** What is embedded when a caller does not say. */
const usualEmbedded = 65_536;
const mostEmbedded = 4 * 1024 * 1024;

/** An answer that is no file: its status, and what more a client is told. */
class Refusal extends Error {
  readonly status: number;
  readonly body: object;
  readonly retryAfterS: number | undefined;
  constructor(status: number, body: object, retryAfterS?: number) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = body;
    this.retryAfterS = retryAfterS;
  }
}

const gone = (): Refusal => new Refusal(404, { error: 'not_found' });
const tooMany = (retryAfterS: number): Refusal => new Refusal(429, { error: 'too_many_requests' }, retryAfterS);
const bad = (why: string): Refusal => new Refusal(400, { error: 'invalid_request', error_description: why });

/** Mounts them in a scope of the prefix `/share`. */
export function shareRoutes(scope: FastifyInstance, options: RouteOptions): void {
  const { store, fhir, baseUrl } = options;
  const page = viewerPage();
  const inTurn = inTurnByKey();
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    '*',
    { parseAs: 'string', bodyLimit: mostBodyBytes },
    async (_: unknown, body: string) => body,
  );
  scope.addHook('onRequest', async (_request, reply) => {
    reply.headers(everywhere);
  });
  scope.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    if (error instanceof Refusal) {
      if (error.retryAfterS !== undefined) reply.header('retry-after', error.retryAfterS);
      return reply.status(error.status).send(error.body);
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ request: request.id, name: error.name }, 'a link failed');
    return reply
      .status(status)
      .send({ error: status === 413 ? 'too_large' : status < 500 ? 'invalid_request' : 'server_error' });
  });
  scope.setNotFoundHandler(async () => {
    throw gone();
  });

  scope.get('/', (_request, reply) => sendPage(reply, page));
  scope.options('/*', (request, reply) => preflight(request, reply));
  scope.post('/:address', async (request, reply) => {
    const asked = readManifestRequest(request.headers['content-type'], request.body);
    if (typeof asked === 'string') throw bad(asked);
    const share = await found(request);
    if (share.flags.includes('U')) throw gone();
    await provePasscode(share, asked, request);
    await mayOpen(share);
    const files = await store.files(share.id);
    const manifest = await manifestOf(share, files, asked);
    await note(share, asked.recipient, request, false);
    return reply.type('application/json').send(manifest);
  });
  scope.get('/:address', async (request, reply) => {
    const recipient = recipientIn(new URLSearchParams(request.url.split(/\?(.*)/s)[1] ?? '').get('recipient'));
    if (recipient === undefined)
      throw bad('recipient (query) is who asks, in 1 to 200 characters without control characters');
    const share = await found(request);
    if (!share.flags.includes('U')) throw gone();
    await mayOpen(share);
    const [file] = await store.files(share.id);
    const jwe = file && (await store.jwe(share.id, file.number));
    if (jwe === undefined) throw gone();
    await note(share, recipient, request, false);
    return reply.type('application/jose').send(jwe);
  });
  // The opening was noted with the manifest that gave out this address.
  scope.get('/file/:location', async (request, reply) => {
    const { location } = request.params as { location: string };
    const taken = isSecret(location) ? await store.takeLocation(location, fhir.nowMs()) : undefined;
    if (!taken || !(await store.isInForce(taken.share, fhir.nowMs()))) throw gone();
    const jwe = await store.jwe(taken.share.id, taken.number);
    if (jwe === undefined) throw gone();
    return reply.type('application/jose').send(jwe);
  });

  async function found(request: FastifyRequest): Promise<OpenShare> {
    const { address } = request.params as { address: string };
    const share = isSecret(address) ? await store.find(address, fhir.nowMs()) : undefined;
    if (!share || !(await store.isInForce(share, fhir.nowMs()))) throw gone();
    return share;
  }

  /** A try is taken before the passcode is looked at and given back when it was right, one at a time for each link. */
  async function provePasscode(share: OpenShare, asked: ManifestRequest, request: FastifyRequest): Promise<void> {
    const { passcode: stored, id } = share;
    if (stored === undefined) return;
    const { passcode, recipient } = asked;
    // No guess was made, and none is counted.
    if (passcode === undefined) throw new Refusal(401, { remainingAttempts: await store.triesLeft(id) });
    const { left, isRight } = await inTurn(id, async () => {
      const left = await store.takeTry(id);
      if (left === undefined) throw gone();
      const isRight = await options.passcodes.check(passcode, stored);
      if (isRight !== false) await store.giveBackTry(id);
      return { left, isRight };
    });
    if (isRight === undefined) throw tooMany(busyS);
    if (isRight) return;
    await note(share, recipient, request, true);
    throw new Refusal(401, { remainingAttempts: left });
  }

  async function mayOpen({ id }: OpenShare): Promise<void> {
    const waitS = await store.countPoll(id, fhir.nowMs());
    if (waitS > 0) throw tooMany(waitS);
  }

  async function manifestOf(share: OpenShare, files: SharedFile[], { embeddedLengthMax }: ManifestRequest) {
    const most = Math.min(embeddedLengthMax ?? usualEmbedded, mostEmbedded);
    const listed = [];
    for (const { number, contentType, updated, length } of files) {
      const described = {
        contentType,
        lastUpdated: updated,
        ...(contentType === fhirJson && { fhirVersion: '4.0.1' }),
      };
      const embedded = length <= most ? await store.jwe(share.id, number) : undefined;
      if (embedded !== undefined) listed.push({ ...described, embedded });
      else listed.push({ ...described, location: await locationOf(share, number) });
    }
    return { status: share.flags.includes('L') ? 'can-change' : 'finalized', files: listed };
  }

  async function locationOf({ id }: OpenShare, number: number): Promise<string> {
    const location = randomBytes(32).toString('base64url');
    await store.insertLocation(location, id, number, fhir.nowMs() + locationMs);
    return `${baseUrl()}/share/file/${location}`;
  }

  async function note(share: OpenShare, recipient: string, request: FastifyRequest, refused: boolean): Promise<void> {
    const atMs = fhir.nowMs();
    await store.noteOpening(share.id, { recipient, request: request.id, atMs, refused });
    const about = { client: 'link', interaction: 'share-open', type: undefined, key: share.id, owner: share.patient };
    const when = { at: new Date(atMs).toISOString(), request: request.id, version: undefined };
    await fhir.audit([{ ...about, ...when, outcome: refused ? 4 : 0 }]);
  }
}

const fhirJson = 'application/fhir+json';

/** 32 bytes in base64url. */
const isSecret = (text: string): boolean => /^[\w-]{43}$/.test(text);

const everywhere = {
  'access-control-allow-origin': '*',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
};

const preflight = (_request: FastifyRequest, reply: FastifyReply) =>
  reply
    .headers({
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'content-type, accept',
      'access-control-expose-headers': 'retry-after',
      'access-control-max-age': '600',
    })
    .status(204)
    .send();

const sendPage = (reply: FastifyReply, { html, policy }: ViewerPage) =>
  reply
    .headers({ 'content-security-policy': policy, 'x-frame-options': 'DENY' })
    .type('text/html; charset=utf-8')
    .send(html);
