// What a permission says: one patient, one grantee, and which entries. The policy makes them from relations, Consents, links and
// residences; the database keeps and applies them (migration 0007). Pure.

/** An instant as ISO 8601, or `infinity`, `-infinity`. */
export type Instant = string;

export type Permission = {
  basis: Basis;
  /** `Person/…`, `Organization/…` or `Practitioner/…`. */
  grantee: string;
  /** The logical id of the Patient. */
  patient: string;
  /**
   * 1: an exception inside a Consent, which holds only where the Consent's root does. 2: a root that may not permit, and only says
   * where its exceptions hold.
   */
  level?: 1 | 2;
  denies?: true;
  starts: Instant;
  ends: Instant;
  /** v3-ActReason; absent: any. */
  purposes?: readonly string[];
  /** Entries of level N. */
  normal: boolean;
  /** Bits of labels.ts. permit: every label of an entry is one of them; deny: one of its labels is. */
  labels: number;
  /** Bits that an entry must have. */
  needs?: number;
  /** Labelled entries authored then or later are not meant. */
  restrictedFrom?: Instant;
  types?: readonly string[];
  /** Organizations that wrote the entry. */
  authors?: readonly string[];
  /** Only entries that are one of these, or have one of these marks. */
  instances?: readonly string[];
  marks?: readonly Mark[];
  /** The clinical date: from, included, and until, not included. */
  dataFrom?: Instant;
  dataUntil?: Instant;
  /** Entries may be created; or the Patient changed as well. */
  writes?: 'entries' | 'patient';
};

/** What the index knows of an entry: a code, or that it refers to something by a search parameter. */
export type Mark = { parameter: string; system: string; code: string } | { parameter: string; reference: string };

/** A denial on the basis `break-glass` is one that leaves break-glass its way. */
export type Basis = 'self' | 'guardian' | 'invited' | 'residence' | 'link' | 'consent' | 'break-glass' | 'suspension';
