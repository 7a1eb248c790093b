// Passkeys: Web Authentication Level 3, https://www.w3.org/TR/webauthn-3/. They are found without a login name, and the
// authenticator checks who holds it (user verification), so that one of them is two factors by itself.

import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { accountById, addNotice, auditAct } from '../store/accounts.ts';
import {
  addChallenge,
  addPasskey,
  type ChallengePurpose,
  countPasskey,
  namePasskey,
  passkeyById,
  passkeysOf,
  useChallenge,
} from '../store/passkeys.ts';
import { inTransaction } from '../store/write.ts';
import { hashOf, type LoginContext, newSecret, type Refusal, type Visit, wait, wrong } from './context.ts';
import { mayEnrol } from './enrol.ts';
import { tryAddress } from './gates.ts';
import { challengeOf, idOf, isCredentialId, isOwnHandle, transportsIn } from './passkey-answer.ts';
import { holdAccount, type Opened, openSession, type Session } from './sessions.ts';

const rpName = 'Tsumugi';
const challengeMs = 300_000;
const longestName = 60;
const mostPasskeys = 20;
// Ed25519, ES256, RS256 (COSE, RFC 9053 and RFC 8812): what every browser has.
const algorithms = [-8, -7, -257];

/** `PublicKeyCredentialCreationOptionsJSON` for `navigator.credentials.create`. */
export async function passkeyRegistrationOptions(context: LoginContext, session: Session) {
  const account = await accountById(context.pool, session.account);
  const refusal = account ? mayEnrol(context, session, account) : wrong;
  if (refusal) return refusal;
  const known = await passkeysOf(context.pool, session.account);
  if (known.length >= mostPasskeys) return { kind: 'refused', why: 'taken' } satisfies Refusal;
  const options = await generateRegistrationOptions({
    rpName,
    rpID: siteOf(context).rpId,
    userName: session.login,
    userID: Uint8Array.from(Buffer.from(session.account)),
    challenge: await newChallenge(context, 'register', session.account),
    timeout: challengeMs,
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  });
  return { kind: 'options' as const, options };
}

/** Adds the passkey that the browser has made (`RegistrationResponseJSON`). The session is full from now on. */
export async function registerPasskey(
  context: LoginContext,
  visit: Visit,
  session: Session,
  { response, name }: { response: unknown; name: string },
): Promise<Opened | Refusal> {
  const { pool, nowMs } = context;
  const challenge = challengeOf(response);
  const given = { hash: hashOf(challenge ?? ''), purpose: 'register', account: session.account } as const;
  if (challenge === undefined || !(await useChallenge(pool, given, nowMs()))) return wrong;
  const { origin, rpId } = siteOf(context);
  // What a browser sends may be anything; the library throws for all that is wrong with it.
  const { registrationInfo } = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  }).catch(() => ({ registrationInfo: undefined }));
  if (!registrationInfo) return wrong;
  const { credential, credentialDeviceType } = registrationInfo;
  return inTransaction(pool, async (client) => {
    const account = await holdAccount(context, client, session);
    const refusal = account ? mayEnrol(context, session, account) : wrong;
    if (refusal) return refusal;
    const passkey = {
      id: credential.id,
      account: session.account,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: transportsIn(response),
      synced: credentialDeviceType === 'multiDevice',
      name: nameOf(name),
    };
    if (!(await addPasskey(client, passkey, nowMs()))) return wrong;
    await auditAct(client, 'factor-added', { subject: session.subject, request: visit.request }, nowMs());
    await addNotice(client, session.account, 'passkey-added', nowMs());
    // The authenticator has checked its holder a moment ago, which is as good as a login.
    return openSession(context, client, visit, { id: session.account, subject: session.subject }, fullBy(passkey));
  });
}

