// $export of the system, of all patients, of a group, of one patient: the kick-off. HL7 Bulk Data Access 2.0,
// https://hl7.org/fhir/uv/bulkdata/export.html. The first three are for system/ scopes; the record of one patient is for whoever
// may read it. What is exported is decided as it is read (export-work.ts).

import { type Access, directoryTypes, type Interaction, reachOf } from '../access/access.ts';
import { namedReach, notNamed } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, insufficientScope, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { auditOf, reading } from '../interaction/audited.ts';
import { startWork } from '../interaction/background.ts';
import { readableTypes } from '../interaction/patient-record.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { compartmentTypes } from '../search/compartment.ts';
import { deidentifiedKind } from './deidentified-work.ts';
import { deidentifiedTypes } from './deidentify.ts';
import { type Asked, askedOf } from './export-request.ts';
import { type ExportRequest, exportKind, systemGrants } from './export-work.ts';

const canonical = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';
const common = { code: 'export', methods: ['GET', 'POST'] } as const;

export const exportOperations: Operation[] = [
  {
    ...common,
    definition: `${canonical}/export`,
    level: 'system',
    documentation:
      '_deidentify=true releases the records of those who agreed to research (Consent, HRESCH): new ids, dates moved by whole weeks, birth as a month, of the address the prefecture, nobody among fewer than ten of the same birth quarter, sex and prefecture.',
    run: (fhir, request) => {
      const access = ofSystem(request.access);
      const asked = askedOf(fhir, request);
      if (asked.patients) throw badRequest('patient is for Patient/$export and Group/[id]/$export', 'not-supported');
      const from = asked.deidentify ? deidentifiedTypes : [...resourceTypes];
      return started(fhir, request, asked, { access, from, ofPatients: false });
    },
  },
  {
    ...common,
    definition: `${canonical}/patient-export`,
    level: 'type',
    type: 'Patient',
    run: async (fhir, request) => {
      const access = ofSystem(request.access);
      const asked = askedOf(fhir, request);
      const patients = asked.patients && (await visible(fhir, access, asked.patients));
      return started(fhir, request, asked, { access, from: compartmentTypes('Patient'), ofPatients: true, patients });
    },
  },
  {
    ...common,
    definition: `${canonical}/group-export`,
    level: 'instance',
    type: 'Group',
    run: async (fhir, request, { id }) => {
      const access = ofSystem(request.access);
      const asked = askedOf(fhir, request);
      const members = await membersOf(fhir, { ...request, access }, id);
      const other = asked.patients?.find((one) => !members.includes(one));
      if (other !== undefined)
        throw badRequest('patient names somebody who is not in this group', 'value', ['patient']);
      const patients = asked.patients ?? members;
      return started(fhir, request, asked, { access, from: compartmentTypes('Patient'), ofPatients: true, patients });
    },
  },
  {
    ...common,
    definition: `${CANONICAL}/OperationDefinition/export`,
    level: 'instance',
    type: 'Patient',
    run: async (fhir, request, { id }) => {
      const { access } = request;
      const reach = namedReach(access, 'read', 'Patient');
      const asked = askedOf(fhir, request);
      if (asked.patients) throw badRequest('patient is for Patient/$export and Group/[id]/$export', 'not-supported');
      const found = await fhir.reader.currentAudited('Patient', id, reach, reading(fhir, request, 'export'));
      if (!found) throw notFound(`Patient/${id}`);
      const from = readableTypes(access, id).filter((type) => isInRecord.has(type));
      return started(fhir, request, asked, { access, from, ofPatients: false, patients: [id], isOne: true });
    },
  },
];

const isInRecord: ReadonlySet<string> = new Set([...compartmentTypes('Patient'), ...directoryTypes]);

type Scope = {
  access: Access;
  /** The types that there are here. */
  from: readonly string[];
  ofPatients: boolean;
  patients?: string[] | undefined;
  isOne?: boolean;
};

