// The Tasks that acts on relations leave for somebody to do, and the Flag that says a family is protected.

import { ACT_CODE, CONFIDENTIALITY } from '../access/labels.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import type { Fhir } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { StoredRelation } from '../store/relations.ts';

export type Matter = 'end-relation' | 'review-suspension';

const system = `${CANONICAL}/CodeSystem/relation-task`;
const dueMs = 14 * 86_400_000;
const words: Readonly<Record<Matter, string>> = {
  'end-relation': '保護者のつながりの終了についての確認',
  'review-suspension': '保護者のつながりの停止についての確認',
};

/** Due in 14 days. `owner`: the reference of who is to do it. */
export function taskOf(
  matter: Matter,
  relation: StoredRelation,
  nowMs: number,
  { owner, labels = [] }: { owner?: string | undefined; labels?: readonly JsonObject[] } = {},
): JsonObject {
  return {
    resourceType: 'Task',
    ...(labels.length > 0 && { meta: { security: labels } }),
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system, code: matter }], text: words[matter] },
    focus: { reference: subjectOf(relation) },
    for: { reference: `Patient/${relation.patient}` },
    authoredOn: new Date(nowMs).toISOString(),
    ...(owner !== undefined && { owner: { reference: owner } }),
    restriction: { period: { end: new Date(nowMs + dueMs).toISOString() } },
  };
}

/** Those of the matter that are still open, closed. */
export function closedTasks(
  fhir: Fhir,
  matter: Matter,
  relation: StoredRelation,
  status: 'completed' | 'cancelled',
): Promise<Change[]> {
  const isOpen = (one: JsonObject) =>
    one.status === 'requested' && codeOf(one) === matter && referenceOf(one.focus) === subjectOf(relation);
  return changed(fhir, relation.patient, 'Task', isOpen, { status });
}

/** What labels the municipality that protects a family still sees, and no other organization. */
export const protectiveLabels = [
  { system: CONFIDENTIALITY, code: 'R' },
  { system: ACT_CODE, code: 'SDV' },
];

/** That somebody is kept away from this patient: of level V, and it does not say who. */
export const suspensionFlag = ({ patient }: StoredRelation, now: string): JsonObject => ({
  resourceType: 'Flag',
  meta: { security: [{ system: CONFIDENTIALITY, code: 'V' }] },
  status: 'active',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: 'safety' }] }],
  code: { coding: [{ system, code: 'suspension' }], text: '情報提供の制限' },
  subject: { reference: `Patient/${patient}` },
  period: { start: now },
});

/** The Flag taken back. */
export const closedFlags = (fhir: Fhir, { patient }: StoredRelation): Promise<Change[]> =>
  changed(fhir, patient, 'Flag', (one) => one.status === 'active' && codeOf(one) === 'suspension', {
    status: 'inactive',
  });

async function changed(
  { reader }: Fhir,
  patient: string,
  type: string,
  isMeant: (resource: JsonObject) => boolean,
  next: JsonObject,
): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const page of reader.record(patient, [type])) {
    for (const { content } of page) {
      const resource = parseJson(content) as JsonObject;
      if (!isMeant(resource)) continue;
      const ifMatch = Number((resource.meta as JsonObject).versionId);
      changes.push({ method: 'update', type, id: String(resource.id), ifMatch, resource: { ...resource, ...next } });
    }
  }
  return changes;
}

const subjectOf = ({ relatedPerson, person }: StoredRelation): string => relatedPerson ?? person;
const referenceOf = (value: unknown): unknown => (isObject(value) ? value.reference : undefined);

function codeOf({ code }: JsonObject): unknown {
  const codings = isObject(code) && Array.isArray(code.coding) ? code.coding : [];
  return codings.find((one) => isObject(one) && one.system === system)?.code;
}
