// A resource as its source takes it back: still there under its identifier, and marked as entered in error.
// FHIR R4: the status of each type; con-5 and ait-2 ask that clinicalStatus is then absent.

import type { BundleEntry } from '@medplum/fhirtypes';
import { type Identified, replaceEntry } from '../record.ts';

/** Types whose status has the code entered-in-error. */
const BY_STATUS = new Set([
  'Appointment',
  'CarePlan',
  'ClinicalImpression',
  'Composition',
  'Coverage',
  'DetectedIssue',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'FamilyMemberHistory',
  'Flag',
  'ImagingStudy',
  'Immunization',
  'List',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'NutritionOrder',
  'Observation',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
]);

const VERIFICATION: Record<string, string> = {
  AllergyIntolerance: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
  Condition: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
};

/** The entry that takes it back. What other files share (people, places, products) does not fall with one file and stays as it is. */
export function withdrawn(entry: BundleEntry): BundleEntry {
  const resource = entry.resource as (Identified & { clinicalStatus?: unknown }) | undefined;
  const system = VERIFICATION[resource?.resourceType ?? ''];
  if (resource && system) {
    const { clinicalStatus: _, ...rest } = resource;
    const verificationStatus = { coding: [{ system, code: 'entered-in-error' }] };
    return replaceEntry({ ...rest, verificationStatus } as Identified);
  }
  if (resource && BY_STATUS.has(resource.resourceType))
    return replaceEntry({ ...resource, status: 'entered-in-error' } as Identified);
  return entry;
}
