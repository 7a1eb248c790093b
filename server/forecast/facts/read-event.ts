// What a Procedure, a MedicationAdministration and a MedicationStatement say: something given or done, until a day. FHIR R4.
import type { CodeableConcept, MedicationAdministration, MedicationStatement, Procedure } from '@medplum/fhirtypes';
import { dated, ending, named, sourceOf } from './read-condition.ts';
import type { Result, Statement } from './statement.ts';

export function readProcedure(procedure: Procedure): Statement[] {
  if (!DONE.has(procedure.status)) return [];
  const { performedDateTime, performedPeriod } = procedure;
  return [
    {
      kind: 'procedure',
      of: 'self',
      ...named(procedure.code),
      ...dated(performedDateTime ?? performedPeriod?.start),
      ...ending(performedPeriod?.end),
      isActive: true,
      isCertain: true,
      source: sourceOf(procedure),
    },
  ];
}

/** `result` is the dose of one administration: waiting times can hang on it. */
export function readAdministration(given: MedicationAdministration): Statement[] {
  // A stopped administration has begun.
  if (!DONE.has(given.status) && given.status !== 'stopped') return [];
  const { effectiveDateTime, effectivePeriod, dosage } = given;
  const dose = dosage?.dose;
  return [
    {
      ...medicationNamed(given),
      ...dated(effectiveDateTime ?? effectivePeriod?.start),
      ...ending(effectivePeriod?.end),
      isActive: given.status === 'in-progress',
      isCertain: true,
      ...(dose?.value === undefined ? {} : { result: quantity(dose) }),
      source: sourceOf(given),
    },
  ];
}

export function readMedicationStatement(statement: MedicationStatement): Statement[] {
  if (!TAKEN.has(statement.status)) return [];
  const { effectiveDateTime, effectivePeriod, dateAsserted } = statement;
  const dose = statement.dosage?.[0]?.doseAndRate?.[0]?.doseQuantity;
  return [
    {
      ...medicationNamed(statement),
      ...dated(effectiveDateTime ?? effectivePeriod?.start ?? dateAsserted),
      ...ending(effectivePeriod?.end),
      isActive: statement.status === 'active',
      isCertain: true,
      ...(dose?.value === undefined ? {} : { result: quantity(dose) }),
      source: sourceOf(statement),
    },
  ];
}

const DONE = new Set(['completed', 'in-progress']);
const TAKEN = new Set(['active', 'completed', 'stopped', 'on-hold']);

type Named = MedicationAdministration | MedicationStatement;

/** By the concept, a contained Medication, or the words beside a reference; what a reference leads to is not read. */
function medicationNamed(given: Named): Pick<Statement, 'kind' | 'of' | 'codings' | 'names'> {
  const { reference, display } = given.medicationReference ?? {};
  const inside = given.contained?.find(({ id }) => id !== undefined && `#${id}` === reference);
  const contained: CodeableConcept | undefined = inside?.resourceType === 'Medication' ? inside.code : undefined;
  const { codings, names } = named(given.medicationCodeableConcept ?? contained);
  return { kind: 'medication', of: 'self', codings, names: display === undefined ? names : [...names, display] };
}

function quantity({ value, code, unit }: { value?: number; code?: string; unit?: string }): Result {
  const written = code ?? unit;
  return { ...(value === undefined ? {} : { value }), ...(written === undefined ? {} : { unit: written }) };
}
