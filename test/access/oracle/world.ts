// The plain data that the oracle of access reads: what is stored, who asks, and when. The words are those of
// server/decisions/0011-who-may-see-what.md.

export type Resource = { resourceType: string; id: string; [element: string]: unknown };

/** A resource as it was stored: by which organization ("writer"; none for families and the deployment) and when. */
export type Entry = { resource: Resource; writer?: string; storedMs: number };

/** From (included) and until (excluded), as instants; undefined is without an end on that side. */
export type Span = { fromMs?: number; untilMs?: number };

export type Relation = Span & {
  kind: 'self' | 'guardian' | 'invited';
  person: string;
  patient: string;
  status: 'pending' | 'active' | 'ended';
  /** self: the young person agreed that guardians see R and V authored from the 15th birthday on. */
  agreed?: boolean;
  /** invited: who invited, and what they ticked. */
  inviter?: string;
  categories?: Category[];
};

export type Category = 'growth' | 'vaccination' | 'checkup' | 'appointment' | 'photo';

/** A patient lives in the municipality's area, or a facility is linked to the patient. */
export type Tie = Span & { kind: 'residence' | 'link'; organization: string; patient: string };

export type BreakGlass = { practitioner: string; patient: string; atMs: number };

export type Suspension = Span & { person: string; patient: string };

export type World = {
  /** Current versions; the Patients and the Consents are among them. The order is that of storing. */
  entries: Entry[];
  relations: Relation[];
  ties: Tie[];
  breakGlass: BreakGlass[];
  suspensions: Suspension[];
  municipalities: string[];
};

/** What a bearer token stands for. */
export type Caller = {
  scopes: string;
  /** The patient in context, that `patient/` scopes are about. */
  patient?: string;
  /** `Person/<id>` or `Practitioner/<id>`. */
  user?: string;
  /** Id of the Organization whose client or staff it is. */
  organization?: string;
  purpose?: string;
};

export type Role = 'deployment' | 'family' | 'organization' | 'practitioner' | 'operator';

/** "deployment (no user, no organization)", "family (user Person)", "organization", "practitioner (… of an organization)". */
export function roleOf({ user, organization }: Caller): Role {
  if (user === undefined) return organization === undefined ? 'deployment' : 'organization';
  if (user.startsWith('Person/')) return 'family';
  return organization === undefined ? 'operator' : 'practitioner';
}

/** "family PATRQT; organizations what their token says, else TREAT". */
export function purposeOf(caller: Caller): string {
  return roleOf(caller) === 'family' ? 'PATRQT' : (caller.purpose ?? 'TREAT');
}

/** "A practitioner has those of their own and those of their organization." */
export function granteesOf({ user, organization }: Caller): string[] {
  return [
    ...(user === undefined ? [] : [user]),
    ...(organization === undefined ? [] : [`Organization/${organization}`]),
  ];
}
