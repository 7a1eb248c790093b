// What the operations on relations share: one transaction for the resources, the relation and the audit row of an act; who does it;
// and which relation it is about.

import { systemAccess } from '../access/access.ts';
import { isFamily } from '../access/caller.ts';
import { shortestReason } from '../access/policy.ts';
import type { JsonObject } from '../fhir/json.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { auditOf } from '../interaction/audited.ts';
import { type Parameter, required, single } from '../interaction/parameters.ts';
import type { Answer, Fhir, FhirRequest } from '../interaction/request.ts';
import { keyOf } from '../search/keys.ts';
import type { Change, Written } from '../store/change.ts';
import type { ClientBase } from '../store/pool.ts';
import type { RelationStore } from '../store/relation-store.ts';
import type { StoredRelation } from '../store/relations.ts';
import type { Standing } from '../store/standing.ts';

/** `name`: of the operation, as the audit has it. `writer`: the Organization whose entries the changes make. */
export type Act = { name: string; patient: string; writer?: string | undefined };

/** Does an act: what it writes, what `follow` does behind it, and its audit row stand or fall together. */
export function act(
  fhir: Fhir,
  request: FhirRequest,
  { name, patient, writer }: Act,
  changes: readonly Change[],
  follow: (client: ClientBase, written: Written[]) => Promise<void>,
): Promise<Written[]> {
  const { client } = request.access;
  const key = keyOf('Patient', patient);
  return fhir.write({ ...systemAccess(name), client }, writtenBy(writer, changes), {
    request: request.id,
    isBundle: true,
    alongside: async (transaction, written) => {
      await follow(transaction, written);
      const row = auditOf(fhir, request, name, 'Patient', { key, owner: key });
      await fhir.within(transaction, (inside) => inside.audit([row]));
    },
  });
}

/** The changes as entries of this Organization. */
export const writtenBy = (writer: string | undefined, changes: readonly Change[]): readonly Change[] =>
  writer === undefined ? changes : changes.map((one) => ({ ...one, writer }));

/** The municipality as whose entries an act of its own is written. */
export const writerOf = (standing: Standing, { access }: FhirRequest): string | undefined =>
  standing === 'municipality' ? access.caller?.organization : undefined;

export const answerOf = (parameter: readonly Parameter[], status = 200): Answer => ({
  status,
  body: JSON.stringify({ resourceType: 'Parameters', parameter }),
});

/** `Person/[id]` of the login that calls. Throws 403 for any other caller. */
export function personOf({ access: { caller } }: FhirRequest): string {
  if (!caller || !isFamily(caller) || caller.user === undefined)
    throw forbidden('A member of a family does this, with a login of their own');
  return caller.user;
}

/** The caller's own relation with the patient, as far as it is not over. */
export const ownRelation = (
  relations: readonly StoredRelation[],
  { access: { caller } }: FhirRequest,
): StoredRelation | undefined =>
  caller?.organization === undefined
    ? relations.find(({ person, status }) => person === caller?.user && status === 'active')
    : undefined;

/** The relation that the parameter `relation` names, by its RelatedPerson or its Person. Throws 404 when it is over or none. */
export async function namedRelation(
  store: RelationStore,
  patient: string,
  parameters: ReadonlyMap<string, JsonObject[]>,
): Promise<StoredRelation> {
  const value = single(parameters, 'relation')?.valueReference as JsonObject | undefined;
  const local = localReference(String(value?.reference ?? ''));
  if (local?.type !== 'RelatedPerson' && local?.type !== 'Person')
    throw required('relation', 'a reference to a RelatedPerson or a Person');
  const reference = `${local.type}/${local.id}`;
  const found = (await store.relationsOf(patient)).find(
    ({ person, relatedPerson, status }) => status !== 'ended' && (person === reference || relatedPerson === reference),
  );
  if (!found) throw notFound(`A relation of this Patient with ${reference}`);
  return found;
}

/** Why something is done, in words that others will read. Throws 400 when it is missing or says nothing. */
export function reasonIn(parameters: ReadonlyMap<string, JsonObject[]>, name: string): string {
  const value = single(parameters, name)?.valueString;
  if (typeof value !== 'string' || value.trim().length < shortestReason)
    throw required(name, `valueString of at least ${shortestReason} characters`);
  return value.trim();
}
