// Logins on a database of their own: the functions without HTTP, a clock that the test moves, and what the tests look at.
import { randomUUID } from 'node:crypto';
import { type TOTP, URI } from 'otpauth';
import { createLogin, type Login, type Opened, type Refusal, type Visit } from '../../server/login/login.ts';
import { endTokensOfAccount } from '../../server/store/issued-tokens.ts';
import { secret } from '../../server/store/secrets.ts';
import { createWriter } from '../../server/store/write.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newLogin } from '../support/login-name.ts';

export type TestLogin = TestApp & { login: Login; endedTokensOf: string[] };

export async function startLogin(): Promise<TestLogin> {
  const t = await startApp();
  const nowMs = () => t.clock.nowMs;
  const endedTokensOf: string[] = [];
  const login = await createLogin({
    pool: t.pool,
    write: createWriter({ pool: t.pool, nowMs, base: t.base }),
    nowMs,
    baseUrl: () => 'https://tsumugi.test',
    loadSecret: (name, make) => secret(t.pool, name, make),
    endTokensOf: async (client, { id, subject }) => {
      endedTokensOf.push(subject);
      await endTokensOfAccount(client, [id, subject]);
    },
  });
  return { ...t, login, endedTokensOf };
}

let visits = 0;

/** A call from an address that no other call of the tests has come from. */
export function visit(more: Partial<Visit> = {}): Visit {
  visits += 1;
  const address = `10.${(visits >> 16) & 255}.${(visits >> 8) & 255}.${visits & 255}`;
  return { address, agent: 'test', request: randomUUID(), ...more };
}

export const goodPassword = 'かえるが鳴いたら帰ろう noon';

/** The session of an answer that must be one. */
export function opened(answer: Opened | Refusal): Opened {
  if (answer.kind !== 'opened') throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
}

/** What the audit holds of an account's subject, oldest first. */
export async function actsOf({ pool }: TestApp, subject: string): Promise<string[]> {
  const text = 'select interaction, outcome from audit where key = $1 order by id';
  const { rows } = await pool.query(text, [subject.split('/')[1]]);
  return rows.map(({ interaction, outcome }) => (outcome === 0 ? interaction : `${interaction} refused`));
}

/** A family account with a password and an authenticator app, logged in. `code` makes a code that was not used before. */
export async function familyWithTotp(t: TestLogin, from: Visit = visit()) {
  const login = newLogin();
  const first = opened(await t.login.signUp(from, { login, password: goodPassword, name: '試験 花子' }));
  const offered = await t.login.offerTotpSeed(first.session);
  if (offered.kind !== 'offered') throw new Error('no seed was offered');
  const app = URI.parse(offered.uri) as TOTP;
  const code = () => app.generate({ timestamp: t.clock.nowMs });
  const last = opened(await t.login.confirmTotp({ ...from, session: first.text }, first.session, code()));
  const nextCode = () => {
    t.clock.nowMs += 30_000;
    return code();
  };
  return { login, ...last, subject: last.session.subject, account: last.session.account, code, nextCode };
}

/** Logs in with both factors. */
export async function logIn(t: TestLogin, family: { login: string; nextCode: () => string }, from: Visit = visit()) {
  const half = opened(await t.login.logInWithPassword(from, { login: family.login, password: goodPassword }));
  return opened(await t.login.logInWithTotp({ ...from, session: half.text }, half.session, family.nextCode()));
}

/** How many of 50 calls at the same time were let in. */
export async function letIn<T>(call: (n: number) => Promise<T>, isIn: (answer: T) => boolean): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => call(n)));
  return answers.filter(isIn).length;
}
