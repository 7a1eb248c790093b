// The resources that say what a relation is in FHIR: RelatedPerson, and Person.link from the login to it (or, of oneself, to the
// Patient). FHIR R4, https://hl7.org/fhir/R4/person.html; made by the server alone, beside the row that rights come from.

import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import type { Fhir } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { StoredRelation } from '../store/relations.ts';

/** How sure it is that the login is that person: http://hl7.org/fhir/identity-assuranceLevel */
export type Assurance = 'level2' | 'level3' | 'level4';

/** `relationship`: v3-RoleCode. `since`: ISO 8601. Nothing in it says who it is: that is in the Person. */
export function relatedPerson(
  patient: string,
  { relationship, isActive, since, end }: { relationship: string; isActive: boolean; since: string; end?: string },
): JsonObject {
  const coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: relationship };
  return {
    resourceType: 'RelatedPerson',
    active: isActive,
    patient: { reference: `Patient/${patient}` },
    relationship: [{ coding: [coding] }],
    period: { start: since, ...(end !== undefined && { end }) },
  };
}

/** The RelatedPerson of a relation with other members; nothing where the relation has none. */
export async function relatedPersonChange(
  { reader }: Pick<Fhir, 'reader'>,
  { relatedPerson: reference }: StoredRelation,
  next: (resource: JsonObject) => JsonObject,
): Promise<Change[]> {
  const id = reference?.slice('RelatedPerson/'.length) ?? '';
  const current = reference === undefined ? undefined : await reader.current('RelatedPerson', id, { kind: 'all' });
  if (current?.content === undefined) return [];
  const resource = next(parseJson(current.content) as JsonObject);
  return [{ method: 'update', type: 'RelatedPerson', id, ifMatch: current.version, resource }];
}

/** The Person linked to the target as well; it is made where the login has none yet. */
export async function linkChange(
  { reader }: Pick<Fhir, 'reader'>,
  person: string,
  target: string,
  assurance: Assurance,
): Promise<Change> {
  const { id, stored, version } = await personAt(reader, person);
  const link = [...linksOf(stored), { target: { reference: target }, assurance }];
  const resource = { ...(stored ?? { resourceType: 'Person', id }), link };
  return { method: 'update', type: 'Person', id, ...(version !== undefined && { ifMatch: version }), resource };
}

/** The Person without its link to the target; nothing where there was none. */
export async function unlinkChange(
  { reader }: Pick<Fhir, 'reader'>,
  person: string,
  target: string | undefined,
): Promise<Change[]> {
  const { id, stored, version } = await personAt(reader, person);
  const kept = linksOf(stored).filter(({ target: one }) => !isObject(one) || one.reference !== target);
  if (stored === undefined || version === undefined || kept.length === linksOf(stored).length) return [];
  const { link: _, ...rest } = stored;
  const resource = kept.length > 0 ? { ...stored, link: kept } : rest;
  return [{ method: 'update', type: 'Person', id, ifMatch: version, resource }];
}

async function personAt(reader: Fhir['reader'], person: string) {
  const id = person.slice('Person/'.length);
  const current = await reader.current('Person', id, { kind: 'all' });
  const stored = current?.content === undefined ? undefined : (parseJson(current.content) as JsonObject);
  return { id, stored, version: current?.version };
}

const linksOf = (person: JsonObject | undefined): JsonObject[] =>
  Array.isArray(person?.link) ? person.link.filter(isObject) : [];
