// What a caller may do, as one value: the scopes of the token (SMART App Launch 2.2, section 3), which never add a right, and
// who is calling, whose rights are rows (server/decisions/0011-who-may-see-what.md). Pure.

import type { Caller } from './caller.ts';

export { directoryTypes } from './directory-types.ts';

export type Interaction = 'create' | 'read' | 'update' | 'delete' | 'search';

export type Grant = {
  context: 'system' | 'user' | 'patient';
  /** A resource type, or `*`. */
  type: string;
  interactions: ReadonlySet<Interaction>;
  /** The search parameters of a granular scope: only what they match is meant. */
  query?: readonly (readonly [name: string, value: string])[];
};

export type Access = {
  /** Who is calling, as the audit names them. */
  client: string;
  /** The Patient id that `patient/` grants are bound to. */
  patient?: string;
  grants: readonly Grant[];
  /** Absent for the deployment's own tokens and work, which have whatever their scopes name. */
  caller?: Caller;
  /** Keys of the patients whose records a clinician has opened by break-glass: the audit says so. */
  brokenGlass?: ReadonlySet<string>;
  /** How what is written has to be, where it is not as it is for everyone. */
  demands?: { strictness?: 'base' | 'declared' | 'strict'; profiles?: readonly RequiredProfile[] };
};

/**
 * What an organization asks of every resource of a type that its clients and staff write: the canonical of a profile. The type is `*`
 * where the profile is not known here: every write is warned that it could not be held against it.
 */
export type RequiredProfile = { type: string; profile: string };

/** What one scope leaves: what is in a patient's compartment, or what a query matches, or both. */
export type Part = { patient?: string; query?: NonNullable<Grant['query']> };

/**
 * How far an interaction reaches: everyone's records, one patient's, nothing, or what the permissions of `by` give (undefined:
 * all) in at least one of `parts` (none: in all).
 */
export type Reach =
  | { kind: 'all' }
  | { kind: 'patient'; patient: string }
  | { kind: 'none' }
  | { kind: 'narrowed'; by: Caller | undefined; parts: readonly Part[] };

/** All that the grants together give for this interaction on this type. */
export function reachOf(access: Access, interaction: Interaction, type: string): Reach {
  const parts: Part[] = [];
  let isWhole = false;
  for (const { context, type: granted, interactions, query } of access.grants) {
    if ((granted !== '*' && granted !== type) || !interactions.has(interaction)) continue;
    if (context === 'patient' && access.patient === undefined) continue;
    const part = { ...(context === 'patient' && { patient: access.patient as string }), ...(query && { query }) };
    isWhole ||= part.patient === undefined && query === undefined;
    parts.push(part);
  }
  const { caller: by } = access;
  if (parts.length === 0) return { kind: 'none' };
  if (isWhole) return by ? { kind: 'narrowed', by, parts: [] } : { kind: 'all' };
  const whole = parts.filter(({ query }) => query === undefined);
  const [first] = whole;
  if (!by && whole.length > 0 && first?.patient !== undefined && parts.every(({ patient }) => patient !== undefined))
    return { kind: 'patient', patient: first.patient };
  return { kind: 'narrowed', by, parts };
}

/** The one patient in whose compartment all lies that it reaches, but for directories. */
export function patientOf(reach: Reach): string | undefined {
  if (reach.kind === 'patient') return reach.patient;
  if (reach.kind !== 'narrowed') return undefined;
  const [first] = reach.parts;
  return reach.parts.every(({ patient }) => patient === first?.patient) ? first?.patient : undefined;
}

/** False when nothing of this patient's record is reached, whatever the permissions say. */
export function mayReach(reach: Reach, patient: string): boolean {
  if (reach.kind === 'narrowed')
    return reach.parts.length === 0 || reach.parts.some((part) => (part.patient ?? patient) === patient);
  return reach.kind === 'all' || (reach.kind === 'patient' && reach.patient === patient);
}

/**
 * May, as far as scopes go, a resource in the compartments of `patients` (Patient ids) be written so? In `patient/` context only
 * what is in that patient's compartment and in nobody else's. `matches`: whether it is within a granular scope.
 */
export function allow(
  access: Access,
  interaction: Interaction,
  type: string,
  patients: readonly string[],
  matches: (query: NonNullable<Grant['query']>) => boolean = () => false,
): boolean {
  const reach = reachOf(access, interaction, type);
  if (reach.kind === 'all' || reach.kind === 'none') return reach.kind === 'all';
  const parts: readonly Part[] = reach.kind === 'patient' ? [reach] : reach.parts;
  const isWithin = ({ patient, query }: Part) =>
    (patient === undefined || (patients.length > 0 && patients.every((id) => id === patient))) &&
    (query === undefined || matches(query));
  return parts.length === 0 || parts.some(isWithin);
}

/** Clients that write for the whole deployment may also choose ids; an id that a family chose could be somebody else's. */
export function mayChooseId(access: Access, type: string): boolean {
  return reachOf(access, 'create', type).kind === 'all' && reachOf(access, 'update', type).kind === 'all';
}

/** The named access of the server's own work; it shows in the audit as `system:NAME`. */
export function systemAccess(name: string): Access {
  const interactions = new Set<Interaction>(['create', 'read', 'update', 'delete', 'search']);
  return { client: `system:${name}`, grants: [{ context: 'system', type: '*', interactions }] };
}
