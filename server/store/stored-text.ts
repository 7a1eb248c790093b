// Looking into a stored text without parsing it.

/** The id of a stored resource: it stands right behind the type (see withMeta in write.ts). */
export function idOf(content: string): string {
  return /"id":"([^"]+)"/.exec(content)?.[1] ?? '';
}