/** `PublicKeyCredentialRequestOptionsJSON` for `navigator.credentials.get`; it names nobody's passkeys. */
export async function passkeyLoginOptions(context: LoginContext, visit: Visit) {
  const { waitMs, right } = await tryAddress(context, visit);
  if (waitMs > 0) return wait(waitMs);
  await right();
  const options = await generateAuthenticationOptions({
    rpID: siteOf(context).rpId,
    challenge: await newChallenge(context, 'log-in', undefined),
    timeout: challengeMs,
    userVerification: 'required',
  });
  return { kind: 'options' as const, options };
}

/** Logs in with what the browser has signed (`AuthenticationResponseJSON`). */
export async function logInWithPasskey(
  context: LoginContext,
  visit: Visit,
  response: unknown,
): Promise<Opened | Refusal> {
  const { pool, nowMs } = context;
  const { waitMs, right } = await tryAddress(context, visit);
  if (waitMs > 0) return wait(waitMs);
  const challenge = challengeOf(response);
  const given = { hash: hashOf(challenge ?? ''), purpose: 'log-in', account: undefined } as const;
  const isOurs = challenge !== undefined && (await useChallenge(pool, given, nowMs()));
  const passkey = isOurs ? await passkeyById(pool, idOf(response)) : undefined;
  const account = passkey && (await accountById(pool, passkey.account));
  const failed = async (notice?: string) => {
    await inTransaction(pool, async (client) => {
      await auditAct(client, 'login-failed', { subject: account?.subject, request: visit.request }, nowMs());
      if (account && notice) await addNotice(client, account.id, notice, nowMs());
    });
    return wrong;
  };
  if (!passkey || account?.status !== 'active' || challenge === undefined) return failed();
  const { origin, rpId } = siteOf(context);
  const { authenticationInfo } = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    // The counter is compared where it is stored, in one statement.
    credential: { id: passkey.id, publicKey: Uint8Array.from(passkey.publicKey), counter: 0 },
    requireUserVerification: true,
  })
    .then(({ verified, authenticationInfo }) => ({ authenticationInfo: verified ? authenticationInfo : undefined }))
    .catch(() => ({ authenticationInfo: undefined }));
  if (!authenticationInfo || !isOwnHandle(response, account.id)) return failed();
  const answer = await inTransaction(pool, async (client) =>
    (await countPasskey(client, passkey.id, authenticationInfo.newCounter, nowMs()))
      ? openSession(context, client, visit, account, fullBy(passkey))
      : undefined,
  );
  if (!answer) return failed('passkey-copied');
  if (answer.kind === 'opened') await right();
  return answer;
}

export const listPasskeys = ({ pool }: LoginContext, session: Session) => passkeysOf(pool, session.account);

/** False when it is not theirs. */
export const renamePasskey = async (
  { pool }: LoginContext,
  session: Session,
  id: string,
  name: string,
): Promise<boolean> => isCredentialId(id) && namePasskey(pool, session.account, id, nameOf(name));

/** RFC 8176: a key whose possession is proven, in hardware or in a keychain that follows its owner, by a verified user. */
const fullBy = ({ synced }: { synced: boolean }) =>
  ({ level: 'full', amr: ['pop', synced ? 'swk' : 'hwk', 'user', 'mfa'] }) as const;

const nameOf = (name: string): string =>
  [...name.replace(/\p{C}/gu, ' ').trim()].slice(0, longestName).join('') || 'Passkey';

/** WebAuthn needs a domain name: `localhost` will do, an IP address will not. */
export function siteOf({ baseUrl }: Pick<LoginContext, 'baseUrl'>): { origin: string; rpId: string } {
  const { origin, hostname } = new URL(baseUrl());
  return { origin, rpId: hostname };
}

async function newChallenge(
  { pool, nowMs }: LoginContext,
  purpose: ChallengePurpose,
  account: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = newSecret();
  await addChallenge(pool, { hash: hashOf(challenge), purpose, account, expiresMs: nowMs() + challengeMs });
  return Uint8Array.from(Buffer.from(challenge, 'base64url'));
}
