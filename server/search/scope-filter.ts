// The query of a granular scope -> marks of the index. SMART App Launch 2.2, "Finer-grained resource constraints".

/** For each parameter the marks of which a match has one. */
export function marksOfScope(type: string, _query: readonly (readonly [name: string, value: string])[]): string[][] {
  throw new Error(`granular scopes of ${type} are not known yet`);
}

/** Whether a resource is within the scope. */
export function matchesScope(
  _resource: object,
  type: string,
  _query: readonly (readonly [name: string, value: string])[],
): boolean {
  throw new Error(`granular scopes of ${type} are not known yet`);
}
