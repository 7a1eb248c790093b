// The Tasks of a request for erasure: one for each who has a say in the record, all of one round, and one for the operator. Who has a say:
// guardians, and the person of the record with a login of their own (民法 824条; 個人情報の保護に関する法律 35条).

import { birthday } from '../access/birthday.ts';
import { adultYears, confirmationMs } from '../access/policy.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import type { Change } from '../store/change.ts';
import type { StoredRelation } from '../store/relations.ts';
import type { Fhir } from './request.ts';

export type ErasureTask = {
  code: 'agree-to-erasure' | 'erase-record';
  status: string;
  /** Which request it belongs to. */
  round: string;
  /** The reference of whose word it is. */
  focus: string;
  /** Until when an answer counts, ISO 8601. */
  due: string;
  resource: JsonObject;
};

const system = `${CANONICAL}/CodeSystem/erasure-task`;
const roundSystem = `${CANONICAL}/NamingSystem/erasure-request`;
const words = { 'agree-to-erasure': '記録の完全な消去への同意の確認', 'erase-record': '記録の完全な消去' };

/** Those who have to agree at this moment (ISO 8601): guardians until the 18th birthday, and the person of the record. */
export function holdersOf(relations: readonly StoredRelation[], birthDate: unknown, now: string): StoredRelation[] {
  const isMinor = birthday(birthDate, adultYears) > now;
  return relations.filter(
    ({ basis, status, starts, ends }) =>
      (basis === 'self' || (basis === 'guardian' && isMinor)) &&
      status === 'active' &&
      starts <= now &&
      (ends === 'infinity' || ends > now),
  );
}

/** Whom the word of a relation is known by. */
export const sayOf = ({ relatedPerson, person }: StoredRelation): string => relatedPerson ?? person;

type NewTask = { code: ErasureTask['code']; status: 'requested' | 'completed'; round: string; focus: string };

/** The change that makes one; answers count for 14 days, the operator's duty has no end. */
export function newTask(patient: string, { code, status, round, focus }: NewTask, nowMs: number): Change {
  const resource: JsonObject = {
    resourceType: 'Task',
    groupIdentifier: { system: roundSystem, value: round },
    status,
    intent: 'order',
    code: { coding: [{ system, code }], text: words[code] },
    focus: { reference: focus },
    for: { reference: `Patient/${patient}` },
    authoredOn: new Date(nowMs).toISOString(),
    ...(code === 'agree-to-erasure' && {
      restriction: { period: { end: new Date(nowMs + confirmationMs).toISOString() } },
    }),
  };
  return { method: 'create', type: 'Task', resource };
}

/** A Task with another status. */
export function closed({ resource }: ErasureTask, status: string, reason?: string): Change {
  const ifMatch = Number((resource.meta as JsonObject).versionId);
  const next = { ...resource, status, ...(reason !== undefined && { statusReason: { text: reason } }) };
  return { method: 'update', type: 'Task', id: String(resource.id), ifMatch, resource: next };
}

/** Every Task about an erasure of this patient's record. */
export async function erasureTasks({ reader }: Pick<Fhir, 'reader'>, patient: string): Promise<ErasureTask[]> {
  const found: ErasureTask[] = [];
  for await (const page of reader.record(patient, ['Task'])) {
    for (const { content } of page) {
      const resource = parseJson(content) as JsonObject;
      const code = codeOf(resource);
      if (code !== 'agree-to-erasure' && code !== 'erase-record') continue;
      found.push({
        code,
        resource,
        status: String(resource.status),
        round: String(memberOf(resource.groupIdentifier, 'value')),
        focus: String(memberOf(resource.focus, 'reference')),
        due: String(memberOf(memberOf(resource.restriction, 'period'), 'end')),
      });
    }
  }
  return found;
}

const memberOf = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

function codeOf({ code }: JsonObject): unknown {
  const codings = isObject(code) && Array.isArray(code.coding) ? code.coding : [];
  return codings.find((one) => isObject(one) && one.system === system)?.code;
}
