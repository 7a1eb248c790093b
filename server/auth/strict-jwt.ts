// The form of a signed JWT before anybody verifies it: three parts, of a bounded size, no member twice, and no header that
// would have a verifier fetch, trust or ignore something. RFC 7515, 7519; the attacks are those of RFC 8725.

import { namesMemberTwice } from '../fhir/members.ts';

/** Beyond this an assertion or proof is not read. */
const longestJwt = 8_192;

export type JwtForm = {
  typ: readonly string[];
  /** Header members that may stand beside alg and typ. */
  header: readonly string[];
};
export type ReadJwt = { header: Record<string, unknown>; payload: Record<string, unknown> };

/** Header and payload, not verified. Throws Error with a reason that quotes nothing. */
export function readStrictJwt(text: unknown, form: JwtForm): ReadJwt {
  if (typeof text !== 'string' || text.length > longestJwt) throw new Error('it is not a JWT of a reasonable size');
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(text);
  if (!match) throw new Error('it is not a signed JWT in compact form');
  const [, first = '', second = ''] = match;
  const header = readObject(first, 'header');
  const payload = readObject(second, 'payload');
  if (typeof header.typ !== 'string' || !form.typ.includes(header.typ.toLowerCase()))
    throw new Error(`typ must be ${form.typ.join(' or ')}`);
  const foreign = Object.keys(header).find((name) => !['alg', 'typ', ...form.header].includes(name));
  if (foreign !== undefined) throw new Error('the header has a member that is not used here');
  return { header, payload };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readObject(part: string, name: string): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    const bytes = Buffer.from(part, 'base64url');
    // The last character of a part may carry bits that are not read: two texts for one JWT.
    if (bytes.toString('base64url') !== part) throw new Error('not canonical');
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Error(`the ${name} is not base64url of JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`the ${name} is no object`);
  if (namesMemberTwice(text)) throw new Error(`the ${name} names a member twice`);
  return value as Record<string, unknown>;
}
