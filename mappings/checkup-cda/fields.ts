// What becomes of every element and attribute of a check-up report, as paths from the root: `recordTarget/patientRole/id@root`.
// Panels nest observations in observations; their paths are those of the innermost one.

import type { SourceField, SourceFormat } from '../fields.ts';

const to = (at: string, name: string, ...paths: string[]): SourceField => ({ at, name, to: paths });
const kept = (at: string, name: string, why: string): SourceField => ({ at, name, kept: why });

const theFile = 'It stays in the file, which the DocumentReference holds';
const notThePersons = 'The person is named by who imports; a report never changes the Patient or the insurance';

const o = 'observation';

export const checkupCdaFields: SourceFormat = {
  id: 'checkup-cda',
  title: 'Report of a specific health check-up (特定健診)',
  source: 'hc08 V08, HL7 CDA R2 (MHLW)',
  fields: [
    kept('typeId@root', 'Kind of CDA', theFile),
    kept('typeId@extension', 'Kind of CDA', theFile),
    to('id@root', 'Id of the document', 'DocumentReference.identifier', 'the id of the message'),
    to('id@extension', 'Id of the document', 'DocumentReference.identifier', 'the id of the message'),
    to('code@code', 'Kind of report (報告区分)', 'DiagnosticReport.category'),
    kept('code@codeSystem', 'Its table', theFile),
    to('title', 'Title', 'DiagnosticReport.code.text', 'DocumentReference.type.text'),
    to(
      'effectiveTime@value',
      'When the document was made',
      'DocumentReference.content.attachment.creation',
      'the time of the message',
    ),
    kept('confidentialityCode@code', 'Confidentiality', theFile),
    ...[
      'id@root',
      'id@extension',
      'addr',
      'addr/postalCode',
      'patient/name',
      'patient/administrativeGenderCode@code',
      'patient/administrativeGenderCode@codeSystem',
      'patient/birthTime@value',
    ].map((at) => kept(`recordTarget/patientRole/${at}`, 'The person and the insurance', notThePersons)),
    kept('author/time@value', 'When it was written', theFile),
    kept('author/assignedAuthor/id@nullFlavor', 'Who wrote it', theFile),
    kept('author/assignedAuthor/representedOrganization/id@root', 'Table of institutions', theFile),
    to(
      'author/assignedAuthor/representedOrganization/id@extension',
      'Institution, 10 digits (健診機関番号)',
      'DiagnosticReport.performer.identifier',
      'Observation.performer.identifier',
    ),
    to(
      'author/assignedAuthor/representedOrganization/name',
      'Institution',
      'DiagnosticReport.performer.display',
      'DocumentReference.author.display',
    ),
    kept('author/assignedAuthor/representedOrganization/telecom@value', 'Its telephone', theFile),
    kept('author/assignedAuthor/representedOrganization/addr', 'Its address', theFile),
    kept(
      'custodian/assignedCustodian/representedCustodianOrganization/id@nullFlavor',
      'Who keeps the original',
      theFile,
    ),
    ...[
      '@typeCode',
      '/functionCode@code',
      '/functionCode@codeSystem',
      '/time/high@value',
      '/associatedEntity@classCode',
      '/associatedEntity/id@root',
      '/associatedEntity/id@extension',
    ].map((at) =>
      kept(`participant${at}`, 'The ticket (受診券・利用券)', 'It is of use to insurer and institution alone'),
    ),
    to('documentationOf/serviceEvent/code@code', 'Programme of the check-up', 'DiagnosticReport.code'),
    kept('documentationOf/serviceEvent/code@codeSystem', 'Its table', theFile),
    to(
      'documentationOf/serviceEvent/effectiveTime@value',
      'Day of the check-up (健診実施日)',
      'DiagnosticReport.effectiveDateTime',
      'Observation.effectiveDateTime',
    ),
    ...['section/code@code', 'section/code@codeSystem', 'section/code@displayName', 'section/title'].map((at) =>
      kept(at, 'Section', 'The items say themselves what they are'),
    ),
    to('section/text', 'Words of a section without entries', 'DiagnosticReport.conclusion'),
    kept(`${o}@classCode`, 'CDA', theFile),
    kept(`${o}@moodCode`, 'CDA', theFile),
    to(`${o}@negationInd`, 'Not done (未実施)', 'Observation.status', 'Observation.dataAbsentReason'),
    to(`${o}/code@code`, 'Item, 17 characters (健診項目コード)', 'Observation.code.coding.code'),
    to(`${o}/code@codeSystem`, 'Its table', 'Observation.code.coding.system'),
    to(`${o}/code@displayName`, 'Its name', 'Observation.code.text'),
    to(`${o}/value@type`, 'Kind of the value', 'Observation.value[x]'),
    to(`${o}/value`, 'Words', 'Observation.valueString'),
    to(`${o}/value@value`, 'Value', 'Observation.valueQuantity.value'),
    to(`${o}/value@unit`, 'Unit', 'Observation.valueQuantity.unit', 'Observation.valueQuantity.code'),
    to(`${o}/value@code`, 'Coded value', 'Observation.valueCodeableConcept.coding.code'),
    to(`${o}/value@codeSystem`, 'Its table', 'Observation.valueCodeableConcept.coding.system'),
    to(`${o}/value@displayName`, 'Its name', 'Observation.valueCodeableConcept.text'),
    to(`${o}/value@nullFlavor`, 'Why there is no value', 'Observation.dataAbsentReason'),
    to(`${o}/interpretationCode@code`, 'High, low, normal', 'Observation.interpretation'),
    to(`${o}/interpretationCode@codeSystem`, 'Its table', 'Observation.interpretation'),
    to(`${o}/methodCode@code`, 'Method', 'Observation.method'),
    to(`${o}/methodCode@codeSystem`, 'Its table', 'Observation.method'),
    to(`${o}/effectiveTime@value`, 'Its own time', 'Observation.effectiveDateTime'),
    to(`${o}/text`, 'Words', 'Observation.note'),
    to(`${o}/targetSiteCode@code`, 'Site', 'Observation.bodySite'),
    to(`${o}/referenceRange/observationRange/value@type`, 'Reference range', 'Observation.referenceRange'),
    ...['low', 'high'].flatMap((side) => [
      to(
        `${o}/referenceRange/observationRange/value/${side}@value`,
        `Reference range: ${side}`,
        `Observation.referenceRange.${side}`,
      ),
      to(
        `${o}/referenceRange/observationRange/value/${side}@unit`,
        `Reference range: unit`,
        `Observation.referenceRange.${side}.unit`,
      ),
    ]),
    to(`${o}/referenceRange/observationRange/text`, 'Reference range: words', 'Observation.referenceRange.text'),
    to('entryRelationship@typeCode', 'Panel (COMP) or reason (RSON)', 'Observation.hasMember'),
  ],
};
