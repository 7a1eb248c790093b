// Which resources of a document become part of a record, and by which element they say whose they are. All of these are in the
// Patient compartment and can be found by identifier. FHIR R4, https://hl7.org/fhir/R4/compartmentdefinition-patient.html

import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import type { Item, SentBundle } from './bundle.ts';
import { identifiersOf } from './identity.ts';

// What tells of a person's health. Who may act for them (RelatedPerson, Consent) is not for a document to say, and
// Practitioner, Organization, Medication and the like go into the resources that speak of them.
export const recordTypes: ReadonlySet<string> = new Set([
  'AllergyIntolerance',
  'BodyStructure',
  'CarePlan',
  'CareTeam',
  'ClinicalImpression',
  'Communication',
  'CommunicationRequest',
  'Composition',
  'Condition',
  'Coverage',
  'DetectedIssue',
  'DeviceRequest',
  'DeviceUseStatement',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'ImagingStudy',
  'Immunization',
  'ImmunizationEvaluation',
  'ImmunizationRecommendation',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'MolecularSequence',
  'NutritionOrder',
  'Observation',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
  'VisionPrescription',
]);

/** Types whose identifier is one and no list. */
export const oneIdentifier: ReadonlySet<string> = new Set(['Composition', 'QuestionnaireResponse']);
const subjectElements: Readonly<Record<string, string | undefined>> = {
  AllergyIntolerance: 'patient',
  BodyStructure: 'patient',
  Coverage: 'beneficiary',
  DetectedIssue: 'patient',
  EpisodeOfCare: 'patient',
  FamilyMemberHistory: 'patient',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  MolecularSequence: 'patient',
  NutritionOrder: 'patient',
  VisionPrescription: 'patient',
};

/** The element that says whose a resource of a record is. */
export const subjectElement = (type: string): string => subjectElements[type] ?? 'subject';

/** True for what a record holds and is about the Patient of the Bundle, or names nobody and so is about the subject of it all. */
export function isOfRecord(item: Item, { resolve, patient }: SentBundle): boolean {
  if (!recordTypes.has(item.type)) return false;
  const subject = item.resource[subjectElement(item.type)];
  if (!isObject(subject)) return true;
  if (typeof subject.reference === 'string')
    return resolve(subject.reference, item)?.type === 'Patient' || isPatient(subject.reference, subject);
  if (subject.type === 'Patient') return true;
  const [said] = identifiersOf(subject);
  const own = patient ? identifiersOf(patient.resource) : [];
  return said === undefined || own.some(({ system, value }) => system === said.system && value === said.value);
}

/** True when a reference is to a Patient, as far as its words say. */
export const isPatient = (reference: string, { type }: JsonObject): boolean =>
  type === 'Patient' || /(?:^|\/)Patient(?:\/[^/]*|\?.*)$/.test(reference);
