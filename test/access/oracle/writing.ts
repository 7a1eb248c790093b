// "Writing": what may be entered, and what may be changed of what is there. Scopes are judged by the caller of these.
import { kindOf, labelsOf, patientsOf, textsAt, valuesAt } from './entry.ts';
import { writingBases } from './permissions.ts';
import { type Caller, type Entry, type Resource, type Role, roleOf, type World } from './world.ts';

/** "Not RelatedPerson, Person, Provenance, AuditEvent, Flag: the operations do those." */
const notForFamilies = ['RelatedPerson', 'Person', 'Provenance', 'AuditEvent', 'Flag'];

/** "creates and changes its own" */
const ofOrganizations = [
  ...[
    'Practitioner',
    'PractitionerRole',
    'Location',
    'HealthcareService',
    'Schedule',
    'Slot',
    'Endpoint',
    'Medication',
  ],
  ...['Questionnaire', 'Group'],
];

/** Whether this may become the content: of a new entry, or in the place of `before`. */
export function mayPlace(
  world: World,
  caller: Caller,
  after: Entry,
  before: Entry | undefined,
  momentMs: number,
): boolean {
  const role = roleOf(caller);
  const { resource } = after;
  if (role === 'deployment') return caller.patient === undefined || isOnlyOf(resource, caller.patient);
  // "Nobody but the deployment sets `meta.source`, removes a label, or chooses an id that is free."
  if (setsSource(resource, before?.resource) || (before && removesLabel(before.resource, resource))) return false;
  if (resource.resourceType === 'Patient') return mayPlacePatient(world, caller, role, resource, before, momentMs);
  const patients = patientsOf(resource);
  const bases = patients.map((patient) => writingBases(world, caller, patient, momentMs));
  if (role === 'family') {
    // "creates entries that are only in compartments it may write"
    return (
      patients.length > 0 &&
      !notForFamilies.includes(resource.resourceType) &&
      bases.every((one) => one.includes('self') || one.includes('guardian'))
    );
  }
  if (role === 'operator') return false;
  if (kindOf(resource) !== 'record') return ofOrganizations.includes(resource.resourceType);
  // "creates entries whose owner it may write (`link`, `residence`) and which are in no compartment that it may not write; updates
  // … what its own organization wrote": an update needs the right anew only for patients that it adds.
  const known = before ? patientsOf(before.resource) : [];
  return patients.every((patient, at) => known.includes(patient) || (bases[at] ?? []).length > 0);
}

/**
 * Family: "the Patient too, without adding identifiers … may create a Patient without any right to it". "Patient: municipality, by
 * `residence`; a municipality also creates one."
 */
function mayPlacePatient(
  world: World,
  caller: Caller,
  role: Role,
  patient: Resource,
  before: Entry | undefined,
  momentMs: number,
): boolean {
  const isMunicipality = caller.organization !== undefined && world.municipalities.includes(caller.organization);
  if (!before) return role === 'family' || isMunicipality;
  const bases = writingBases(world, caller, patient.id, momentMs);
  if (role !== 'family') return isMunicipality && bases.includes('residence');
  return bases.includes('self') || bases.includes('guardian');
}

/** Whether the entry, which the caller reads, may be changed or deleted. */
export function mayChange(
  world: World,
  caller: Caller,
  method: 'update' | 'patch' | 'delete',
  before: Entry,
  momentMs: number,
): boolean {
  const role = roleOf(caller);
  const { resource, writer } = before;
  if (role === 'deployment') return caller.patient === undefined || isOnlyOf(resource, caller.patient);
  if (resource.resourceType === 'Patient')
    return method !== 'delete' && mayPlacePatient(world, caller, role, resource, before, momentMs);
  // Family: "changes and deletes those without a writer, within what it may read"; those are entries that it might have created.
  if (role === 'family') return writer === undefined && mayPlace(world, caller, before, before, momentMs);
  // "updates, marks and deletes what its own organization wrote"; "its own Organization is changed by the deployment"
  return writer !== undefined && writer === caller.organization && resource.resourceType !== 'Organization';
}

const isOnlyOf = (resource: Resource, patient: string): boolean =>
  patientsOf(resource).length === 1 && patientsOf(resource)[0] === patient;

const setsSource = (after: Resource, before: Resource | undefined): boolean =>
  textsAt(after, 'meta.source').some((source) => !textsAt(before, 'meta.source').includes(source));

function removesLabel(before: Resource, after: Resource): boolean {
  const [old, next] = [labelsOf(before), labelsOf(after)];
  const rank = ['N', 'R', 'V'];
  return (
    rank.indexOf(next.level) < rank.indexOf(old.level) ||
    old.sensitivities.some((one) => !next.sensitivities.includes(one))
  );
}

/** "the Patient too, without adding identifiers" */
export function addsIdentifier(before: Resource, after: Resource): boolean {
  if (before.resourceType !== 'Patient') return false;
  const known = valuesAt(before, 'identifier').map((one) => JSON.stringify(one));
  return valuesAt(after, 'identifier').some((one) => !known.includes(JSON.stringify(one)));
}
