// "A permission joins one patient and one grantee on a basis": the table of bases, one function for each row, and what denies.
// Each says whether it permits the entry at the moment; `mayWrite` is the last column.
import { type Asked, consentSays, countingConsents, policyOf } from './consents.ts';
import { authoredMs, labelsOf, patientsOf, textsAt, valuesAt } from './entry.ts';
import { birthdayMs, isWithin } from './moments.ts';
import { type Caller, type Category, type Entry, granteesOf, purposeOf, type Relation, type World } from './world.ts';

type Question = Asked & { patient: string };

/**
 * "An entry of several patients is permitted by a permission for any of them when the basis is self, guardian or invited, and
 * only by one for its owner on every other basis. It is denied by a denial for any of them."
 */
export function permits(asked: Asked): boolean {
  const patients = patientsOf(asked.entry.resource);
  const owner = patients.slice(0, 1);
  // "research data leaves by the de-identified export only, so purpose HRESCH permits no reading here"
  if (purposeOf(asked.caller) === 'HRESCH') return false;
  if (patients.some((patient) => denies({ ...asked, patient }))) return false;
  return (
    patients.some((patient) => [self, guardian, invited].some((basis) => basis({ ...asked, patient }))) ||
    owner.some((patient) => [residence, link, consent, breakGlass].some((basis) => basis({ ...asked, patient })))
  );
}

/** "`suspension` … denies all", and the denials of Consents. */
function denies(question: Question): boolean {
  const { world, caller, momentMs, patient } = question;
  if (isSuspended(world, caller.user, patient, momentMs)) return true;
  // "Policy-deny and Policy-break-glass-only: the Consent's permits have no effect, break-glass has": their denials are not for it.
  const isBroken = breakGlass({ ...question, patient });
  return countingConsents(world, caller, patient).some(
    (one) => consentSays(question, one) === 'deny' && !(isBroken && isDenyPolicy(one.consent)),
  );
}

const isDenyPolicy = (consent: Entry): boolean => /\/Policy-(deny|break-glass-only)$/.test(policyOf(consent));

export function isSuspended(world: World, user: string | undefined, patient: string, momentMs: number): boolean {
  return world.suspensions.some(
    (one) => `Person/${one.person}` === user && one.patient === patient && isWithin(momentMs, one),
  );
}

/** `self`: Person, from the 15th birthday, never ends; all labels, all entries. */
function self({ world, caller, patient, momentMs }: Question): boolean {
  return relationsOf(world, caller.user, patient, 'self').some((one) => isInForce(world, one, momentMs));
}

/**
 * `guardian`: from the start of the relation until the earlier of its end and the 18th birthday; all labels, "R and V authored
 * on or after the 15th birthday only if the young person agreed"; all entries.
 */
function guardian({ world, caller, entry, patient, momentMs }: Question): boolean {
  const isYoungPersons =
    labelsOf(entry.resource).level !== 'N' && authoredMs(entry) >= birthdayMs(birthDateOf(world, patient), 15);
  const hasAgreed = world.relations.some(
    (one) => one.kind === 'self' && one.patient === patient && one.status === 'active' && one.agreed === true,
  );
  return (
    (!isYoungPersons || hasAgreed) &&
    relationsOf(world, caller.user, patient, 'guardian').some((one) => isInForce(world, one, momentMs))
  );
}

/**
 * `invited`: "the relation's period, and not longer than the inviter's own permission"; N only; the ticked categories.
 * AuditEvents are read by self and guardian and nobody else, so by none of what follows.
 */
function invited({ world, caller, entry, patient, momentMs }: Question): boolean {
  return relationsOf(world, caller.user, patient, 'invited').some(
    (one) =>
      isInForce(world, one, momentMs) &&
      labelsOf(entry.resource).level === 'N' &&
      (entry.resource.resourceType === 'Patient' || (one.categories ?? []).some((category) => isOf(category, entry))),
  );
}

/** `residence`: the municipality, for the period of residence; "N, and SDV with its R"; types for public health. */
function residence({ world, caller, entry, patient, momentMs }: Question): boolean {
  const { level, sensitivities } = labelsOf(entry.resource);
  const isViolence = level === 'R' && sensitivities.length > 0 && sensitivities.every((one) => one === 'SDV');
  return (
    hasTie(world, caller, 'residence', patient, momentMs) &&
    (level === 'N' || isViolence) &&
    publicHealth.includes(entry.resource.resourceType)
  );
}

/** `link`: the facility, while linked; N; Patient only. */
function link({ world, caller, entry, patient, momentMs }: Question): boolean {
  return (
    hasTie(world, caller, 'link', patient, momentMs) &&
    labelsOf(entry.resource).level === 'N' &&
    entry.resource.resourceType === 'Patient'
  );
}

