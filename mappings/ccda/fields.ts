// What becomes of every field of a C-CDA document. A row stands for its element with the parts of its data type, and for what is
// inside it where no row of its own says more. HL7 C-CDA R2.1 on CDA R2.

import type { SourceField, SourceFormat } from '../fields.ts';

const PLACED = 'says which templates or kinds of statement follow; the mapping goes by it';
const READERS = 'for the people who exchange the document; it is read there';

/** `ClinicalDocument/…` and `section/…` from the top; the statements from their own names, wherever they stand. */
export const ccdaFields: SourceFormat = {
  id: 'ccda',
  title: 'C-CDA documents and sections',
  source: 'HL7 Consolidated CDA R2.1 (2015-08) on CDA R2',
  fields: [
    ...header(),
    ...section(),
    ...immunizationAndMedication(),
    ...observation(),
    ...actAndOrganizer(),
    ...procedureAndEncounter(),
    ...others(),
  ],
};

function to(at: string, name: string, ...paths: string[]): SourceField {
  return { at, name, to: paths };
}
function kept(at: string, name: string, why: string): SourceField {
  return { at, name, kept: why };
}
function dropped(at: string, name: string, why: string): SourceField {
  return { at, name, dropped: why };
}

function header(): SourceField[] {
  const at = (path: string): string => `ClinicalDocument/${path}`;
  return [
    dropped(at('realmCode'), 'realm', PLACED),
    dropped(at('typeId'), 'version of CDA', PLACED),
    dropped(at('templateId'), 'templates', PLACED),
    to(at('id'), 'document id', 'DocumentReference.masterIdentifier'),
    to(at('setId'), 'id of all versions', 'DocumentReference.identifier'),
    kept(at('versionNumber'), 'version number', 'the time of the document says which version stands'),
    to(at('code'), 'kind of document', 'DocumentReference.type'),
    to(at('title'), 'title', 'DocumentReference.description', 'DocumentReference.content.attachment.title'),
    to(at('effectiveTime'), 'time of writing', 'DocumentReference.date'),
    to(at('confidentialityCode'), 'confidentiality', 'Resource.meta.security'),
    to(at('languageCode'), 'language', 'DocumentReference.content.attachment.language'),
    kept(at('copyTime'), 'time of the copy', READERS),
    to(at('recordTarget/patientRole/id'), 'patient number', 'DocumentReference.subject'),
    dropped(
      at('recordTarget'),
      'name, address, birth and other facts of the person',
      "a document never changes the family's own Patient",
    ),
    to(at('author/assignedAuthor/assignedPerson/name'), 'author', 'DocumentReference.author.display'),
    kept(at('author'), 'more of the authors', READERS),
    to(
      at('custodian/assignedCustodian/representedCustodianOrganization/name'),
      'custodian',
      'DocumentReference.custodian.display',
    ),
    kept(at('custodian'), 'more of the custodian', READERS),
    ...[
      'dataEnterer',
      'informant',
      'informationRecipient',
      'legalAuthenticator',
      'authenticator',
      'participant',
      'inFulfillmentOf',
      'documentationOf',
      'relatedDocument',
      'authorization',
      'componentOf',
    ].map((name) => kept(at(name), name, READERS)),
    to(at('component/nonXMLBody'), 'a body that is no XML', 'DocumentReference.content.attachment.data'),
  ];
}

function section(): SourceField[] {
  const at = (path: string): string => `section/${path}`;
  return [
    dropped(at('templateId'), 'templates', PLACED),
    kept(at('id'), 'section id', 'sections are read in the document'),
    to(at('code'), 'kind of section', 'Observation.category', 'Condition.category'),
    kept(at('title'), 'title', 'sections are read in the document'),
    kept(at('text'), 'narrative', 'read in the document; what an entry refers to becomes its text'),
    kept(at('confidentialityCode'), 'confidentiality of a section', 'sections are read in the document'),
    kept(at('languageCode'), 'language of a section', 'sections are read in the document'),
    kept(at('author'), 'author of a section', 'sections are read in the document'),
    kept(at('informant'), 'informant of a section', 'sections are read in the document'),
    kept(at('subject'), 'somebody else whom the section is about', 'a record is of one person'),
  ];
}

