// May this caller store this? The scopes on what is to be stored, and, where permissions decide, the policy's rules for writing
// (server/decisions/0011-who-may-see-what.md, "Writing") on what is to be and on what was. What was is locked, and within the
// caller's reach, before this is asked.

import type { ClientBase, Pool } from 'pg';
import { type Access, allow, reachOf } from '../access/access.ts';
import { isFamily } from '../access/caller.ts';
import { isBreakGlass } from '../access/consent.ts';
import { beyondEnding, beyondGiving, type Giver } from '../access/giving.ts';
import { labelsOf } from '../access/labels.ts';
import { addedIdentifier, isOnlyOf, movesComingOfAge } from '../access/own-record.ts';
import { notByFamilies, ownDirectory } from '../access/policy.ts';
import { inEntry } from '../fhir/bundle-entry.ts';
import { patientsOf } from '../fhir/compartments.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule, forbidden } from '../fhir/outcome.ts';
import { keyOf } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';
import { matchesScope } from '../search/scope-filter.ts';
import { rightOf } from './change.ts';
import type { Stored } from './locked.ts';
import { giversOf, isMunicipality, type Writable, writablePatients } from './permissions.ts';
import { idOfPatient } from './transaction-references.ts';
import type { Draft } from './versions.ts';

/** Throws 403 for what the caller may not write, 422 for an identifier that a family adds to its Patient. */
export async function refuseBeyondRights(
  connection: Pool | ClientBase,
  access: Access,
  drafts: readonly Draft[],
  stored: ReadonlyMap<string, Stored>,
): Promise<void> {
  if (drafts.every(({ method, type }) => reachOf(access, rightOf(method), type).kind === 'all')) return;
  const changes = drafts.map((draft) => changeOf(draft, stored.get(draft.key)));
  const rights = access.caller && (await rightsOf(connection, access, changes));
  for (const change of changes) {
    inEntry(change.draft.entry, () => {
      refuseChangeBeyondScopes(access, change);
      refuseBrokenGlass(change);
      if (rights) refuseBeyondPolicy(rights, change);
      else if (access.patient !== undefined) refuseBeyondPatient(access.patient, change);
      if (change.before) refuseBeyondFamily(access, change);
    });
  }
}

/** Throws 403 for what the scopes do not name: told before anything stored is looked at. */
export function refuseBeyondScopes(access: Access, drafts: readonly Draft[]): void {
  for (const one of drafts) {
    const { method, patients, resource, entry } = one;
    if (method === 'delete' || (resource && isAllowed(access, one, resource, patients))) continue;
    inEntry(entry, () => {
      throw beyondScopes(one);
    });
  }
}

/** `before`: what is stored, where it is of this type and still there. */
type Change = { draft: Draft; before: (Stored & { resource: JsonObject }) | undefined };

function changeOf(draft: Draft, stored: Stored | undefined): Change {
  if (draft.method === 'create' || !stored || stored.isGone) return { draft, before: undefined };
  const resource = parseJson(stored.content) as JsonObject;
  return { draft, before: resource.resourceType === draft.type ? { ...stored, resource } : undefined };
}

/** SMART: on an update the old content must be within the scope like the new one. */
function refuseChangeBeyondScopes(access: Access, { draft, before }: Change): void {
  if (draft.method === 'delete' || !before || reachOf(access, rightOf(draft.method), draft.type).kind !== 'narrowed')
    return;
  if (!isAllowed(access, draft, before.resource, patientsOf(before.resource).map(idOfPatient)))
    throw beyondScopes(draft);
}

const isAllowed = (
  access: Access,
  { method, type }: Draft,
  resource: JsonObject,
  patients: readonly string[],
): boolean => allow(access, rightOf(method), type, patients, (query) => matchesScope(resource, type, query));

const beyondScopes = ({ method, type }: Draft) =>
  forbidden(
    `${method} of ${type}: the resource must be in the compartment of the patient of this token, and in no other, and match its scopes`,
  );

type Rights = {
  isFamily: boolean;
  /** ISO 8601. */
  now: string;
  /** The key of the caller's own Organization. */
  organization: string | undefined;
  isMunicipality: boolean;
  writable: ReadonlyMap<string, Writable>;
  /** By patient: what the caller is to those whose Consents are written. */
  givers: ReadonlyMap<string, Giver>;
};

async function rightsOf(
  connection: Pool | ClientBase,
  { caller }: Access,
  changes: readonly Change[],
): Promise<Rights | undefined> {
  if (!caller) return undefined;
  const patients = new Set(changes.flatMap(ownersOf));
  const consents = changes.filter(({ draft }) => draft.type === 'Consent').flatMap(ownersOf);
  const asksForPatient = changes.some(({ draft }) => draft.type === 'Patient');
  return {
    isFamily: isFamily(caller),
    now: new Date(caller.nowMs).toISOString(),
    organization: caller.organization === undefined ? undefined : keyOfReference(caller.organization),
    isMunicipality: asksForPatient && (await isMunicipality(connection, caller)),
    writable: new Map([...(await writablePatients(connection, caller, [...patients])), ...registered(changes)]),
    givers: isFamily(caller) ? await giversOf(connection, caller, consents) : new Map(),
  };
}

