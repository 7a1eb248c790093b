// A file of a SMART Health Link: JWE in compact form (RFC 7516), `dir` with A256GCM, perhaps deflated. HL7 SMART Health Cards and
// Links STU 1, "Encrypting and Decrypting Files". Opened by Web Cryptography, in this server and in the viewer page alike.

import { bytesOf, isRecord, jsonIn } from './base64url.ts';

/** `accept-warn`: its maker left out what he has to say (`cty`), and readers cope. */
export type OpenedFile =
  | { outcome: 'accept' | 'accept-warn'; contentType: string | undefined; text: string; why: string }
  | { outcome: 'reject'; why: string };

/** What files of a link are. */
export const fileTypes: readonly string[] = [
  'application/smart-health-card',
  'application/fhir+json',
  'application/smart-api-access',
];

const mostInflatedBytes = 16 * 1024 * 1024;
const ivBytes = 12;
const tagBytes = 16;

/** Decrypts with the link's key (base64url), and inflates up to 16 MiB. */
export async function openFile(jwe: string, key: string): Promise<OpenedFile> {
  const parts = jwe.trim().split('.');
  const [head = '', encryptedKey, ...rest] = parts;
  if (parts.length !== 5) return reject('It is no JWE in compact form');
  const header = jsonIn(head);
  const why = isRecord(header) ? faultOfHeader(header) : 'Its header is no JSON object';
  if (why !== undefined || !isRecord(header)) return reject(why ?? '');
  if (encryptedKey !== '') return reject('It brings a key, and "dir" has none');
  const [iv, sealed, tag] = rest.map(bytesOf);
  if (iv?.length !== ivBytes || tag?.length !== tagBytes || sealed === undefined)
    return reject('Its IV is not of 96 bits, its tag not of 128, or its text no base64url');
  const opened = await decrypted(key, { head, iv, sealed, tag });
  if (opened === undefined) return reject('The key does not open it, or it was changed');
  const bytes = header.zip === 'DEF' ? await inflated(opened) : opened;
  if (bytes === undefined) return reject('It does not inflate, or to more than 16 MiB');
  const text = utf8(bytes);
  return text === undefined ? reject('It is no UTF-8') : acceptedAs(header.cty, text);
}

const reject = (why: string): OpenedFile => ({ outcome: 'reject', why });

function faultOfHeader({ alg, enc, zip, crit, cty }: Record<string, unknown>): string | undefined {
  if (alg !== 'dir') return 'Its alg is not dir';
  if (enc !== 'A256GCM') return 'Its enc is not A256GCM';
  if (zip !== undefined && zip !== 'DEF') return 'Its zip is not DEF';
  if (crit !== undefined) return 'It needs what this reader does not know (crit)';
  return cty === undefined || typeof cty === 'string' ? undefined : 'Its cty is no text';
}

type Sealed = Record<'iv' | 'sealed' | 'tag', Uint8Array> & { head: string };

async function decrypted(key: string, { head, iv, sealed, tag }: Sealed): Promise<Uint8Array | undefined> {
  const raw = bytesOf(key);
  if (raw?.length !== 32) return undefined;
  const both = new Uint8Array(sealed.length + tag.length);
  both.set(sealed);
  both.set(tag, sealed.length);
  try {
    const known = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
    const additionalData = new TextEncoder().encode(head);
    const how = { name: 'AES-GCM', iv: new Uint8Array(iv), additionalData, tagLength: 8 * tagBytes };
    return new Uint8Array(await crypto.subtle.decrypt(how, known, both));
  } catch {
    return undefined;
  }
}

/** Raw DEFLATE (RFC 1951); undefined for anything else, and once there is too much of it. */
export async function inflated(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = new Blob([new Uint8Array(bytes)])
      .stream()
      .pipeThrough(new DecompressionStream('deflate-raw'))
      .getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.length;
      if (length > mostInflatedBytes) {
        await reader.cancel();
        return undefined;
      }
      pieces.push(next.value);
    }
  } catch {
    return undefined;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function acceptedAs(cty: unknown, text: string): OpenedFile {
  const contentType = typeof cty === 'string' ? cty : undefined;
  if (contentType === undefined)
    return { outcome: 'accept-warn', contentType, text, why: 'It does not say what it is (cty)' };
  const base = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const isKnown = fileTypes.includes(base);
  return {
    outcome: isKnown ? 'accept' : 'accept-warn',
    contentType: base,
    text,
    why: isKnown ? '' : `${base} is not known`,
  };
}
