// What of a browser's answer is read before the library looks at it: it may be anything. Web Authentication Level 3, 5.8.

import { isObject } from '../fhir/json.ts';

/** The challenge that was signed, as it stands in clientDataJSON. */
export function challengeOf(response: unknown): string | undefined {
  const inner = isObject(response) ? response.response : undefined;
  const text = isObject(inner) ? inner.clientDataJSON : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    const data: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isObject(data) && typeof data.challenge === 'string' ? data.challenge : undefined;
  } catch {
    return undefined;
  }
}

// WebAuthn 5.8.4, and `cable`, the older word for hybrid.
const transports = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** How the authenticator may be reached, as far as the words are known. */
export function transportsIn(response: unknown): string[] {
  const inner = isObject(response) ? response.response : undefined;
  const given = isObject(inner) ? inner.transports : undefined;
  return transports.filter((one) => Array.isArray(given) && given.includes(one));
}

/** The credential that signed; '' for what is no id. */
export function idOf(response: unknown): string {
  const id = isObject(response) ? response.id : undefined;
  return typeof id === 'string' && isCredentialId(id) ? id : '';
}

/** Base64url of 1023 bytes at most (WebAuthn, 5.8.3). */
export const isCredentialId = (id: string): boolean => /^[\w-]{1,1364}$/.test(id);

/** WebAuthn 7.2, step 6: where no login name was asked for, the authenticator must say whose key it is. */
export function isOwnHandle(response: unknown, account: string): boolean {
  const inner = isObject(response) ? response.response : undefined;
  const handle = isObject(inner) ? inner.userHandle : undefined;
  return typeof handle === 'string' && Buffer.from(handle, 'base64url').toString('utf8') === account;
}
