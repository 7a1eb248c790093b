// Accounts and their proofs of identity, as one object: what pages, the authorization server and commands call. Every answer is
// a session that was opened, something asked for, or a refusal in one word; nothing here knows HTML or HTTP.

import { randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from '../store/pool.ts';
import type { Write } from '../store/write.ts';
import type { LoginContext } from './context.ts';
import { createPasswordHasher } from './password-hash.ts';
import { logInWithPassword, setPassword } from './password-login.ts';
import { createSeal } from './seal.ts';
import { findSession, listSessions, logOut, refusalOfSensitive, type Session } from './sessions.ts';
import { signUp } from './sign-up.ts';

export type { Refusal, Visit } from './context.ts';
export type { Opened, Session } from './sessions.ts';

export type LoginOptions = {
  pool: Pool;
  write: Write;
  nowMs: () => number;
  baseUrl: () => string;
  loadSecret: <T extends object>(name: string, make: () => Promise<T> | T) => Promise<T>;
  endTokensOf: (client: ClientBase, subject: string) => Promise<unknown>;
};

export type Login = Awaited<ReturnType<typeof createLogin>>;

/** Loads the keys, which are made at the first start. */
export async function createLogin(options: LoginOptions) {
  const context = await loginContext(options);
  const bind =
    <A extends unknown[], R>(work: (context: LoginContext, ...rest: A) => R) =>
    (...rest: A): R =>
      work(context, ...rest);
  return {
    /** A new family account; the session is there to set factors up. */
    signUp: bind(signUp),
    /** The first of two steps. */
    logInWithPassword: bind(logInWithPassword),
    setPassword: bind(setPassword),
    /** The open session of a cookie's text. */
    findSession: bind(findSession),
    listSessions: bind(listSessions),
    logOut: bind(logOut),
    /** Why this session may not do what cannot be undone; undefined when it may. */
    refusalOfSensitive: (session: Session) => refusalOfSensitive(session, context.nowMs()),
  };
}

async function loginContext({ loadSecret, ...rest }: LoginOptions): Promise<LoginContext> {
  const newKey = () => randomBytes(32).toString('base64url');
  const keys = await loadSecret('login', () => ({ pepper: newKey(), seal: newKey(), throttle: newKey() }));
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  return {
    ...rest,
    hasher: createPasswordHasher(bytes(keys.pepper)),
    seal: createSeal(bytes(keys.seal)),
    throttleKey: bytes(keys.throttle),
  };
}
