// Accounts and their proofs of identity, as one object: what pages, the authorization server and commands call. Every answer is
// a session that was opened, something asked for, or a refusal in one word; nothing here knows HTML or HTTP.

import { randomBytes } from 'node:crypto';
import { createCardChallenges } from '../store/account-certificates.ts';
import { accountBySubject } from '../store/accounts.ts';
import type { ClientBase, Pool } from '../store/pool.ts';
import type { Write } from '../store/write.ts';
import { changeAccountStatus } from './account-status.ts';
import { identityChallenge, proveIdentity } from './card-identity.ts';
import { bindCard, cardChallenge, cardLoginChallenge, logInWithCard } from './card-login.ts';
import { bindCertificate, logInWithCertificate } from './certificate-login.ts';
import type { LoginContext } from './context.ts';
import { factorsOf, removeFactor } from './factors.ts';
import { createFetchStatus, type FetchStatus } from './jpki/fetch-status.ts';
import { type JpkiOptions, jpkiLogin } from './jpki/jpki-login.ts';
import {
  listPasskeys,
  logInWithPasskey,
  passkeyLoginOptions,
  passkeyRegistrationOptions,
  registerPasskey,
  renamePasskey,
} from './passkeys.ts';
import { createPasswordHasher } from './password-hash.ts';
import { logInWithPassword, setPassword } from './password-login.ts';
import { newRecoveryCodes, recoverWithPassword, recoverWithTotp, recoveryCodesLeft, redeemCode } from './recovery.ts';
import { createSeal } from './seal.ts';
import { findSession, listSessions, logOut, refusalOfSensitive, type Session } from './sessions.ts';
import { signUp } from './sign-up.ts';
import { confirmTotp, logInWithTotp, offerTotpSeed } from './totp.ts';

export type { Refusal, Visit } from './context.ts';
export type { Factors } from './factors.ts';
export type { Acr, Opened, Session } from './sessions.ts';

export type LoginOptions = {
  pool: Pool;
  write: Write;
  nowMs: () => number;
  /** Public address, without a slash at the end. Passkeys need a name in it (`localhost`, not 127.0.0.1). */
  baseUrl: () => string;
  /** A named secret of the deployment: store/secrets.ts. */
  loadSecret: <T extends object>(name: string, make: () => Promise<T> | T) => Promise<T>;
  /** The authorities of My Number Cards, and who is asked about revocation; no card is accepted when absent. */
  jpki?: (Pick<JpkiOptions, 'anchors' | 'ocspUrl'> & { fetchStatus?: FetchStatus }) | undefined;
  /** Ends every token and grant of an account inside a transaction, on all servers at once. */
  endTokensOf: (client: ClientBase, account: { id: string; subject: string }) => Promise<unknown>;
};

export type Login = Awaited<ReturnType<typeof createLogin>>;

/** Loads the keys, which are made at the first start. */
export async function createLogin(options: LoginOptions) {
  const context = await loginContext(options);
  const bound =
    <A extends unknown[], R>(work: (context: LoginContext, ...rest: A) => R) =>
    (...rest: A): R =>
      work(context, ...rest);
  return {
    // Beginning. The session is there to set factors up.
    signUp: bound(signUp),
    redeemCode: bound(redeemCode),
    // Logging in: a passkey by itself, or a password and then a one-time password.
    passkeyLoginOptions: bound(passkeyLoginOptions),
    logInWithPasskey: bound(logInWithPasskey),
    logInWithPassword: bound(logInWithPassword),
    logInWithTotp: bound(logInWithTotp),
    logInWithCertificate: bound(logInWithCertificate),
    takesCards: context.card !== undefined,
    cardLoginChallenge: bound(cardLoginChallenge),
    logInWithCard: bound(logInWithCard),
    // When a factor is lost.
    recoverWithPassword: bound(recoverWithPassword),
    recoverWithTotp: bound(recoverWithTotp),
    // Factors of the session's account.
    factorsOf: bound(factorsOf),
    setPassword: bound(setPassword),
    offerTotpSeed: bound(offerTotpSeed),
    confirmTotp: bound(confirmTotp),
    passkeyRegistrationOptions: bound(passkeyRegistrationOptions),
    registerPasskey: bound(registerPasskey),
    listPasskeys: bound(listPasskeys),
    renamePasskey: bound(renamePasskey),
    bindCertificate: bound(bindCertificate),
    cardChallenge: bound(cardChallenge),
    bindCard: bound(bindCard),
    identityChallenge: bound(identityChallenge),
    proveIdentity: bound(proveIdentity),
    newRecoveryCodes: bound(newRecoveryCodes),
    recoveryCodesLeft: bound(recoveryCodesLeft),
    removeFactor: bound(removeFactor),
    // Sessions of our own pages.
    findSession: bound(findSession),
    listSessions: bound(listSessions),
    logOut: bound(logOut),
    /** Why this session may not do what cannot be undone; undefined when it may. */
    refusalOfSensitive: (session: Session) => refusalOfSensitive(session, context.nowMs()),
    /** The account of a `Person/ID` or `Practitioner/ID`. */
    accountOf: (subject: string) => accountBySubject(context.pool, subject),
    changeAccountStatus: bound(changeAccountStatus),
  };
}

async function loginContext({ loadSecret, jpki, ...rest }: LoginOptions): Promise<LoginContext> {
  const newKey = () => randomBytes(32).toString('base64url');
  const keys = await loadSecret('login', () => ({ pepper: newKey(), seal: newKey(), throttle: newKey() }));
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  return {
    ...rest,
    card: jpkiLogin({
      anchors: jpki?.anchors,
      ocspUrl: jpki?.ocspUrl,
      fetchStatus: jpki?.fetchStatus ?? createFetchStatus({ ownUrl: jpki?.ocspUrl }),
      challenges: createCardChallenges(rest),
      baseUrl: rest.baseUrl,
      nowMs: rest.nowMs,
    }),
    hasher: createPasswordHasher(bytes(keys.pepper)),
    seal: createSeal(bytes(keys.seal)),
    throttleKey: bytes(keys.throttle),
  };
}