/** Whom this change set registers, which is refused to whoever may not; the rest of it may be about them. */
const registered = (changes: readonly Change[]): [string, Writable][] =>
  changes.flatMap(({ draft }) =>
    draft.type === 'Patient' && draft.method === 'create' ? [[draft.id, 'patient']] : [],
  );

const ownersOf = ({ draft, before }: Change): string[] => [
  ...draft.patients,
  ...(before ? patientsOf(before.resource).map(idOfPatient) : []),
];

function refuseBeyondPolicy(rights: Rights, change: Change): void {
  const { draft, before } = change;
  const { method, type } = draft;
  const refuse = (why: string) => forbidden(`${method} of ${type}: ${why}`);
  if (!rights.isFamily && rights.organization === undefined)
    throw refuse('there is no organization whose entry it would be');
  if (rights.isFamily && notByFamilies.has(type) && !draft.isByServer)
    throw refuse('an operation of this server does it, after checking');
  if (!rights.isFamily && type === 'Consent')
    throw refuse('the family says who may read; a link and break-glass are operations');
  if (type === 'Consent') {
    const giver = giverOf(rights, change);
    const beyond =
      (before && beyondEnding(before.resource, giver)) ?? (draft.resource && beyondGiving(draft.resource, giver));
    if (beyond !== undefined) throw refuse(beyond);
  }
  const isOwn = before !== undefined && before.organization === rights.organization;
  if (before && type !== 'Patient' && !isOwn)
    throw refuse('only who entered it may change it; a remark or a Task asks for it');
  if (before && draft.resource && before.labels & ~labelsOf(draft.resource))
    throw refuse('it would lose a security label');
  if (type === 'Patient') {
    refusePatient(rights, change, refuse);
    return;
  }
  const owners = ownersOf(change);
  if (owners.length === 0) {
    if (rights.isFamily || (!before && !ownDirectory.has(type)))
      throw refuse('it is not about a patient whose record you may add to');
    return;
  }
  // Whoever wrote an entry may correct it and take it back, whatever became of the link.
  const isCorrection =
    before !== undefined && !rights.isFamily && draft.patients.every((id) => patientsIn(before).has(id));
  if (!isCorrection && !owners.every((id) => rights.writable.has(id)))
    throw refuse('every patient it is about must be one whose record you may add to');
}

/** What counts is the least of what the caller is to the patients. */
function giverOf({ givers }: Rights, change: Change): Giver {
  const patients = ownersOf(change);
  return {
    isSelf: patients.every((id) => givers.get(id)?.isSelf === true),
    seesRestricted: patients.every((id) => givers.get(id)?.seesRestricted === true),
  };
}

const patientsIn = ({ resource }: { resource: JsonObject }): Set<string> =>
  new Set(patientsOf(resource).map(idOfPatient));

function refusePatient(rights: Rights, { draft, before }: Change, refuse: (why: string) => Error): void {
  if (!before) {
    if (draft.resource?.link !== undefined)
      throw refuse('which records are of one person, is for the deployment to say');
    if (draft.method === 'create' && (rights.isFamily || rights.isMunicipality)) return;
    throw refuse('families and municipalities register people');
  }
  if (rights.writable.get(draft.id) !== 'patient')
    throw refuse('who a person is, is for the family and the municipality to say');
  if (draft.resource && JSON.stringify(draft.resource.link) !== JSON.stringify(before.resource.link))
    throw refuse('which records are of one person, is for the deployment to say');
  if (rights.isFamily && draft.resource && movesComingOfAge(before.resource, draft.resource, rights.now))
    throw refuse('the birth date of who is 15 or more is for the municipality to correct');
  if (draft.method === 'delete') throw refuse('the whole record of a person is not deleted so');
}

/** What opens a record in an emergency is made by the operation, and what it made stays as it is. */
function refuseBrokenGlass({ draft: { method, type, resource }, before }: Change): void {
  if (type !== 'Consent') return;
  if ((resource && isBreakGlass(resource)) || (before && isBreakGlass(before.resource)))
    throw forbidden(`${method} of Consent: break-glass (purpose BTG) is by the operation $break-glass alone`);
}

/** An app of the deployment that is bound to a patient: what it changes must be that patient's alone. */
function refuseBeyondPatient(patient: string, { draft: { method, type }, before }: Change): void {
  if (!before || before.owner !== keyOf('Patient', patient)) return;
  if (!isOnlyOf(patient, before.resource))
    throw forbidden(`${method} of ${type}: the resource is also in the compartment of another patient`);
}

/** A number at a facility leads that facility's records to whoever has it. */
function refuseBeyondFamily({ caller, patient }: Access, { draft: { type, resource }, before }: Change): void {
  const isFamilys = caller ? isFamily(caller) : patient !== undefined;
  const added = isFamilys && type === 'Patient' && resource && before && addedIdentifier(before.resource, resource);
  if (added)
    throw businessRule('An app of the family adds identifiers by $link-facility, with the code of the facility', [
      added,
    ]);
}
