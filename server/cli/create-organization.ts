// tsumugi create organization: an Organization by the door through which every write goes; prints its id. What type it is of decides
// what it may do: a municipality (`govt`) acts by residence, a facility by links (server/decisions/0011-who-may-see-what.md).

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { systemAccess } from '../access/access.ts';
import { typeOfProfile } from '../definitions/definitions.ts';
import { shippedDefinitions } from '../definitions/shipped.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { OperationOutcomeError } from '../fhir/outcome.ts';
import { patientNumberSystem } from '../intake/link-code.ts';
import { requiredProfile } from '../store/required-profiles.ts';
import { createWriter } from '../store/write.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const createOrganization: Pick<Command, 'usage' | 'run'> = {
  usage:
    'tsumugi create organization --name NAME [--identifier SYSTEM|VALUE] [--numbers SYSTEM]… [--municipality] [--type CODE]…' +
    ' [--require-profile URL]…',
  async run(args, out) {
    const { values } = parseArgs({
      args,
      options: {
        name: { type: 'string' },
        identifier: { type: 'string' },
        numbers: { type: 'string', multiple: true, default: [] },
        municipality: { type: 'boolean', default: false },
        type: { type: 'string', multiple: true, default: [] },
        'require-profile': { type: 'string', multiple: true, default: [] },
      },
    });
    const profiles = values['require-profile'];
    profiles.forEach(refuseUnlessOfResource);
    const resource = organizationOf({ ...values, profiles });
    const written = await onDoor((write) =>
      write(systemAccess('cli'), [{ method: 'create', type: 'Organization', resource }], { request: randomUUID() }),
    );
    out.line(written[0]?.id ?? '');
    return 0;
  },
};

/** Runs `work` with the door of the deployment that the settings name; refusals become one line. */
export async function onDoor<T>(
  work: (write: ReturnType<typeof createWriter>, pool: Parameters<typeof createWriter>[0]['pool']) => Promise<T>,
): Promise<T> {
  const config = settingsOf();
  const base = `${config.BASE_URL ?? `http://${config.HOST}:${config.PORT}`}/fhir`;
  try {
    return await withDatabase(config, (pool) => work(createWriter({ pool, nowMs: Date.now, base }), pool));
  } catch (error) {
    if (error instanceof OperationOutcomeError) throw new CommandError(error.message);
    throw error;
  }
}

/** `numbers`: identifier systems of its patient numbers. `profiles`: what its clients and staff write has to fit them. */
type Asked = {
  name?: string;
  identifier?: string;
  numbers: string[];
  municipality: boolean;
  type: string[];
  profiles: string[];
};

const typeSystem = 'http://terminology.hl7.org/CodeSystem/organization-type';
const types = ['prov', 'dept', 'team', 'govt', 'ins', 'pay', 'edu', 'reli', 'crs', 'cg', 'bus', 'other'];

function organizationOf({ name, identifier, numbers, municipality, type, profiles }: Asked): JsonObject {
  if (!name?.trim()) throw new CommandError('--name is required');
  const at = identifier?.lastIndexOf('|') ?? -1;
  const [system, value] = [identifier?.slice(0, at), identifier?.slice(at + 1)];
  if (identifier !== undefined && !(at > 0 && value)) throw new CommandError('--identifier takes SYSTEM|VALUE');
  const unknown = type.find((code) => !types.includes(code));
  if (unknown !== undefined) throw new CommandError(`--type takes a code of ${typeSystem}: ${types.join(', ')}`);
  const extension = [
    ...numbers.map((valueUri) => ({ url: patientNumberSystem, valueUri })),
    ...profiles.map((valueCanonical) => ({ url: requiredProfile, valueCanonical })),
  ];
  const codes = new Set([...(municipality ? ['govt'] : []), ...type]);
  return {
    resourceType: 'Organization',
    active: true,
    ...(codes.size > 0 && { type: [...codes].map((code) => ({ coding: [{ system: typeSystem, code }] })) }),
    ...(system && value ? { identifier: [{ system, value }] } : {}),
    ...(extension.length > 0 && { extension }),
    name: name.trim(),
  };
}

/** One that is not known here is warned of at every write; what could never be held to anything is a mistake. */
function refuseUnlessOfResource(profile: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(profile))
    throw new CommandError('--require-profile takes the canonical of a profile');
  const type = typeOfProfile(shippedDefinitions(), profile);
  if (type !== undefined && !resourceTypes.has(type))
    throw new CommandError(`--require-profile: ${profile} is of ${type}, which is no type of resource`);
}
