// What a status or download address carries: which patient's archive, for which client, until when. Sealed, so that the
// address shows nothing and cannot be made up. RFC 7516 (JWE), `dir` with A256GCM, by jose.

import { CompactEncrypt, compactDecrypt } from 'jose';
import type { Language } from '../fhir/outcome.ts';

export type Ticket = {
  /** Patient id. */
  patient: string;
  /** The client that asked. */
  client: string;
  language: Language;
  /** When it was asked for. */
  askedMs: number;
};

const lifetimeMs = 3_600_000;

/** The ticket as text for an address, encrypted with `key` (32 bytes). */
export function sealTicket(ticket: Ticket, key: Uint8Array): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(ticket)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(key);
}

/** Undefined for what this deployment did not seal, and an hour after it was sealed. */
export async function openTicket(text: string, key: Uint8Array, nowMs: number): Promise<Ticket | undefined> {
  try {
    const { plaintext } = await compactDecrypt(text, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const ticket = JSON.parse(new TextDecoder().decode(plaintext)) as Ticket;
    return ticket.askedMs + lifetimeMs > nowMs ? ticket : undefined;
  } catch {
    return undefined;
  }
}