function immunizationAndMedication(): SourceField[] {
  const at = (path: string): string => `substanceAdministration/${path}`;
  const drug = (path: string): string => at(`consumable/manufacturedProduct/${path}`);
  return [
    dropped(at('templateId'), 'templates', PLACED),
    to(at('@negationInd'), 'not given, not taken', 'Immunization.status', 'MedicationStatement.status'),
    to(at('id'), 'id', 'Immunization.identifier', 'MedicationStatement.identifier', 'MedicationRequest.identifier'),
    kept(at('code'), 'kind of administration', 'the template says it'),
    to(at('text'), 'narrative', 'MedicationStatement.dosage.text'),
    to(at('statusCode'), 'status', 'Immunization.status', 'MedicationStatement.status', 'MedicationRequest.status'),
    to(
      at('effectiveTime'),
      'time',
      'Immunization.occurrence[x]',
      'MedicationStatement.effective[x]',
      'MedicationStatement.dosage.timing',
    ),
    kept(at('priorityCode'), 'priority', READERS),
    to(at('repeatNumber'), 'number in series', 'Immunization.protocolApplied.doseNumber[x]'),
    to(at('routeCode'), 'route', 'Immunization.route', 'MedicationStatement.dosage.route'),
    to(at('approachSiteCode'), 'site', 'Immunization.site', 'MedicationStatement.dosage.site'),
    to(at('doseQuantity'), 'dose', 'Immunization.doseQuantity', 'MedicationStatement.dosage.doseAndRate.doseQuantity'),
    to(at('rateQuantity'), 'rate', 'MedicationStatement.dosage.doseAndRate.rateQuantity'),
    kept(at('maxDoseQuantity'), 'most in a time', READERS),
    kept(at('administrationUnitCode'), 'unit of administration', READERS),
    dropped(drug('templateId'), 'templates', PLACED),
    kept(drug('id'), 'id of the product', READERS),
    to(drug('manufacturedMaterial/code'), 'product', 'Immunization.vaccineCode', 'MedicationStatement.medication[x]'),
    to(
      drug('manufacturedMaterial/name'),
      'name of the product',
      'Immunization.vaccineCode.text',
      'MedicationStatement.medication[x]',
    ),
    to(drug('manufacturedMaterial/lotNumberText'), 'lot', 'Immunization.lotNumber'),
    to(drug('manufacturerOrganization/name'), 'maker', 'Immunization.manufacturer.display'),
    kept(drug('manufacturerOrganization'), 'more of the maker', READERS),
    to(at('performer/assignedEntity/id'), 'who gave it', 'Immunization.performer.actor.identifier'),
    to(
      at('performer/assignedEntity/assignedPerson/name'),
      'name of who gave it',
      'Immunization.performer.actor.display',
    ),
    to(at('performer/assignedEntity/representedOrganization/id'), 'where', 'Immunization.performer.actor.identifier'),
    to(
      at('performer/assignedEntity/representedOrganization/name'),
      'name of where',
      'Immunization.performer.actor.display',
    ),
    kept(at('performer'), 'address and telephone of who gave it', READERS),
    to(
      at('author/time'),
      'time of recording',
      'Immunization.recorded',
      'MedicationStatement.dateAsserted',
      'MedicationRequest.authoredOn',
    ),
    to(at('author/assignedAuthor/assignedPerson/name'), 'who recorded it', 'MedicationRequest.requester'),
    kept(at('author'), 'more of who recorded it', READERS),
    kept(at('informant'), 'informant', READERS),
    kept(at('participant'), 'other participants', READERS),
    to(at('precondition'), 'as needed', 'MedicationStatement.dosage.asNeeded[x]'),
  ];
}

function observation(): SourceField[] {
  const at = (path: string): string => `observation/${path}`;
  return [
    dropped(at('templateId'), 'templates', PLACED),
    to(at('@negationInd'), 'denied', 'Condition.verificationStatus', 'AllergyIntolerance.verificationStatus'),
    to(at('id'), 'id', 'Observation.identifier', 'Condition.identifier', 'AllergyIntolerance.identifier'),
    to(at('code'), 'what was observed; the reason of a refusal', 'Observation.code', 'Immunization.statusReason'),
    kept(at('text'), 'narrative', 'read in the document, but for what a code refers to'),
    to(at('statusCode'), 'status', 'Observation.status'),
    to(
      at('effectiveTime'),
      'time',
      'Observation.effective[x]',
      'Condition.onset[x]',
      'Condition.abatement[x]',
      'AllergyIntolerance.onset[x]',
    ),
    kept(at('priorityCode'), 'priority', READERS),
    to(
      at('value'),
      'value',
      'Observation.value[x]',
      'Observation.dataAbsentReason',
      'Condition.code',
      'Condition.clinicalStatus',
      'AllergyIntolerance.type',
      'AllergyIntolerance.category',
      'AllergyIntolerance.reaction.manifestation',
      'AllergyIntolerance.reaction.severity',
      'AllergyIntolerance.criticality',
      'MedicationStatement.reasonCode',
    ),
    to(at('interpretationCode'), 'interpretation', 'Observation.interpretation'),
    to(at('methodCode'), 'method', 'Observation.method'),
    to(at('targetSiteCode'), 'site', 'Observation.bodySite'),
    to(at('referenceRange'), 'reference range', 'Observation.referenceRange'),
    to(at('performer'), 'who observed', 'Observation.performer'),
    to(
      at('author/time'),
      'time of recording',
      'Observation.issued',
      'Condition.recordedDate',
      'AllergyIntolerance.recordedDate',
    ),
    to(at('author'), 'who recorded it', 'Observation.performer'),
    kept(at('informant'), 'informant', READERS),
    to(at('participant/participantRole/playingEntity'), 'substance', 'AllergyIntolerance.code'),
    kept(at('participant'), 'other participants', READERS),
    kept(at('specimen'), 'specimen', READERS),
    kept(at('reference'), 'other documents', READERS),
  ];
}

