// A double of MyNa Portal's self-information API on loopback. It enforces what is public: mutual TLS, the shape of client ids and
// template numbers, codes that are used once, an inquiry whose answer is given out once, the five states, a linkage of 90 days.
// ASSUMED, because nobody may read it without being a partner: the names of parameters and members other than process_id and
// selfPersonalData, proof keys, how a linkage is asked for and renewed, error bodies, and what is inside a block.

import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';

export type PortalState = 'PENDING' | 'NEED_TO_VERIFY_USER' | 'SUCCESS' | 'ERROR' | 'EXPIRED';

export type Portal = {
  base: string;
  /** What the next inquiries answer one after the other; then SUCCESS. */
  states: PortalState[];
  /** Blocks by template number. */
  blocks: Map<string, object>;
  /** What the person at the screen does. */
  person: 'consents' | 'declines';
  clock: { nowMs: number };
  /** Paths that were called, in order. */
  calls: string[];
  /** The person's browser: follows the address and the redirect back. */
  visit(url: string): Promise<number>;
  close(): Promise<void>;
};

type Code = { client: string; redirect: string; challenge: string; untilMs: number; linkage: boolean; isUsed: boolean };

const codeMs = 60_000;
const tokenMs = 600_000;
const linkageMs = 90 * 86_400_000;

/** `clientId`, registered with this one redirect address. */
export async function startPortal(options: {
  clientId: string;
  redirectUri: string;
  certificates: Certificates;
  nowMs: number;
}): Promise<Portal> {
  const { clientId, certificates } = options;
  const [codes, tokens, linkages] = [new Map<string, Code>(), new Map<string, number>(), new Map<string, number>()];
  const inquiries = new Map<string, { templates: string[]; isGivenOut: boolean }>();
  const portal = {
    states: [],
    blocks: new Map(),
    person: 'consents',
    calls: [],
    clock: { nowMs: options.nowMs },
  } as unknown as Portal;
  const now = () => portal.clock.nowMs;

  const authorize = (query: URLSearchParams, response: ServerResponse) => {
    const redirect = query.get('redirect_uri') ?? '';
    // Never sent on to an address that is not registered.
    if (query.get('client_id') !== clientId || redirect !== options.redirectUri) return answer(response, 400, {});
    const back = new URL(redirect);
    back.searchParams.set('state', query.get('state') ?? '');
    const challenge = query.get('code_challenge_method') === 'S256' ? (query.get('code_challenge') ?? '') : '';
    if (portal.person === 'declines' || challenge === '') back.searchParams.set('error', 'access_denied');
    else {
      const code = randomUUID();
      const linkage = query.get('linkage') === '90';
      codes.set(code, { client: clientId, redirect, challenge, untilMs: now() + codeMs, linkage, isUsed: false });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  };

  const grant = (response: ServerResponse, linkage: { untilMs: number } | undefined) => {
    const token = randomUUID();
    tokens.set(token, now() + tokenMs);
    if (!linkage)
      return answer(response, 200, { access_token: token, token_type: 'Bearer', expires_in: tokenMs / 1000 });
    const next = randomUUID();
    linkages.set(next, linkage.untilMs);
    const seconds = (linkage.untilMs - now()) / 1000;
    answer(response, 200, {
      access_token: token,
      token_type: 'Bearer',
      refresh_token: next,
      refresh_expires_in: seconds,
    });
  };

  const token = (form: URLSearchParams, response: ServerResponse) => {
    const invalid = () => answer(response, 400, { error: 'invalid_grant' });
    if (!/^SP\d{8}_[A-Z]{2}\d{4}$/.test(form.get('client_id') ?? '') || form.get('client_id') !== clientId)
      return answer(response, 401, { error: 'invalid_client' });
    if (form.get('grant_type') === 'refresh_token') {
      const until = linkages.get(form.get('refresh_token') ?? '') ?? 0;
      linkages.delete(form.get('refresh_token') ?? '');
      return until > now() ? grant(response, { untilMs: until }) : invalid();
    }
    const code = codes.get(form.get('code') ?? '');
    if (!code || code.untilMs <= now() || code.redirect !== form.get('redirect_uri')) return invalid();
    if (code.isUsed) {
      // RFC 6749, 4.1.2: a code used twice was stolen.
      tokens.clear();
      return invalid();
    }
    code.isUsed = true;
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (proof !== code.challenge) return invalid();
    grant(response, code.linkage ? { untilMs: now() + linkageMs } : undefined);
  };

  const request = (body: Record<string, unknown>, response: ServerResponse) => {
    const templates = Array.isArray(body.template_ids) ? body.template_ids.map(String) : [];
    if (templates.length === 0 || !templates.every((id) => /^TM\d{14}$/.test(id))) return answer(response, 400, {});
    const id = randomUUID();
    inquiries.set(id, { templates, isGivenOut: false });
    answer(response, 200, { process_id: id });
  };

  const result = (body: Record<string, unknown>, response: ServerResponse) => {
    const inquiry = inquiries.get(String(body.process_id));
    if (!inquiry) return answer(response, 404, {});
    if (inquiry.isGivenOut) return answer(response, 200, { status: 'EXPIRED' });
    const status = portal.states.shift() ?? 'SUCCESS';
    if (status !== 'SUCCESS') return answer(response, 200, { status });
    inquiry.isGivenOut = true;
    const selfPersonalData = inquiry.templates.flatMap((templateId) => {
      const block = portal.blocks.get(templateId);
      return block ? [{ templateId, ...block }] : [];
    });
    answer(response, 200, { status, selfPersonalData });
  };

  const server = createServer(
    { ...certificates.server, ca: certificates.ca, requestCert: true, rejectUnauthorized: false },
    async (incoming, response) => {
      const url = new URL(incoming.url ?? '', 'https://portal');
      portal.calls.push(url.pathname);
      if (incoming.method === 'GET' && url.pathname === '/oauth/authorize')
        return authorize(url.searchParams, response);
      // The person's browser has no certificate, the partner's server must.
      const socket = incoming.socket as TLSSocket;
      if (!socket.authorized || socket.getPeerCertificate().subject?.CN !== clientId) return answer(response, 401, {});
      const body = await textOf(incoming);
      if (incoming.method !== 'POST') return answer(response, 405, {});
      if (url.pathname === '/oauth/token') return token(new URLSearchParams(body), response);
      const bearer = incoming.headers.authorization?.replace(/^Bearer /, '') ?? '';
      if ((tokens.get(bearer) ?? 0) <= now()) return answer(response, 401, {});
      if (url.pathname === '/request') return request(JSON.parse(body), response);
      if (url.pathname === '/result') return result(JSON.parse(body), response);
      answer(response, 404, {});
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(portal, {
    base: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visit: async (url: string) => {
      const query = new URL(url);
      const back = await redirectOf(query, certificates.ca);
      return back ? (await fetch(back)).status : 400;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function redirectOf(url: URL, ca: string): Promise<string | undefined> {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.headers.location);
    }).on('error', reject);
  });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