async function started(fhir: Fhir, request: FhirRequest, asked: Asked, scope: Scope): Promise<Answer> {
  const { access, from, ofPatients, patients, isOne = false } = scope;
  if (asked.deidentify) refuseBeside(asked, from === deidentifiedTypes);
  const types = typesOf(access, asked, from);
  const { snapshot, transactionMs } = await fhir.exported.moment(fhir.nowMs());
  const kept: ExportRequest = {
    ...{ asked, types, ofPatients, isOne, snapshot, transactionMs },
    ...(patients && { patients }),
    url: `${fhir.base}/${request.path}${request.query === '' ? '' : `?${request.query}`}`,
  };
  const kind = asked.deidentify ? deidentifiedKind : exportKind;
  if (!isOne) await fhir.audit([auditOf(fhir, request, kind, undefined)]);
  const patient = isOne ? patients?.[0] : undefined;
  return startWork(fhir, request, {
    kind,
    ...(patient !== undefined && { patient }),
    request: kept as unknown as JsonObject,
  });
}

/** Throws 403 where no grant is a system's. */
function ofSystem(access: Access): Access {
  const own = systemGrants(access);
  if (own.grants.length === 0)
    throw insufficientScope(
      'This export is for clients with system/ scopes; Patient/[id]/$export is for others',
      'system/*.rs',
    );
  return own;
}

/** A de-identified release is the same for everybody who may ask for it: nothing narrows whom it is about. */
function refuseBeside({ since, until, filters, elements, patients }: Asked, isHere: boolean): void {
  const isNarrowed = since ?? until ?? elements ?? patients ?? Object.keys(filters)[0];
  if (!isHere) throw badRequest('_deidentify is for $export of the system', 'not-supported', ['_deidentify']);
  if (isNarrowed !== undefined)
    throw badRequest('_deidentify stands beside _type and _outputFormat alone', 'not-supported', ['_deidentify']);
}

const needed: readonly Interaction[] = ['read', 'search'];
const mayExport = (access: Access, type: string): boolean =>
  needed.every((interaction) => reachOf(access, interaction, type).kind !== 'none');

/** Those asked for, or all that the caller may read. Throws 403 for one that the scopes do not name, 400 for one not here. */
function typesOf(access: Access, { types, filters }: Asked, from: readonly string[]): string[] {
  const beyond = [...(types ?? []), ...Object.keys(filters)].find(
    (type) => mayExport(access, type) && !from.includes(type),
  );
  if (beyond !== undefined)
    throw badRequest(`${beyond} is not part of this export. Known: ${from.join(', ')}`, 'value', ['_type']);
  const unnamed = types?.find((type) => !mayExport(access, type));
  if (unnamed !== undefined) throw notNamed(access, 'search', unnamed);
  const found = (types ?? from).filter((type) => mayExport(access, type));
  if (found.length === 0) throw notNamed(access, 'search', '*');
  return found;
}

/** All of them must be there for the caller. */
async function visible(fhir: Fhir, access: Access, ids: readonly string[]): Promise<string[]> {
  const reach = namedReach(access, 'read', 'Patient');
  const found = await fhir.reader.currentOf(ids.map((id) => ({ type: 'Patient', id, reach })));
  const missing = ids.find((_, n) => found[n]?.content === undefined);
  if (missing !== undefined) throw notFound(`Patient/${missing}`);
  return [...ids];
}

/** The patients of a group, as it is now. */
async function membersOf(fhir: Fhir, request: FhirRequest, id: string): Promise<string[]> {
  const reach = namedReach(request.access, 'read', 'Group');
  const group = await fhir.reader.currentAudited('Group', id, reach, reading(fhir, request, 'export'));
  if (group?.content === undefined) throw notFound(`Group/${id}`);
  const { member } = parseJson(group.content) as JsonObject;
  const ids = (Array.isArray(member) ? member : []).flatMap((one) => {
    const { entity, inactive, period } = one as JsonObject;
    const local = isObject(entity) ? localReference(String(entity.reference ?? ''), fhir.base) : undefined;
    const isOver = isObject(period) && typeof period.end === 'string' && Date.parse(period.end) < fhir.nowMs();
    return local?.type === 'Patient' && inactive !== true && !isOver ? [local.id] : [];
  });
  return [...new Set(ids)];
}
