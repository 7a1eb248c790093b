// Cookies of our own pages (RFC 6265bis): HttpOnly, SameSite=Lax, and behind https Secure with the prefix __Host-, so that no
// other host and no other path can set them.

import { timingSafeEqual } from 'node:crypto';
import { csrfOf } from './sessions.ts';

type CookieName = 'session' | 'device' | 'card';

/** A session ends with the browser; a device is known for long, a challenge for a card is good for five minutes. */
const ages = { session: undefined, device: 400 * 86_400, card: 300 };

/** What of a Cookie header is ours. */
export function readCookies(header: string | undefined, baseUrl: string): { [Name in CookieName]?: string } {
  const found: { [Name in CookieName]?: string } = {};
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    for (const one of ['session', 'device', 'card'] as const)
      if (name === nameOf(one, baseUrl) && /^[\w-]{43}$/.test(value)) found[one] = value;
  }
  return found;
}

/** The Set-Cookie value; `text` undefined removes the cookie. */
export function setCookie(name: CookieName, text: string | undefined, baseUrl: string): string {
  const secure = isSecure(baseUrl) ? '; Secure' : '';
  const seconds = text === undefined ? 0 : ages[name];
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
  return `${nameOf(name, baseUrl)}=${text ?? ''}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`;
}

/** True when a form carries the token of the session whose cookie came with it. */
export function isCsrf(session: string | undefined, token: unknown): boolean {
  if (session === undefined || typeof token !== 'string') return false;
  const [given, own] = [Buffer.from(token), Buffer.from(csrfOf(session))];
  return given.length === own.length && timingSafeEqual(given, own);
}

/** True when a browser says that a page of this server sends the request. Forms without a session have only this. */
export function isSameOrigin(
  headers: { origin?: string | undefined; 'sec-fetch-site'?: string | string[] | undefined },
  baseUrl: string,
): boolean {
  if (headers.origin !== undefined) return headers.origin === new URL(baseUrl).origin;
  return headers['sec-fetch-site'] === 'same-origin';
}

const isSecure = (baseUrl: string): boolean => baseUrl.startsWith('https:');
const nameOf = (name: CookieName, baseUrl: string): string => `${isSecure(baseUrl) ? '__Host-' : ''}tsumugi-${name}`;
