// A row of the audit as a FHIR AuditEvent. Pure. FHIR R4 https://hl7.org/fhir/R4/auditevent.html, in the shapes of IHE BALP 1.1.
// A network address is in no row. What a search asked for is in none either: its words may name people, and rows outlive an
// erasure; the query entity holds the request line without them.

import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Reference } from '@medplum/fhirtypes';
import { type Actor, actorOf } from '../access/actor.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import type { Language } from '../fhir/outcome.ts';
import { type AuditEntry, eventId, type Named } from '../store/audit-log.ts';
import { type Kind, kindOf } from './kinds.ts';
import { type Names, sentence, whoWords } from './words.ts';

export type Reader = {
  language: Language;
  /** A family reads which organization it was, not which of its staff, and nothing of the machinery. */
  isFamily: boolean;
  /** The public address of the FHIR base. */
  base: string;
};

export function auditEvent(entry: AuditEntry, names: Names, reader: Reader): AuditEvent {
  const { at, interaction, outcome } = entry;
  const actor = actorOf(entry.client);
  const kind = kindOf(interaction);
  const isRest = kind.type === 'rest';
  const isOperation = kind.subtype === 'operation';
  const told = { at, actor, interaction, type: entry.type, isRefused: outcome !== 0, recipient: entry.recipient };
  return {
    resourceType: 'AuditEvent',
    id: eventId(entry),
    meta: { versionId: '1', lastUpdated: at },
    language: reader.language,
    text: { status: 'generated', div: divOf(sentence(told, names, reader.language)) },
    type: isRest ? coding(eventType, 'rest', 'RESTful Operation') : coding(dicom, kind.type),
    subtype: [
      isRest ? coding(restful, kind.subtype, kind.subtype) : coding(dicom, kind.subtype),
      ...(isOperation ? [coding(`${CANONICAL}/CodeSystem/operation`, interaction, `$${interaction}`)] : []),
    ],
    action: kind.action,
    recorded: at,
    outcome: `${outcome}`,
    ...(actor.purpose ? { purposeOfEvent: [{ coding: [coding(actReason, actor.purpose)] }] } : {}),
    agent: agents(actor, kind, names, reader, entry.recipient),
    source: { observer: serverAs(reader), type: [coding(sourceType, '4', 'Application Server')] },
    entity: entities(entry, kind, reader),
  };
}

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const eventType = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const restful = 'http://hl7.org/fhir/restful-interaction';
const actReason = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const custodian = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
const roleClass = 'http://terminology.hl7.org/CodeSystem/v3-RoleClass';
const sourceType = 'http://terminology.hl7.org/CodeSystem/security-source-type';
const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role';
const balpEntityType = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';

const coding = (system: string, code: string, display?: string): Coding => ({
  system,
  code,
  ...(display === undefined ? {} : { display }),
});

const serverAs = ({ base }: Reader) => ({
  identifier: { system: 'urn:ietf:rfc:3986', value: base },
  display: 'Tsumugi 紡ぎ',
});

/** Of the client and of the server. */
const roles: Record<Kind['way'], readonly [Coding, Coding]> = {
  out: [coding(dicom, '110152', 'Destination Role ID'), coding(dicom, '110153', 'Source Role ID')],
  in: [coding(dicom, '110153', 'Source Role ID'), coding(dicom, '110152', 'Destination Role ID')],
  none: [coding(dicom, '110150', 'Application'), coding(custodian, 'custodian', 'Custodian')],
};

/** Client, server, and whoever used the client: exactly one of them asked. */
function agents(actor: Actor, kind: Kind, names: Names, reader: Reader, recipient?: string): AuditEventAgent[] {
  const { client, user, organization } = actor;
  const person = { in: 'AUT', out: 'IRCP', none: 'IRCP' }[kind.way];
  const [clientType, serverType] = roles[kind.way];
  const hasUser = user !== undefined || organization !== undefined;
  const organizationAs = organization && {
    reference: organization,
    display: whoWords({ client, organization }, names, reader.language),
  };
  const userAs = user && (!organization || !reader.isFamily) ? personAs(user) : organizationAs;
  return [
    { ...agentOf(clientType, { identifier: { value: client } }, !hasUser), ...(recipient && { name: recipient }) },
    { ...agentOf(serverType, serverAs(reader), false), network: { address: reader.base, type: '5' } },
    ...(userAs ? [agentOf(coding(participation, person), userAs, true)] : []),
    ...(organizationAs && userAs !== organizationAs ? [agentOf(coding(roleClass, 'PROV'), organizationAs, false)] : []),
  ];
}

const agentOf = (type: Coding, who: NonNullable<AuditEventAgent['who']>, requestor: boolean): AuditEventAgent => {
  return { type: { coding: [type] }, who, requestor };
};

/** R4 lets no Person be an agent by reference. */
const personAs = (user: string) => (user.startsWith('Person/') ? { identifier: { value: user } } : { reference: user });

function entities(entry: AuditEntry, kind: Kind, reader: Reader): AuditEventEntity[] {
  const { patient, data, type, request, interaction } = entry;
  const found: AuditEventEntity[] = [];
  if (patient)
    found.push({
      what: referenceTo('Patient', patient),
      type: coding(entityType, '1', 'Person'),
      role: coding(objectRole, '1', 'Patient'),
    });
  if (data && type)
    found.push({
      what: referenceTo(type, data, data.version),
      type: coding(entityType, '2', 'System Object'),
      role: coding(objectRole, '4', 'Domain Resource'),
    });
  if (interaction === 'search' || (kind.subtype === 'operation' && !data))
    found.push({
      type: coding(entityType, '2', 'System Object'),
      role: coding(objectRole, '24', 'Query'),
      description: 'Without the parameters, which may name people',
      query: base64(`${reader.base}/${type ?? ''}${interaction === 'search' ? '' : `$${interaction}`}`),
    });
  if (!reader.isFamily)
    found.push({ what: { identifier: { value: request } }, type: coding(balpEntityType, 'XrequestId') });
  return found;
}

/** What was erased with the id that a client had chosen for it is named by its key, which tells nobody what it was. */
function referenceTo(type: string, { id, key }: Named, version?: number): Reference {
  if (id === undefined)
    return { type: type as 'Patient', identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${key}` } };
  return { reference: `${type}/${id}${version === undefined ? '' : `/_history/${version}`}` };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const divOf = (text: string): string =>
  `<div xmlns="http://www.w3.org/1999/xhtml">${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}</div>`;
