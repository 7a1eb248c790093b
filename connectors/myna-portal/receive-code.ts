// Where the person's browser comes back to from MyNa Portal: a port of loopback that takes one answer to one question. RFC 8252,
// section 7.3 (loopback redirect); RFC 9700, 4.7 (state).

import { timingSafeEqual } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PortalFault } from './portal-fault.ts';

export type CodeReceiver = {
  /** The one-time code. Throws PortalFault `declined` when the person refused, `expired` when nobody came. */
  code(state: string): Promise<string>;
  close(): Promise<void>;
};

/** Listens at `redirectUri`, an http address of 127.0.0.1. An answer with another state is turned away and changes nothing. */
export async function receiveCode(options: { redirectUri: string; patienceMs: number }): Promise<CodeReceiver> {
  const expected = new URL(options.redirectUri);
  let take: ((query: URLSearchParams) => boolean) | undefined;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const url = URL.parse(request.url ?? '', expected);
    const isOurs =
      request.method === 'GET' && url?.pathname === expected.pathname && request.headers.host === expected.host;
    if (url && isOurs && take?.(url.searchParams))
      say(response, 200, 'マイナポータルからの応答を受け取りました。この画面は閉じてください。');
    else say(response, 400, 'この応答は受け付けられません。');
  });
  await new Promise<void>((fulfil, reject) => {
    server.once('error', (error) =>
      reject(new PortalFault('settings', 'The port of redirectUri cannot be opened on this machine.', error)),
    );
    server.listen(Number(expected.port), '127.0.0.1', () => fulfil());
  });
  expected.port = String((server.address() as AddressInfo).port);
  return {
    code: (state) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const timer = setTimeout(
        () => reject(new PortalFault('expired', 'Nobody came back from MyNa Portal in time.')),
        options.patienceMs,
      );
      take = (query) => {
        if (!isSame(query.get('state') ?? '', state)) return false;
        take = undefined;
        const code = query.get('code');
        if (code) resolve(code);
        else reject(new PortalFault('declined', 'The consent was not given in MyNa Portal.'));
        return true;
      };
      return promise.finally(() => clearTimeout(timer));
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((fulfil) => server.close(() => fulfil()));
    },
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(`<!doctype html><html lang="ja"><meta charset="utf-8"><title>Tsumugi</title><p>${text}</p></html>`);
}
