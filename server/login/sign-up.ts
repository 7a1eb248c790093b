// How accounts begin: a family signs itself up (its Person sees nobody until a relation is made); staff are created by the
// operator and set their factors up with a code for one use.

import { systemAccess } from '../access/access.ts';
import type { JsonObject } from '../fhir/json.ts';
import { addAccount, addNotice, auditAct } from '../store/accounts.ts';
import type { Change } from '../store/change.ts';
import { replaceCodes, setPassword } from '../store/login-factors.ts';
import type { ClientBase } from '../store/pool.ts';
import { hashOfCode, newCode } from './codes.ts';
import { type LoginContext, newId, type Refusal, type Visit, wait } from './context.ts';
import { tryAddress } from './gates.ts';
import { foldLogin, loginFault } from './login-name.ts';
import { busyMs, inTime } from './password-hash.ts';
import { passwordFault } from './password-rules.ts';
import { type Opened, openSession } from './sessions.ts';

const enrolmentMs = 7 * 86_400_000;
const longestName = 200;

class LoginTaken extends Error {}

/**
 * Makes an account of a family member, its Person (with `name` as its text) and a session in which factors are set up. Without
 * a password a passkey is to follow.
 */
export async function signUp(
  context: LoginContext,
  visit: Visit,
  { login, password, name }: { login: string; password?: string | undefined; name: string },
): Promise<Opened | Refusal> {
  const fault = loginFault(login) ?? (nameFault(name) ? 'name' : undefined);
  if (fault) return { kind: 'refused', why: 'login-name', fault };
  const weak = password === undefined ? undefined : passwordFault(password, login);
  if (weak) return { kind: 'refused', why: 'password', fault: weak };
  const { waitMs } = await tryAddress(context, visit);
  if (waitMs > 0) return wait(waitMs);
  const hash = password === undefined ? undefined : await inTime(() => context.hasher.make(password));
  if (password !== undefined && hash === undefined) return wait(busyMs);
  const person: JsonObject = { resourceType: 'Person', active: true, name: [{ text: name.trim() }] };
  try {
    return await withAccount(context, { login, request: visit.request, subjectType: 'Person' }, [create(person)], {
      begin: async (client, account) => {
        if (hash !== undefined) await setPassword(client, account.id, hash, context.nowMs());
        const amr = hash === undefined ? [] : ['pwd'];
        return openSession(context, client, visit, account, { level: 'enrol', amr });
      },
    });
  } catch (error) {
    if (error instanceof LoginTaken) return { kind: 'refused', why: 'taken' };
    throw error;
  }
}

/**
 * Makes an account of staff, their Practitioner and PractitionerRole. `code` is to be handed over, works once and for a week.
 * `taken`: somebody has this login name.
 */
export async function createStaff(
  context: Pick<LoginContext, 'write' | 'nowMs'>,
  { login, name, organization, request }: { login: string; name: string; organization: string; request: string },
): Promise<{ kind: 'created'; account: string; subject: string; code: string } | Refusal> {
  const fault = loginFault(login) ?? (nameFault(name) ? 'name' : undefined);
  if (fault) return { kind: 'refused', why: 'login-name', fault };
  const urn = `urn:uuid:${newId()}`;
  const practitioner: JsonObject = { resourceType: 'Practitioner', active: true, name: [{ text: name.trim() }] };
  const role: JsonObject = {
    resourceType: 'PractitionerRole',
    active: true,
    practitioner: { reference: urn },
    organization: { reference: `Organization/${organization}` },
  };
  const code = newCode();
  try {
    const changes = [{ ...create(practitioner), fullUrl: urn }, create(role)];
    const about = { login, request, subjectType: 'Practitioner', organization, by: 'tsumugi-cli' } as const;
    const { id, subject } = await withAccount(context, about, changes, {
      begin: async (client, account) => {
        const nowMs = context.nowMs();
        await replaceCodes(client, account.id, 'enrol', [hashOfCode(code)], { nowMs, lifetimeMs: enrolmentMs });
        return account;
      },
    });
    return { kind: 'created', account: id, subject, code };
  } catch (error) {
    if (error instanceof LoginTaken) return { kind: 'refused', why: 'taken' };
    throw error;
  }
}

type About = {
  login: string;
  request: string;
  subjectType: 'Person' | 'Practitioner';
  organization?: string;
  by?: string;
};
type Begun = { id: string; subject: string };

/** The resources, the account of the first of them and what `begin` does are one transaction. */
async function withAccount<T>(
  { write, nowMs }: Pick<LoginContext, 'write' | 'nowMs'>,
  { login, request, subjectType, organization, by }: About,
  changes: Change[],
  { begin }: { begin: (client: ClientBase, account: Begun) => Promise<T> },
): Promise<T> {
  let begun: { value: T } | undefined;
  await write(systemAccess('sign-up'), changes, {
    request,
    isBundle: changes.length > 1,
    alongside: async (client, written) => {
      const account = { id: newId(), subject: `${subjectType}/${written[0]?.id}` };
      if (!(await addAccount(client, { ...account, login: foldLogin(login), organization }, nowMs())))
        throw new LoginTaken();
      await auditAct(client, 'account-created', { subject: account.subject, request, by }, nowMs());
      await addNotice(client, account.id, 'account-created', nowMs());
      begun = { value: await begin(client, account) };
    },
  });
  if (!begun) throw new Error('an account was not begun');
  return begun.value;
}

const create = (resource: JsonObject): Change => ({ method: 'create', type: String(resource.resourceType), resource });

const nameFault = (name: string): boolean =>
  name.trim() === '' || [...name].length > longestName || /[\p{Cc}\p{Cs}]/u.test(name);
