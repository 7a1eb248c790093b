// What the parts of a login share: the database, the door for writes, the clock, the keys; and the words they answer in.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from '../store/pool.ts';
import type { Write } from '../store/write.ts';
import type { JpkiLogin } from './jpki/jpki-login.ts';
import type { RefusalReason } from './jpki/refusal.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { Seal } from './seal.ts';

export type LoginContext = {
  pool: Pool;
  write: Write;
  nowMs: () => number;
  hasher: PasswordHasher;
  /** For what is kept sealed. */
  seal: Seal;
  /** Makes keys of the throttle that tell nothing about login names and addresses. */
  throttleKey: Uint8Array;
  /** Public address of this server, without a slash at the end. */
  baseUrl: () => string;
  /** Looks at My Number Cards; undefined where the deployment trusts no authority. */
  card: JpkiLogin | undefined;
  /** Ends every token and grant of an account inside a transaction, on all servers at once. */
  endTokensOf: (client: ClientBase, account: { id: string; subject: string }) => Promise<unknown>;
};

/** Where a call comes from. */
export type Visit = {
  /** IP address of the browser. */
  address: string;
  /** The device cookie, if there is one. */
  device?: string | undefined;
  /** The session cookie, if there is one; it ends when another session is opened in its place. */
  session?: string | undefined;
  /** The cookie of a browser that was given a challenge for a card. */
  card?: string | undefined;
  /** User-Agent, for the person's own list of sessions. */
  agent?: string | undefined;
  /** The request, for the audit: a UUID. */
  request: string;
};

/** Why something was not done. `wrong` says nothing more on purpose. */
export type Refusal =
  | { kind: 'refused'; why: 'wrong' }
  /** Too many tries: come back after `waitMs`. */
  | { kind: 'refused'; why: 'wait'; waitMs: number }
  | { kind: 'refused'; why: 'taken' | 'login-name' | 'password' | 'last-factor' | 'missing'; fault?: string }
  /** The card was not accepted, or was not needed. */
  | { kind: 'refused'; why: 'card'; reason: RefusalReason }
  /** The card is good and is not that of the account's Person; `fault` is the fact that differs. */
  | { kind: 'refused'; why: 'identity'; fault: string }
  /** Log in again first (a fresh login is at most ten minutes old). */
  | { kind: 'refused'; why: 'step-up' }
  /** Not in the first day after a recovery. */
  | { kind: 'refused'; why: 'recovered'; untilMs: number };

export const wrong: Refusal = { kind: 'refused', why: 'wrong' };
export const wait = (waitMs: number): Refusal => ({ kind: 'refused', why: 'wait', waitMs });

/** 256 random bits as text. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
export const newId = (): string => randomUUID();
export const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Stands for the account of a login name that nobody has, where the same look-ups are to be made. */
export const nobodyId = '00000000-0000-0000-0000-000000000000';
