// Consents -> permissions (decision 11, "Consents"). FHIR R4 Consent in the shapes of IHE PCF: what counts, and for whom; what
// its provisions say is in provision.ts. Pure.

import { CANONICAL } from '../fhir/canonical.ts';
import { rangeOf } from '../fhir/date-range.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { localReference } from '../fhir/references.ts';
import type { Permission } from './permission.ts';
import { bases, breakGlassMs } from './policy.ts';
import { actReasonsOf, conditionsOf, granteesOf, listOf, periodOf } from './provision.ts';

/** A stored Consent; `updated` is ISO 8601. */
export type StoredConsent = { resource: JsonObject; updated: string };

/** The policy of what `$break-glass` makes, and of nothing else. */
export const breakGlassPolicy = `${CANONICAL}/Policy-break-glass`;

/** Consents of these permit nothing and leave break-glass its way. */
const closingPolicies: ReadonlySet<string> = new Set([
  'https://profiles.ihe.net/ITI/PCF/Policy-deny',
  'https://profiles.ihe.net/ITI/PCF/Policy-break-glass-only',
]);

/** `RelatedPerson/[id]` of the patient -> the `Person/[id]` behind it: R4 lets a Consent name the one and not the other. */
export type People = ReadonlyMap<string, string>;

/** What the Consents of one patient permit and deny together, each with the id of the Consent that says it. */
export function permissionsOfConsents(
  consents: readonly StoredConsent[],
  people: People = new Map(),
): { consent: string; permission: Permission }[] {
  const counting = consents.flatMap((one, n) => countingOf(one, n, people) ?? []);
  const newest = newestOf(counting);
  return counting.flatMap((one) => {
    const grantees = one.grantees.filter((grantee) => isInForce(one, grantee, newest));
    const permissions = isBreakGlass(one.resource) ? brokenGlass(one, grantees) : permissionsOf(one, grantees, people);
    return permissions.map((permission) => ({ consent: String(one.resource.id), permission }));
  });
}

/** Whether the operation made it, or somebody would like it to look so. */
export const isBreakGlass = (consent: JsonObject): boolean =>
  policiesOf(consent).includes(breakGlassPolicy) ||
  [consent.provision, ...listOf(consent.provision, 'provision')].some((one) => actReasonsOf(one)?.includes('BTG'));

type Counting = {
  resource: JsonObject;
  provision: JsonObject;
  patient: string;
  grantees: string[];
  policies: string[];
  /** When it was agreed, then the place among those stored. */
  rank: readonly [atMs: number, place: number];
};

function countingOf({ resource, updated }: StoredConsent, place: number, people: People): Counting | undefined {
  const { status, scope, patient, provision, dateTime } = resource;
  const id = isObject(patient) ? localReference(String(patient.reference ?? '')) : undefined;
  if (status !== 'active' || !isPrivacy(scope) || id?.type !== 'Patient' || !isObject(provision)) return undefined;
  const atMs = (typeof dateTime === 'string' ? rangeOf(dateTime)?.lo : undefined) ?? Date.parse(updated);
  const policies = policiesOf(resource);
  return {
    ...{ resource, provision, patient: id.id, grantees: granteesOf(provision, people) ?? [] },
    policies: policies.length > 0 ? policies : [''],
    rank: [atMs, place],
  };
}

const isPrivacy = (scope: unknown): boolean =>
  listOf(scope, 'coding').some(
    ({ system, code }) => system === 'http://terminology.hl7.org/CodeSystem/consentscope' && code === 'patient-privacy',
  );

const policiesOf = (consent: JsonObject): string[] =>
  listOf(consent, 'policy').flatMap(({ uri }) => (typeof uri === 'string' ? [uri] : []));

const nameOf = (grantee: string, policy: string): string => `${grantee} ${policy}`;

/** The newest Consent by grantee and policy. */
function newestOf(counting: readonly Counting[]): Map<string, Counting> {
  const newest = new Map<string, Counting>();
  for (const one of counting) {
    for (const grantee of one.grantees) {
      for (const policy of one.policies) {
        const name = nameOf(grantee, policy);
        const other = newest.get(name);
        if (!other || isLater(one, other)) newest.set(name, one);
      }
    }
  }
  return newest;
}

const isLater = ({ rank: [at, place] }: Counting, { rank: [otherAt, otherPlace] }: Counting): boolean =>
  at > otherAt || (at === otherAt && place > otherPlace);

/** One of several policies: what permits must be the newest of all of them, what denies of one of them. */
function isInForce(one: Counting, grantee: string, newest: ReadonlyMap<string, Counting>): boolean {
  const isNewest = (policy: string) => newest.get(nameOf(grantee, policy)) === one;
  return one.provision.type === 'permit' ? one.policies.every(isNewest) : one.policies.some(isNewest);
}

/** Of one Consent. What its root does not match, its exceptions do not either: those rows are of level 1. */
function permissionsOf(
  { provision, patient, policies }: Counting,
  grantees: readonly string[],
  people: People,
): Permission[] {
  const isClosing = policies.some((policy) => closingPolicies.has(policy));
  const conditions = conditionsOf(provision);
  if (conditions.length === 0 || grantees.length === 0) return [];
  const roots = conditions.flatMap((row) => grantees.map((grantee) => ({ ...row, grantee })));
  const exceptions = listOf(provision, 'provision').flatMap((one) => {
    const isTooDeep = one.type === 'permit' && one.provision !== undefined;
    const named = granteesOf(one, people) ?? grantees;
    return (isTooDeep ? [] : conditionsOf(one)).flatMap((row) =>
      named.map((grantee) => ({ ...row, grantee, level: 1 as const })),
    );
  });
  if (!isClosing) return [...roots, ...exceptions].map((row) => ({ ...row, patient, basis: 'consent' }));
  const denials = exceptions.filter(({ denies }) => denies);
  const silent = roots.flatMap((row) => (row.denies ? row : denials.length > 0 ? { ...row, level: 2 as const } : []));
  return [...silent, ...denials].map((row) => ({ ...row, patient, basis: 'break-glass' }));
}

/** That clinician alone, and never longer than the policy says. */
function brokenGlass({ provision, patient, policies, resource }: Counting, grantees: readonly string[]): Permission[] {
  const { starts, ends } = periodOf(provision.period);
  const startMs = Date.parse(starts);
  if (!policies.includes(breakGlassPolicy) || resource.status !== 'active' || Number.isNaN(startMs)) return [];
  const lastMs = Math.min(startMs + breakGlassMs, Number.isNaN(Date.parse(ends)) ? Infinity : Date.parse(ends));
  return grantees
    .filter((grantee) => grantee.startsWith('Practitioner/'))
    .map((grantee) => ({
      ...bases['break-glass'],
      ...{ basis: 'break-glass', grantee, patient, starts, ends: new Date(lastMs).toISOString() },
    }));
}
