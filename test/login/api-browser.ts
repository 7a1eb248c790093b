// A browser at the calls of our own pages: keeps cookies and the CSRF token.

import type { FastifyInstance } from 'fastify';

export type ApiBrowser = ReturnType<typeof apiBrowser>;

/** `address` is where it calls from; one for all browsers when absent. */
export function apiBrowser(app: FastifyInstance, origin: string, address = '127.0.0.1') {
  const jar = new Map<string, string>();
  let csrf = '';
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    jar,
    set csrf(value: string) {
      csrf = value;
    },
    async post(path: string, body: unknown, headers: Record<string, string> = {}) {
      const cookie = cookies();
      const answer = await app.inject({
        method: 'POST',
        url: `/login/api/${path}`,
        remoteAddress: address,
        headers: {
          'content-type': 'application/json',
          origin,
          'x-csrf-token': csrf,
          ...(cookie ? { cookie } : {}),
          ...headers,
        },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      });
      for (const { name, value } of answer.cookies) jar.set(name, value);
      const parsed = answer.payload ? answer.json() : {};
      if (parsed.csrf) csrf = parsed.csrf;
      return { status: answer.statusCode, headers: answer.headers, body: parsed, cookies: answer.cookies };
    },
    async own() {
      const answer = await app.inject({ url: '/login/api/own', headers: { cookie: cookies() } });
      return { status: answer.statusCode, body: answer.json() };
    },
  };
}
