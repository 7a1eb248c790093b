// An app and a browser for tests: an authorization request with PKCE, the person's answers as the pages would give them, the
// code, the token. Cookies are kept as a browser keeps them, by path.

import { createHash, randomBytes } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Consent, Login, Pending } from '../../server/auth/interaction.ts';
import { type Answer, fhirBase, post, type Served } from './oauth.ts';

export const redirectUri = 'https://app.example.com/back';

type Cookie = { name: string; value: string; path: string };
export type Page = { status: number; location: string; text: string; headers: Record<string, unknown> };

export class Browser {
  cookies: Cookie[] = [];
  readonly t: Served;
  constructor(t: Served) {
    this.t = t;
  }

  async get(url: string): Promise<Page> {
    const { pathname, search } = new URL(url, fhirBase);
    const response = await this.t.app.inject({
      url: `${pathname}${search}`,
      headers: { cookie: this.cookieFor(pathname), accept: 'text/html' },
    });
    this.keep([response.headers['set-cookie'] ?? []].flat());
    const { statusCode: status, payload: text, headers } = response;
    return { status, location: String(headers.location ?? ''), text, headers };
  }

  /** Request and response as a page's handler has them. */
  at(url: string): [IncomingMessage, ServerResponse] {
    const request = new IncomingMessage(new Socket());
    const { pathname } = new URL(url, fhirBase);
    Object.assign(request, { method: 'POST', url: pathname });
    request.headers = { host: 'tsumugi.test', cookie: this.cookieFor(pathname), 'x-forwarded-proto': 'https' };
    return [request, new ServerResponse(request)];
  }

  cookieFor(path: string): string {
    const sent = this.cookies.filter((one) => path === one.path || path.startsWith(one.path.replace(/\/?$/, '/')));
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  keep(lines: string[]): void {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/';
      this.cookies = this.cookies.filter((one) => one.name !== name || one.path !== path);
      if (value !== '' && !/expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.push({ name, value, path });
    }
  }
}

export type Request = { url: string; verifier: string };

/** The address that an app opens. `more` changes or, by undefined, leaves out parameters. */
export function authorizeUrl(client: string, scope: string, more: Record<string, string | undefined> = {}): Request {
  const verifier = randomBytes(32).toString('base64url');
  const usual: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: client,
    redirect_uri: redirectUri,
    scope,
    state: randomBytes(16).toString('base64url'),
    aud: fhirBase,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  const given = Object.entries(usual).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { url: `/oauth/auth?${new URLSearchParams(given)}`, verifier };
}

export type Answers = { login?: Login; consent: (pending: Pending) => Consent };

/** Goes the whole way; the address to which the browser is sent back in the end. */
export async function goThrough(
  browser: Browser,
  url: string,
  { login = { accountId: 'account-1' }, consent }: Answers,
): Promise<URL> {
  const { interactions } = browser.t.app.oauth;
  let page = await browser.get(url);
  for (let step = 0; step < 8; step++) {
    if (page.status !== 303) throw new Error(`${page.status}: ${page.text}`);
    if (page.location.startsWith(redirectUri)) return new URL(page.location);
    if (page.location.startsWith('/login/')) {
      const pending = await interactions.pending(...browser.at(page.location));
      const next =
        pending.step === 'login'
          ? await interactions.finishLogin(...browser.at(page.location), login)
          : await interactions.finishConsent(...browser.at(page.location), consent(pending));
      page = { ...page, location: next };
    }
    page = await browser.get(page.location);
  }
  throw new Error('the way does not end');
}

export const exchange = (
  t: Served,
  client: string,
  code: string,
  verifier: string,
  more: Record<string, string> = {},
): Promise<Answer> =>
  post(t, '/oauth/token', {
    grant_type: 'authorization_code',
    client_id: client,
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    ...more,
  });

export const refresh = (t: Served, client: string, token: string, more: Record<string, string> = {}): Promise<Answer> =>
  post(t, '/oauth/token', { grant_type: 'refresh_token', client_id: client, refresh_token: token, ...more });
