// Whether two JSON texts say the same to FHIR: the same members and values in arrays of the same order, and every number in
// the same digits (1.50 is not 1.5). The order of members means nothing. It shares no code with the server it judges.

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
type Members = { [name: string]: unknown };

/** A number as its text. */
class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The path of the first difference between a resource as sent and as read, undefined when there is none. The id may be
 * another one with `mayRename`; versionId and lastUpdated are the server's. */
export function firstDifference(sent: string, read: string, { mayRename = false } = {}): string | undefined {
  const [one, other] = [sent, read].map((text) => withoutServersOwn(parsed(text), mayRename));
  return difference(one, other, '');
}

function parsed(text: string): unknown {
  const parse = JSON.parse as unknown as (text: string, reviver: SourceReviver) => unknown;
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? new NumberText(source) : value,
  );
}

function withoutServersOwn(resource: unknown, mayRename: boolean): unknown {
  if (!isMembers(resource)) return resource;
  const { id, meta, ...rest } = resource;
  const named = mayRename ? rest : { id, ...rest };
  if (!isMembers(meta)) return named;
  const { versionId: _, lastUpdated: __, ...own } = meta;
  return Object.keys(own).length > 0 ? { ...named, meta: own } : named;
}

function difference(one: unknown, other: unknown, path: string): string | undefined {
  if (one instanceof NumberText || other instanceof NumberText) {
    const isSame = one instanceof NumberText && other instanceof NumberText && one.text === other.text;
    return isSame ? undefined : path;
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    if (one.length !== other.length) return path;
    return first(one.keys(), (n) => difference(one[n], other[n], `${path}[${n}]`));
  }
  if (isMembers(one) && isMembers(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return first(names, (name) => difference(one[name], other[name], `${path}.${name}`));
  }
  return one === other ? undefined : path;
}

function first<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}
