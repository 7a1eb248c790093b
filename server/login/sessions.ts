// Sessions of our own pages: opened by a login, held in a cookie, ended by idleness, by age, by hand and by every recovery.
// Times as NIST SP 800-63B-4 has them for AAL2; `acr` and `amr` for the id token (RFC 8176, OpenID EAP ACR values).

import { withoutNumbers } from '../fhir/my-number-text.ts';
import { type Account, addNotice, auditAct, holdActive, lockAccount } from '../store/accounts.ts';
import {
  addDevice,
  addSession,
  endSession,
  endSessionOf,
  endSessionsOf,
  isOpenSession,
  type Level,
  type SessionLine,
  type StoredSession,
  sessionsOf,
  useSession,
} from '../store/login-sessions.ts';
import type { ClientBase } from '../store/pool.ts';
import { inTransaction } from '../store/write.ts';
import { hashOf, type LoginContext, newId, newSecret, type Refusal, type Visit, wrong } from './context.ts';

const minute = 60_000;
const idleMs = 30 * minute;
const longestMs = 12 * 60 * minute;
// Between two factors, or to set factors up.
const unfinishedMs = 15 * minute;
const freshMs = 10 * minute;
/** Sensitive acts wait for so long after a recovery, so that the person who was not asked can object. */
export const recoveryDelayMs = 24 * 60 * minute;

export type Session = StoredSession & {
  /** Goes into every form; see `isCsrf`. */
  csrf: string;
  acr: Acr;
};
/** phr: proven so that no other site could have asked for it. 0: nothing is proven enough to open a record (OpenID Connect Core, 2). */
export type Acr = '0' | 'https://refeds.org/profile/mfa' | 'phr';

/** A session has begun; `text` and `device` go into cookies (session-cookie.ts), `device` only when it is new. */
export type Opened = { kind: 'opened'; text: string; session: Session; device: string | undefined };

/** The open session of a cookie. */
export async function findSession(context: LoginContext, text: string | undefined): Promise<Session | undefined> {
  if (text === undefined || !/^[\w-]{43}$/.test(text)) return undefined;
  const stored = await useSession(context.pool, hashOf(text), { nowMs: context.nowMs(), idleMs });
  return stored && withProofs(stored, text);
}

/**
 * The account of a session, as it is now and until the transaction ends. Undefined when either has ended since the session was
 * found: whoever was signed out a moment ago must not change the password any more.
 */
export async function holdAccount(
  { nowMs }: Pick<LoginContext, 'nowMs'>,
  client: ClientBase,
  session: Session,
): Promise<Account | undefined> {
  const account = await lockAccount(client, session.account);
  const isOpen = await isOpenSession(client, session.id, nowMs());
  return account?.status === 'active' && isOpen ? account : undefined;
}

/**
 * Opens a session in the place of the one that the browser held. `authTimeMs` is now unless it goes on from an older one.
 * `wrong`: the account is locked or closed, perhaps since its person was recognised.
 */
export async function openSession(
  context: LoginContext,
  client: ClientBase,
  visit: Visit,
  account: { id: string; subject: string },
  { level, amr, ...when }: { level: Level; amr: readonly string[]; authTimeMs?: number },
): Promise<Opened | Refusal> {
  if (!(await holdActive(client, account.id))) return wrong;
  const nowMs = context.nowMs();
  const { authTimeMs = nowMs } = when;
  if (visit.session !== undefined) await endSession(client, hashOf(visit.session), nowMs);
  const text = newSecret();
  const endsMs = authTimeMs + (level === 'full' ? longestMs : unfinishedMs);
  const agent = withoutNumbers((visit.agent ?? '').slice(0, 200));
  const added = { hash: hashOf(text), id: newId(), account: account.id, level, amr, authTimeMs, agent, endsMs };
  await addSession(client, added, nowMs);
  const device = level === 'full' ? (visit.device ?? newSecret()) : undefined;
  if (device !== undefined && (await addDevice(client, hashOf(device), account.id, nowMs)))
    await addNotice(client, account.id, 'login-from-new-device', nowMs);
  if (level === 'full') await auditAct(client, 'login', { subject: account.subject, request: visit.request }, nowMs);
  const stored = await useSession(client, added.hash, { nowMs, idleMs });
  if (!stored) throw new Error('a session could not be opened');
  return {
    kind: 'opened',
    text,
    session: withProofs(stored, text),
    device: device === visit.device ? undefined : device,
  };
}

/** Whether the session may do what cannot be undone: two factors, a login of the last ten minutes, no fresh recovery. */
export function refusalOfSensitive(session: Session, nowMs: number): Refusal | undefined {
  if (session.level !== 'full' || nowMs - session.authTimeMs > freshMs) return { kind: 'refused', why: 'step-up' };
  const untilMs = (session.recoveredMs ?? Number.NEGATIVE_INFINITY) + recoveryDelayMs;
  return nowMs < untilMs ? { kind: 'refused', why: 'recovered', untilMs } : undefined;
}

/** The token that a form of this session must carry. It is derived from the session's text and gives nothing of it away. */
export const csrfOf = (text: string): string => hashOf(`csrf ${text}`).toString('base64url');

export const listSessions = ({ pool, nowMs }: LoginContext, session: Session): Promise<SessionLine[]> =>
  sessionsOf(pool, session.account, { nowMs: nowMs(), idleMs });

/** Ends one session of the list, or this one when `id` is its own. */
export async function logOut(context: LoginContext, session: Session, id: string, request: string): Promise<boolean> {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return false;
  return inTransaction(context.pool, async (client) => {
    const isEnded = await endSessionOf(client, session.account, id, context.nowMs());
    if (isEnded) await auditAct(client, 'logout', { subject: session.subject, request }, context.nowMs());
    return isEnded;
  });
}

/** Ends every session of an account, and every token and grant of its subject. */
export async function endEverything(
  context: Pick<LoginContext, 'nowMs' | 'endTokensOf'>,
  client: ClientBase,
  account: { id: string; subject: string },
): Promise<void> {
  await endSessionsOf(client, account.id, context.nowMs());
  await context.endTokensOf(client, account);
}

function withProofs(stored: StoredSession, text: string): Session {
  return { ...stored, csrf: csrfOf(text), acr: acrOf(stored) };
}

function acrOf({ level, amr }: StoredSession): Acr {
  if (level !== 'full') return '0';
  return amr.includes('pop') ? 'phr' : 'https://refeds.org/profile/mfa';
}
