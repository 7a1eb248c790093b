// tsumugi create client: lets an application or a service in. Its key is a public one: there are no shared secrets.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { clientFaults } from '../auth/client-rules.ts';
import { isKnownScope } from '../auth/granted-scopes.ts';
import { type ClientKind, createClientRegistry, type OauthClient } from '../store/oauth-clients.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';
import { strictnessOf } from './set-client.ts';

const kinds: ClientKind[] = ['family-app', 'backend', 'staff-app'];
const usualScopes: Record<ClientKind, string> = {
  'family-app': 'openid fhirUser launch/patient offline_access online_access patient/*.cruds',
  'staff-app': 'openid fhirUser launch launch/patient launch/encounter online_access patient/*.rs user/*.cruds',
  backend: 'system/*.rs',
};

/** Prints the client_id. */
export const createClient: Pick<Command, 'usage' | 'run'> = {
  usage:
    'tsumugi create client --kind family-app|backend|staff-app --name "日本語の名前" [--name-en NAME] [--id ID] [--organization ID]' +
    ' [--jwks FILE | --jwks-uri URL] [--redirect URI]… [--origin ORIGIN]… [--scope "…"] [--binding dpop|mtls] [--fapi] [--strictness base|declared|strict]',
  async run(args, out) {
    const client = await clientOf(args);
    const faults = clientFaults(client);
    if (faults.length > 0) throw new CommandError(faults.join('; '));
    const isNew = await withDatabase(settingsOf(), (pool) => createClientRegistry({ pool }).add(client));
    if (!isNew) throw new CommandError(`there is a client ${client.id} already`);
    out.line(client.id);
    return 0;
  },
};

async function clientOf(args: string[]): Promise<OauthClient> {
  const { values } = parseArgs({
    args,
    options: {
      kind: { type: 'string' },
      name: { type: 'string' },
      'name-en': { type: 'string' },
      id: { type: 'string', default: randomUUID() },
      organization: { type: 'string' },
      jwks: { type: 'string' },
      'jwks-uri': { type: 'string' },
      redirect: { type: 'string', multiple: true, default: [] },
      origin: { type: 'string', multiple: true, default: [] },
      scope: { type: 'string' },
      binding: { type: 'string' },
      fapi: { type: 'boolean', default: false },
      strictness: { type: 'string' },
    },
  });
  const { name, id, organization, jwks, redirect, origin, binding, fapi, strictness } = values;
  const kind = kinds.find((one) => one === values.kind);
  if (kind === undefined) throw new CommandError(`--kind takes one of: ${kinds.join(', ')}`);
  if (name === undefined) throw new CommandError('--name is required');
  if (!/^[\w.-]{1,64}$/.test(id)) throw new CommandError('--id takes 1 to 64 letters, digits, dots, dashes');
  if (binding !== undefined && binding !== 'dpop' && binding !== 'mtls')
    throw new CommandError('--binding takes dpop or mtls');
  if (kind === 'backend' && organization === undefined)
    throw new CommandError('a service acts for an organization: --organization takes its id');
  const scopes = values.scope ?? usualScopes[kind];
  const unknown = scopes.split(' ').find((word) => word !== '' && !isKnownScope(word));
  if (unknown !== undefined) throw new CommandError(`--scope: "${unknown}" is not a scope that is known here`);
  const jwksUri = values['jwks-uri'];
  return {
    id,
    name: { ja: name, en: values['name-en'] ?? name },
    kind,
    status: 'active',
    redirectUris: redirect,
    scopes: scopes.trim(),
    origins: origin,
    fapi,
    ...(organization === undefined ? {} : { organization }),
    ...(jwks === undefined ? {} : { jwks: await keysIn(jwks) }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(binding === undefined ? {} : { binding }),
    ...(strictness === undefined ? {} : { strictness: strictnessOf(strictness) }),
  };
}

async function keysIn(file: string): Promise<object> {
  try {
    return Object(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new CommandError('--jwks takes a file with a JWK set in JSON');
  }
}
