// Patient/[id]/$events: what happened, each event once, with the record that stands for it, what else was told of it and by whom, and
// what a person should look at. Computed when it is read (server/decisions/0022-events-are-computed.md).

import type { Resource } from '@medplum/fhirtypes';
import { mayReach, reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, forbidden, notFound, tooCostly, unknownParameter } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { isAbout, recordTexts } from '../interaction/planning-record.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import { eventsAnswer, type StoredRecord } from './events-answer.ts';
import { eventsOf } from './kinds.ts';

export const patientEvents: Operation = {
  code: 'events',
  definition: `${CANONICAL}/OperationDefinition/events`,
  level: 'instance',
  type: 'Patient',
  methods: ['GET'],
  run: async (fhir, request, { id }) => {
    const type = askedType(request);
    const events = eventsOf(type);
    const types = readable(request, id, type);
    const found = await recordTexts(fhir, request, id, 'events', { types, most: MOST_RECORDS });
    if (found === undefined) throw notFound(`Patient/${id}`);
    if (found.contents.length > MOST_RECORDS)
      throw tooCostly(`$events brings together at most ${MOST_RECORDS} records; this patient has more of ${type}`);
    const stored = found.contents.flatMap((content): StoredRecord[] => {
      const resource = parseJson(content);
      return isObject(resource) ? [{ resource, content }] : [];
    });
    const records = stored.filter(({ resource }) => resource.resourceType === type && isAbout(resource, id));
    const made = events(
      records.map(({ content }) => JSON.parse(content) as Resource),
      await fhir.decisionsOf(id),
    );
    return { status: 200, body: eventsAnswer(made, records, provenancesOf(stored)) };
  },
};

/** Of a life there are a few thousand; what devices measure by the minute is no event that anybody else tells of. */
const MOST_RECORDS = 20_000;

const known = ['type', '_format', '_pretty'];

function askedType({ query }: FhirRequest): string {
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownParameter(unknown, '$events', known.slice(0, 1));
  if (asked.getAll('type').length > 1) throw badRequest('"type" may be given once', 'invalid', ['type']);
  return asked.get('type') ?? 'Immunization';
}

/** The type asked for, and Provenance where the token reaches it: who told what is a part of the answer, not the condition for it. */
function readable({ access }: FhirRequest, id: string, type: string): string[] {
  const why = `and Patient and ${type} are read together`;
  const ofPatient = namedReach(access, 'read', 'Patient', why);
  if (!mayReach(namedReach(access, 'read', type, why), id) && mayReach(ofPatient, id))
    throw forbidden(`$events reads Patient and ${type}; the scopes of this token must reach both of one patient`);
  return mayReach(reachOf(access, 'read', 'Provenance'), id) ? [type, 'Provenance'] : [type];
}

/** By the reference of a record: the Provenances that are about it. */
function provenancesOf(stored: readonly StoredRecord[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { resource } of stored) {
    if (resource.resourceType !== 'Provenance') continue;
    for (const target of targetsOf(resource)) {
      const known = found.get(target);
      if (known === undefined) found.set(target, [`Provenance/${resource.id}`]);
      else known.push(`Provenance/${resource.id}`);
    }
  }
  return found;
}

function targetsOf({ target }: JsonObject): string[] {
  const targets = Array.isArray(target) ? target.filter(isObject) : [];
  return targets.flatMap(({ reference }) => {
    const local = typeof reference === 'string' ? localReference(reference) : undefined;
    return local === undefined ? [] : [`${local.type}/${local.id}`];
  });
}
