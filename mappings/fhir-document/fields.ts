// What becomes of every part of a FHIR document, message or named collection: of the Bundle, of each type of resource, and of the
// sections of the Japanese documents. JP-CLINS 1.5.2, eReferral, eCheckup 1.0.0, ePrescription 0.1.0; IPS.

import type { SourceField, SourceFormat } from '../fields.ts';
import { recordTypes } from './record-types.ts';
import { sections } from './sections.ts';

const SECTIONS = 'a document holds them beside each other; each resource is found by itself too';

export const fhirDocumentFields: SourceFormat = {
  id: 'fhir',
  title: 'FHIR documents, messages and collections',
  source: 'HL7 FHIR R4 documents and messaging; JP-CLINS 1.5.2, eReferral, eCheckup 1.0.0, ePrescription 0.1.0; IPS',
  fields: [
    { at: 'Bundle.identifier', name: 'what the sender calls it', to: ['DocumentReference.masterIdentifier'] },
    { at: 'Bundle.timestamp', name: 'when it was made', to: ['DocumentReference.date'] },
    { at: 'Bundle.signature', name: 'signature', kept: 'it is over the Bundle as it was sent' },
    { at: 'Bundle.meta', name: 'profiles and tags of the Bundle', kept: 'they are those of the Bundle' },
    { at: 'Bundle.language', name: 'language', to: ['DocumentReference.content.attachment.language'] },
    { at: 'Bundle.entry.link', name: 'links', kept: 'they lead to the server of the sender' },
    {
      at: 'Patient',
      name: 'the person',
      dropped: "a document never changes the family's own Patient; it says whose it is by its identifier",
    },
    { at: 'MessageHeader', name: 'head of a message', kept: 'it is about the sending, and not about a person' },
    ...[...recordTypes].map((type) => ({ at: type, name: 'a resource of the record', to: [type] })),
    ...[
      'Practitioner',
      'PractitionerRole',
      'Organization',
      'Location',
      'HealthcareService',
      'Medication',
      'Device',
      'Substance',
      'RelatedPerson',
      'Group',
      'Endpoint',
    ].map((type) => ({ at: type, name: 'what a resource of the record speaks of', to: ['Resource.contained'] })),
    {
      at: 'AdverseEvent',
      name: 'an adverse event',
      kept: 'R4 cannot find one by an identifier, so that it would double',
    },
    { at: 'Binary', name: 'a file', to: ['Attachment.data'] },
    ...[
      'Consent',
      'Person',
      'Provenance',
      'AuditEvent',
      'Task',
      'List',
      'Account',
      'Claim',
      'ExplanationOfBenefit',
    ].map((type) => ({
      at: type,
      name: 'rights, lists and traces of the sender',
      kept: 'they say what holds at the sender, and not here',
    })),
    ...japaneseSections(),
  ],
};

/** Of the code systems of the sections; all of them stay sections of the Composition. */
function japaneseSections(): SourceField[] {
  return Object.entries(sections).flatMap(([system, named]) =>
    Object.entries(named).map(([code, name]) => ({
      at: `Composition.section[${system}|${code}]`,
      name: `${name}: ${SECTIONS}`,
      to: ['Composition.section'],
    })),
  );
}
