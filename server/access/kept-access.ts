// What a caller may do as plain JSON and back, for work that goes on when the request is over. Rights that are rows stay rows: they
// are asked at the moment of reading, so the work sees nothing any more that its caller may not see any more. Pure.

import type { JsonObject } from '../fhir/json.ts';
import type { Access, Grant, Interaction } from './access.ts';

type Kept = Omit<Access, 'grants' | 'brokenGlass'> & {
  grants: (Omit<Grant, 'interactions'> & { interactions: readonly Interaction[] })[];
};

/** Equal for tokens of one client and person with the same scopes. What a clinician opened in an emergency is left out. */
export function keptAccess({ brokenGlass: _, grants, caller, ...access }: Access): JsonObject {
  const kept: Kept = {
    ...access,
    grants: grants.map((grant) => ({ ...grant, interactions: [...grant.interactions].sort() })),
    ...(caller && { caller: { ...caller, nowMs: 0 } }),
  };
  return kept as unknown as JsonObject;
}

/** The access, at each moment that it is asked at. */
export function accessFrom(json: JsonObject, nowMs: () => number): Access {
  const { grants, caller, ...access } = json as unknown as Kept;
  return {
    ...access,
    grants: grants.map((grant) => ({ ...grant, interactions: new Set(grant.interactions) })),
    ...(caller && {
      caller: {
        ...caller,
        get nowMs() {
          return nowMs();
        },
      },
    }),
  };
}
