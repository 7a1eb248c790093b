// Types without a patient that everyone needs to understand a record.

/** Nothing in them is about a person in care. Everything else outside a compartment (Binary, Group, AuditEvent …) is closed. */
export const directoryTypes: ReadonlySet<string> = new Set([
  'ActivityDefinition',
  'CodeSystem',
  'ConceptMap',
  'Endpoint',
  'HealthcareService',
  'Location',
  'Medication',
  'MedicationKnowledge',
  'OperationDefinition',
  'Organization',
  'PlanDefinition',
  'Practitioner',
  'PractitionerRole',
  'Questionnaire',
  'Schedule',
  'SearchParameter',
  'Slot',
  'StructureDefinition',
  'ValueSet',
]);
