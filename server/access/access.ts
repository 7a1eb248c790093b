// What a caller may do, as one value. Pure. Scopes follow SMART App Launch 2.2 (section 3, v2 scopes `cruds`; v1 words are
// read as their v2 equals). Later issues add guardianship and consent as further sources of grants, not further checks.

export type Interaction = 'create' | 'read' | 'update' | 'delete' | 'search';

export type Grant = {
  context: 'system' | 'patient';
  /** A resource type, or `*`. */
  type: string;
  interactions: ReadonlySet<Interaction>;
};

export type Access = {
  /** The client as it appears in the audit. */
  client: string;
  /** The Patient id that `patient/` grants are bound to. */
  patient?: string;
  grants: readonly Grant[];
};

/** How far an interaction reaches: everyone's records, one patient's, or nothing. */
export type Reach = { kind: 'all' } | { kind: 'patient'; patient: string } | { kind: 'none' };

/**
 * Types without a patient that a patient's app needs to understand the record. Nothing in them is about a person in care.
 * Everything else outside a compartment (Binary, Group, AuditEvent …) stays closed to `patient/` grants.
 */
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

/** The widest reach that any grant gives for this interaction on this type. */
export function reachOf(access: Access, interaction: Interaction, type: string): Reach {
  let reach: Reach = { kind: 'none' };
  for (const grant of access.grants) {
    if ((grant.type !== '*' && grant.type !== type) || !grant.interactions.has(interaction)) continue;
    if (grant.context === 'system') return { kind: 'all' };
    if (access.patient !== undefined) reach = { kind: 'patient', patient: access.patient };
  }
  return reach;
}

/**
 * May a resource in the compartments of `patients` (Patient ids) be written so? A patient's app writes only what is in
 * that patient's compartment and in nobody else's.
 */
export function allow(access: Access, interaction: Interaction, type: string, patients: readonly string[]): boolean {
  const reach = reachOf(access, interaction, type);
  if (reach.kind === 'patient') return patients.length > 0 && patients.every((id) => id === reach.patient);
  return reach.kind === 'all';
}

/** Clients that write for a whole system may also choose ids; an id that a family chose could be somebody else's. */
export function mayChooseId(access: Access, type: string): boolean {
  return reachOf(access, 'create', type).kind === 'all' && reachOf(access, 'update', type).kind === 'all';
}

/** The named access of the server's own work; it shows in the audit as `system:NAME`. */
export function systemAccess(name: string): Access {
  const interactions = new Set<Interaction>(['create', 'read', 'update', 'delete', 'search']);
  return { client: `system:${name}`, grants: [{ context: 'system', type: '*', interactions }] };
}
