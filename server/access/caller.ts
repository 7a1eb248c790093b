// Who is calling, as far as rights depend on it. Pure.

/** `user` and `organization` are references; who has neither is nobody, with no permission and nothing to write. */
export type Caller = {
  /** `Person/[id]`: a family member; `Practitioner/[id]`: staff of the organization. */
  user?: string;
  /** `Organization/[id]` whose client or staff it is. */
  organization?: string;
  /** v3-ActReason: what the access is for. */
  purpose: string;
  /** When the request began, in milliseconds: rights begin and end to the moment. */
  nowMs: number;
};

/** A member of a family, or nobody whom anything belongs to; whoever has an organization acts for it. */
export const isFamily = ({ user, organization }: Caller): boolean =>
  organization === undefined && user !== undefined && user.startsWith('Person/');

/** A person who treats, of an organization. */
export const isClinician = ({ user, organization }: Caller): boolean =>
  organization !== undefined && user?.startsWith('Practitioner/') === true;

/** The references that permissions may name. */
export const granteesOf = ({ user, organization }: Caller): string[] =>
  [user, organization].filter((one) => one !== undefined);
