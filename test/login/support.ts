// Logins on a database of their own: the functions without HTTP, a clock that the test moves, and what the tests look at.
import { randomUUID } from 'node:crypto';
import { createLogin, type Login, type Opened, type Refusal, type Visit } from '../../server/login/login.ts';
import { secret } from '../../server/store/secrets.ts';
import { createWriter } from '../../server/store/write.ts';
import { startApp, type TestApp } from '../support/app.ts';

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
    endTokensOf: async (_client, subject) => endedTokensOf.push(subject),
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
  const { rows } = await pool.query('select interaction from audit where key = $1 and client like $2 order by id', [
    subject.split('/')[1],
    '%',
  ]);
  return rows.map(({ interaction }) => interaction);
}
