// Fields of a file that no table of ours has. They stay in the original and are said, so that nothing is passed over in silence.

import { isObject } from '../../server/fhir/json.ts';
import type { SourceFormat } from '../fields.ts';

const mostNamed = 10;

/** The paths of values, in the words of the tables (`records[].lotNumber`), that `format` does not know; each once. */
export function unknownFields(content: unknown, format: SourceFormat): string[] {
  const known = new Set(format.fields.map(({ at }) => at));
  const found = new Set<string>();
  collect(content, '', known, found);
  return [...found];
}

/** A sentence about them, undefined when there are none. */
export function saidOf(paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined;
  const named = paths.slice(0, mostNamed).map(harmless);
  const more = paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : '';
  return `Kept only in the original, not known here: ${named.join(', ')}${more}.`;
}

function collect(value: unknown, path: string, known: ReadonlySet<string>, found: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) collect(one, `${path}[]`, known, found);
  else if (isObject(value))
    for (const [name, one] of Object.entries(value)) collect(one, path ? `${path}.${name}` : name, known, found);
  else if (!known.has(path) && value !== null && value !== '') found.add(path);
}

/** A name is the source’s own; one that could be a person’s data is not repeated. */
const harmless = (path: string): string =>
  path
    .split('.')
    .map((part) => (/^[A-Za-z][A-Za-z]{0,39}\d{0,2}(?:\[\])*$/.test(part) ? part : '(unreadable name)'))
    .join('.');