/** `consent`: as the provision says. */
function consent(question: Question): boolean {
  const { world, caller, patient, entry } = question;
  return (
    entry.resource.resourceType !== 'AuditEvent' &&
    countingConsents(world, caller, patient).some(
      (one) => !isDenyPolicy(one.consent) && consentSays(question, one) === 'permit',
    )
  );
}

/** `break-glass`: the Practitioner, for 30 minutes; "N, R with every sensitivity but SDV; not V"; all entries. */
function breakGlass({ world, caller, entry, patient, momentMs }: Question): boolean {
  const { level, sensitivities } = labelsOf(entry.resource);
  return (
    entry.resource.resourceType !== 'AuditEvent' &&
    level !== 'V' &&
    !sensitivities.includes('SDV') &&
    world.breakGlass.some(
      (one) =>
        `Practitioner/${one.practitioner}` === caller.user &&
        one.patient === patient &&
        isWithin(momentMs, { fromMs: one.atMs, untilMs: one.atMs + 30 * 60_000 }),
    )
  );
}

/** Bases with "may write" for this patient, at this moment: self, guardian, residence, link; none where suspended. */
export function writingBases(
  world: World,
  caller: Caller,
  patient: string,
  momentMs: number,
): ('self' | 'guardian' | 'residence' | 'link')[] {
  if (purposeOf(caller) === 'HRESCH' || isSuspended(world, caller.user, patient, momentMs)) return [];
  const family = (['self', 'guardian'] as const).filter((kind) =>
    relationsOf(world, caller.user, patient, kind).some((one) => isInForce(world, one, momentMs)),
  );
  const ties = (['residence', 'link'] as const).filter((kind) => hasTie(world, caller, kind, patient, momentMs));
  return [...family, ...ties];
}

const relationsOf = (world: World, user: string | undefined, patient: string, kind: Relation['kind']): Relation[] =>
  world.relations.filter((one) => `Person/${one.person}` === user && one.patient === patient && one.kind === kind);

/** "A pending or ended relation gives nothing", and the columns "from, until". */
function isInForce(world: World, relation: Relation, momentMs: number): boolean {
  const { kind, status, patient, inviter } = relation;
  const birthDate = birthDateOf(world, patient);
  if (status !== 'active' || !isWithin(momentMs, relation)) return false;
  if (kind === 'self') return momentMs >= birthdayMs(birthDate, 15);
  if (kind === 'guardian') return momentMs < birthdayMs(birthDate, 18);
  // The inviter's own permission is one as guardian or self; a suspended inviter has what a stranger has, and so nothing to share.
  return (
    !isSuspended(world, `Person/${inviter}`, patient, momentMs) &&
    world.relations.some(
      (one) =>
        one.person === inviter && one.patient === patient && one.kind !== 'invited' && isInForce(world, one, momentMs),
    )
  );
}

function hasTie(world: World, caller: Caller, kind: 'residence' | 'link', patient: string, momentMs: number): boolean {
  return world.ties.some(
    (one) =>
      granteesOf(caller).includes(`Organization/${one.organization}`) &&
      one.kind === kind &&
      one.patient === patient &&
      isWithin(momentMs, one),
  );
}

export function birthDateOf(world: World, patient: string): string | undefined {
  const found = world.entries.find(({ resource }) => resource.resourceType === 'Patient' && resource.id === patient);
  return textsAt(found?.resource, 'birthDate')[0];
}

/** "Categories a guardian may tick". */
const categoryTypes: Record<Exclude<Category, 'growth'>, string[]> = {
  vaccination: ['Immunization', 'ImmunizationRecommendation'],
  checkup: ['Observation', 'Encounter', 'DiagnosticReport'],
  appointment: ['Appointment'],
  photo: ['DocumentReference', 'Media'],
};

/** LOINC body weight, body height, head circumference, BMI. */
const growthCodes = ['29463-7', '8302-2', '9843-4', '39156-5'];

function isOf(category: Category, { resource }: Entry): boolean {
  if (category !== 'growth') return categoryTypes[category].includes(resource.resourceType);
  const codes = valuesAt(resource, 'code.coding')
    .filter((coding) => textsAt(coding, 'system').includes('http://loinc.org'))
    .flatMap((coding) => textsAt(coding, 'code'));
  return resource.resourceType === 'Observation' && codes.some((code) => growthCodes.includes(code));
}

/** "Public health: …" */
const publicHealth = [
  ...[
    'Patient',
    'RelatedPerson',
    'Immunization',
    'ImmunizationRecommendation',
    'Observation',
    'Encounter',
    'Appointment',
  ],
  ...['QuestionnaireResponse', 'RiskAssessment', 'Task', 'Communication', 'DiagnosticReport', 'Flag', 'Coverage'],
];
