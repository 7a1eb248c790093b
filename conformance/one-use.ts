// What is good once, used by 50 at the same time, 100 times over: an assertion, a code, a refresh token. One may win each time.
// `-- one-use --runs 10` for fewer rounds.
import { authorizeUrl, Browser, exchange, goThrough, redirectUri, refresh } from '../test/support/app-login.ts';
import { type Answer, addClient, askToken, assertion, newKeys, type Served } from '../test/support/oauth.ts';
import { startLocalServer } from './local-server.ts';
import type { SuiteOptions, SuiteResult } from './suite.ts';

const atOnce = 50;
const usualRounds = 100;

export async function run({ runs = usualRounds }: SuiteOptions): Promise<SuiteResult> {
  const server = await startLocalServer('https://tsumugi.test');
  const faults: Record<string, string> = {};
  let passed = 0;
  try {
    const uses = await usesOf(server);
    for (let round = 1; round <= runs; round++) {
      for (const [what, use] of Object.entries(uses)) {
        const ask = await use();
        const answers = await Promise.all(Array.from({ length: atOnce }, ask));
        const winners = answers.filter(({ status }) => status === 200).length;
        const faulty = answers.find(({ status }) => status !== 200 && status !== 400 && status !== 401);
        if (winners === 1 && faulty === undefined) passed++;
        else faults[`${what} ${round}`] = `${winners} won${faulty ? `, one got ${faulty.status}` : ''}`;
      }
    }
  } finally {
    await server.close();
  }
  const failures = Object.keys(faults);
  const notes = [`${runs} rounds of ${atOnce} uses at a time, of an assertion, a code and a refresh token`];
  return { name: 'one-use', passed, failed: failures.length, skipped: 0, notes, failures, faults };
}

/** Each makes something that is good once, and answers what uses it. */
async function usesOf(server: Served): Promise<Record<string, () => Promise<() => Promise<Answer>>>> {
  const keys = await newKeys();
  await addClient(server, { id: 'service', jwks: { keys: [keys.publicJwk] } });
  const scopes = 'offline_access patient/*.rs';
  await addClient(server, { id: 'app', kind: 'family-app', redirectUris: [redirectUri], scopes });
  const grant = async () => {
    const { url, verifier } = authorizeUrl('app', scopes);
    const person = { patient: 'p1', user: 'Person/p1', fhirUser: 'Person/p1' } as const;
    const back = await goThrough(new Browser(server), url, {
      consent: (pending) => ({ ...person, scopes: pending.scopes }),
    });
    return { code: back.searchParams.get('code') ?? '', verifier };
  };
  return {
    assertion: async () => {
      const text = await assertion('service', keys);
      return () => askToken(server, text);
    },
    code: async () => {
      const { code, verifier } = await grant();
      return () => exchange(server, 'app', code, verifier);
    },
    'refresh token': async () => {
      const { code, verifier } = await grant();
      const { body } = await exchange(server, 'app', code, verifier);
      return () => refresh(server, 'app', String(body.refresh_token));
    },
  };
}