function actAndOrganizer(): SourceField[] {
  const act = (path: string): string => `act/${path}`;
  const organizer = (path: string): string => `organizer/${path}`;
  return [
    dropped(act('templateId'), 'templates', PLACED),
    kept(act('id'), 'id of a concern', 'the statements in it have their own'),
    kept(act('code'), 'kind of concern', 'the template says it'),
    to(act('text'), 'comment', 'Immunization.note', 'Observation.note'),
    to(act('statusCode'), 'status of a concern', 'Condition.clinicalStatus', 'AllergyIntolerance.clinicalStatus'),
    kept(act('effectiveTime'), 'time of a concern', 'how long it was watched, which is not how long it lasted'),
    kept(act('priorityCode'), 'priority', READERS),
    to(act('author/time'), 'time of recording', 'Condition.recordedDate', 'AllergyIntolerance.recordedDate'),
    kept(act('author'), 'who recorded it', READERS),
    kept(act('performer'), 'who did it', READERS),
    kept(act('participant'), 'other participants', READERS),
    dropped(organizer('templateId'), 'templates', PLACED),
    to(organizer('id'), 'id', 'DiagnosticReport.identifier'),
    to(organizer('code'), 'name of the panel', 'DiagnosticReport.code'),
    to(organizer('statusCode'), 'status', 'DiagnosticReport.status'),
    to(organizer('effectiveTime'), 'time', 'DiagnosticReport.effective[x]'),
    kept(organizer('author'), 'who recorded it', READERS),
    kept(organizer('performer'), 'who did it', READERS),
    kept(organizer('participant'), 'other participants', READERS),
    kept(organizer('specimen'), 'specimen', READERS),
  ];
}

function procedureAndEncounter(): SourceField[] {
  const procedure = (path: string): string => `procedure/${path}`;
  const encounter = (path: string): string => `encounter/${path}`;
  return [
    dropped(procedure('templateId'), 'templates', PLACED),
    to(procedure('@negationInd'), 'not done', 'Procedure.status'),
    to(procedure('id'), 'id', 'Procedure.identifier'),
    to(procedure('code'), 'procedure', 'Procedure.code'),
    kept(procedure('text'), 'narrative', 'read in the document, but for what a code refers to'),
    to(procedure('statusCode'), 'status', 'Procedure.status'),
    to(procedure('effectiveTime'), 'time', 'Procedure.performed[x]'),
    kept(procedure('priorityCode'), 'priority', READERS),
    kept(procedure('methodCode'), 'method', READERS),
    to(procedure('targetSiteCode'), 'site', 'Procedure.bodySite'),
    to(procedure('performer'), 'who did it', 'Procedure.performer.actor'),
    ...['author', 'informant', 'participant', 'specimen', 'approachSiteCode'].map((name) =>
      kept(procedure(name), name, READERS),
    ),
    dropped(encounter('templateId'), 'templates', PLACED),
    to(encounter('id'), 'id', 'Encounter.identifier'),
    to(encounter('code'), 'kind of encounter', 'Encounter.type', 'Encounter.class'),
    kept(encounter('text'), 'narrative', 'read in the document, but for what a code refers to'),
    to(encounter('statusCode'), 'status', 'Encounter.status'),
    to(encounter('effectiveTime'), 'time', 'Encounter.period'),
    kept(encounter('priorityCode'), 'priority', READERS),
    kept(encounter('dischargeDispositionCode'), 'discharge disposition', READERS),
    to(encounter('performer'), 'who was seen', 'Encounter.participant.individual'),
    to(encounter('participant'), 'place', 'Encounter.location'),
    kept(encounter('author'), 'author', READERS),
    kept(encounter('informant'), 'informant', READERS),
  ];
}

function others(): SourceField[] {
  return ['supply', 'observationMedia', 'regionOfInterest'].map((name) =>
    kept(name, name, 'no statement of its own in a record; it is read in the document'),
  );
}
