// tsumugi token: mints one bearer token for a running server and prints it, nothing else.

import { parseArgs } from 'node:util';
import { parseScope, wordsOf } from '../access/scopes.ts';
import { mintToken, revokeToken } from '../store/tokens.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

const dayMs = 86_400_000;

export const tokenCommand: Command = {
  name: 'token',
  summary: 'Print a bearer token for a running server (found by DATA_DIR or DATABASE_URL), or revoke one.',
  usage:
    'tsumugi token --scope "system/*.cruds" [--client NAME] [--patient ID] [--user Person/ID] [--organization ID] [--purpose CODE] [--days N] | tsumugi token --revoke TOKEN',
  async run(args, out) {
    const { values } = parseArgs({
      args,
      options: {
        scope: { type: 'string' },
        client: { type: 'string', default: 'tsumugi-token' },
        patient: { type: 'string' },
        user: { type: 'string' },
        organization: { type: 'string' },
        purpose: { type: 'string' },
        days: { type: 'string', default: '30' },
        revoke: { type: 'string' },
      },
    });
    const { revoke, scope, client, patient, user, organization, purpose, days } = values;
    if (revoke !== undefined) {
      if (!(await withDatabase(settingsOf(), (pool) => revokeToken(pool, revoke))))
        throw new CommandError('there is no such token, or it was revoked before');
      return 0;
    }
    const lifetimeMs = Number(days) * dayMs;
    if (!(lifetimeMs > 0 && lifetimeMs <= 3660 * dayMs))
      throw new CommandError('--days takes a number of days up to 3660');
    const checked = checkedScope(scope, patient);
    if (user !== undefined && !/^(Person|Practitioner)\/[A-Za-z0-9\-.]{1,64}$/.test(user))
      throw new CommandError('--user takes Person/ID or Practitioner/ID');
    if (organization !== undefined && !/^[A-Za-z0-9\-.]{1,64}$/.test(organization))
      throw new CommandError('--organization takes a logical id');
    if (purpose !== undefined && !/^[A-Z]{3,10}$/.test(purpose))
      throw new CommandError('--purpose takes a code of v3-ActReason, for example TREAT');
    const bearer = { client, scope: checked, patient, user, organization, purpose, lifetimeMs };
    out.line(await withDatabase(settingsOf(), (pool) => mintToken(pool, bearer)));
    return 0;
  },
};

function checkedScope(scope: string | undefined, patient: string | undefined): string {
  if (!scope?.trim()) throw new CommandError('--scope is required, for example --scope "system/*.cruds"');
  const contexts = new Set(wordsOf(scope).map(contextOf));
  const needsPatient = contexts.has('patient');
  if (needsPatient && patient === undefined) throw new CommandError('patient/ scopes need --patient ID');
  if (!needsPatient && patient !== undefined) throw new CommandError('--patient goes with patient/ scopes');
  if (patient !== undefined && !/^[A-Za-z0-9\-.]{1,64}$/.test(patient))
    throw new CommandError('--patient takes a logical id');
  return scope;
}

/** Launch and identity scopes are about a login, which this command has not. */
function contextOf(word: string): string {
  const parsed = parseScope(word);
  if (parsed.kind === 'refused') throw new CommandError(parsed.reason);
  if (parsed.kind !== 'grant')
    throw new CommandError(`scope "${word}" belongs to a login; this command takes patient/, user/ and system/ scopes`);
  return parsed.grant.context;
}
