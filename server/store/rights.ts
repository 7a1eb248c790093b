// What a write means for rights: a Consent gives and takes, a birth date says when an age is reached, and a family that
// registers a child is its guardian, a municipality that does is where they live. In the transaction of the write itself.

import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Access } from '../access/access.ts';
import { permissionsOfConsents } from '../access/consent.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { rangeOf } from '../search/date.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import type { Change } from './change.ts';
import { lockPermissions, replacePermissions } from './permissions.ts';
import { instant } from './pool.ts';
import { endRelationOf, refreshRelations, relationsOf, setRelation } from './relations.ts';
import { reside } from './residences.ts';
import type { Draft } from './versions.ts';

/** True for a change that must not go by the short way of plain creates. */
export const concernsRights = ({ caller }: Access, { type, method }: Pick<Change, 'type' | 'method'>): boolean =>
  type === 'Consent' ||
  (type === 'RelatedPerson' && method !== 'create') ||
  (type === 'Patient' && (method !== 'create' || caller !== undefined));

/** Follows a change set that has been stored in this transaction. `now`: ISO 8601. */
export async function followRights(
  client: ClientBase,
  access: Access,
  drafts: readonly Draft[],
  now: string,
): Promise<void> {
  const changed = drafts.filter((one) => concernsRights(access, one));
  if (changed.length === 0) return;
  const consenting = await ownersOfConsents(client, changed);
  const people = changed.filter(({ type }) => type === 'Patient');
  await lockPermissions(client, [...new Set([...consenting, ...people.map(({ id }) => id)])]);
  await followRelatedPersons(client, changed, now);
  // A Consent that has moved to another patient must have left the first before it says anything there.
  for (const patient of consenting) await replacePermissions(client, patient, consentBases, []);
  for (const patient of consenting) await refreshConsents(client, patient);
  for (const { id, method } of people) {
    if (method === 'create') await register(client, access, id, now);
    else await refreshRelations(client, id);
  }
}

/** A RelatedPerson that is no longer active, or has an end, ends its relation; one never begins or is lengthened so. */
async function followRelatedPersons(client: ClientBase, drafts: readonly Draft[], now: string): Promise<void> {
  for (const { type, id, method, resource } of drafts) {
    if (type !== 'RelatedPerson') continue;
    const period = resource?.period as JsonObject | undefined;
    const isOver = method === 'delete' || resource?.active === false;
    const ends = isOver ? now : endOfPeriod(period?.end);
    if (ends !== undefined) await endRelationOf(client, `RelatedPerson/${id}`, ends, isOver);
  }
}

/** When a period is over, in Japan; undefined where it has no end. */
function endOfPeriod(end: unknown): string | undefined {
  const range = typeof end === 'string' ? rangeOf(end) : undefined;
  return range && new Date(range.hi + 1).toISOString();
}

/** Whose the Consents are, and were before. */
async function ownersOfConsents(client: ClientBase, drafts: readonly Draft[]): Promise<Set<string>> {
  const consents = drafts.filter(({ type }) => type === 'Consent');
  const owners = new Set(consents.flatMap(({ patients }) => patients));
  const older = consents.filter(({ method }) => method !== 'create').map(({ key }) => key);
  if (older.length === 0) return owners;
  const { rows } = await client.query<{ content: string }>(
    'select content from history where key = any($1::uuid[]) and content is not null',
    [older],
  );
  for (const { content } of rows) {
    const { patient } = parseJson(content) as { patient?: JsonObject };
    const id = /^Patient\/([^/]+)/.exec(String(patient?.reference ?? ''))?.[1];
    if (id !== undefined) owners.add(id);
  }
  return owners;
}

/** What the Consents of a patient (id) come to, made anew. */
async function refreshConsents(client: ClientBase, patient: string): Promise<void> {
  const { rows } = await client.query<{ content: string; updated: string }>(
    'select content, updated from resource where owner = $1 and type = $2 order by updated, key',
    [keyOf('Patient', patient), typeNumber('Consent')],
  );
  const consents = rows.map(({ content, updated }) => ({
    resource: parseJson(content) as JsonObject,
    updated: instant(updated),
  }));
  const relations = await relationsOf(client, patient);
  const people = new Map(
    relations.flatMap(({ relatedPerson, person }) => (relatedPerson ? [[relatedPerson, person]] : [])),
  );
  const derived = permissionsOfConsents(consents, people).map(({ consent, permission }) => ({
    source: keyOf('Consent', consent),
    permission,
  }));
  await replacePermissions(client, patient, consentBases, derived);
}

const consentBases = ['consent', 'break-glass'] as const;

/** Only families and municipalities come here with a new Patient: it is their child, or their resident. */
async function register(client: ClientBase, { caller }: Access, patient: string, now: string): Promise<void> {
  if (caller?.organization !== undefined)
    await reside(client, patient, caller.organization.slice('Organization/'.length), now);
  else if (caller?.user !== undefined) await becomeGuardian(client, caller.user, patient, now);
}

async function becomeGuardian(client: ClientBase, person: string, patient: string, now: string): Promise<void> {
  await setRelation(client, {
    id: randomUUID(),
    person,
    patient,
    basis: 'guardian',
    status: 'active',
    starts: now,
    ends: 'infinity',
    evidence: 'registered the child',
  });
}
