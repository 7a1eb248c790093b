// Search parameters of type uri. FHIR R4 search, section uri, https://hl7.org/fhir/R4/search.html#uri
// Exact, with :above and :below by the segments of a URL's path. A urn: has no segments: only itself.

import { jsonPathsOf } from '../fhir/json-paths.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { type Asked, type FactTest, type Filter, unescaped, unknownModifier } from './asked.ts';
import { mark } from './hash.ts';
import type { Parameter } from './parameter.ts';
import { noteMarks, type Sheet } from './sheet.ts';

const mostSegments = 100;

export function indexUris(sheet: Sheet, { code, population }: Parameter, values: readonly TypedValue[]): void {
  for (const value of values) noteMarks(sheet, code, urisOf(value).map(uriFact), population);
}

/** The uri, and a canonical one without its version. */
export function urisOf({ type, value }: TypedValue): string[] {
  if (typeof value !== 'string') return [];
  const bar = type === 'canonical' ? value.indexOf('|') : -1;
  return bar > 0 ? [value, value.slice(0, bar)] : [value];
}

export function uriFilter(asked: Asked): Filter {
  const { name, modifier } = asked;
  const uris = asked.values.map(unescaped);
  if (modifier === undefined) return equalTo(asked, uris);
  if (modifier === 'above') {
    if (uris.some((uri) => uri.split('/').length > mostSegments))
      throw badRequest(`${name} takes URLs of at most ${mostSegments} segments`, 'too-costly', [name]);
    return equalTo(asked, uris.flatMap(above));
  }
  if (modifier !== 'below') throw unknownModifier(name, ['above', 'below', 'missing']);
  if (!uris.some(isUrl)) return equalTo(asked, uris);
  const paths = jsonPathsOf(asked.parameter.expression, asked.type)?.map(({ path }) => path);
  if (!paths) throw unknownModifier(name, ['above', 'missing']);
  return { kind: 'content', paths, tests: uris.map(belowTest) };
}

export function uriTest(text: string, _asked: unknown, part: number): FactTest {
  return { test: `@ == $uri${part}`, values: { [`uri${part}`]: unescaped(text) } };
}

const uriFact = (uri: string): string => `=${uri}`;
const isUrl = (uri: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(uri);

function equalTo({ type, parameter: { code, population } }: Asked, uris: readonly string[]): Filter {
  const marks = uris.map((uri) => mark(`${type}.${code}${uriFact(uri)}`));
  return { kind: 'marks', marks, negated: false, ...(population ? { terms: marks } : {}) };
}

/** Itself, the URL of each shorter path, and the host's. */
function above(uri: string): string[] {
  if (!isUrl(uri)) return [uri];
  const host = uri.indexOf('/', uri.indexOf('://') + 3);
  const found = new Set([uri]);
  for (let end = uri.length; end >= host && host > 0; end = uri.lastIndexOf('/', end - 1)) {
    found.add(uri.slice(0, end));
    found.add(uri.slice(0, end + 1));
  }
  return [...found];
}

/** Below `http://a/b` are itself, its versions and whatever goes on with a slash. */
function belowTest(uri: string): FactTest {
  if (!isUrl(uri)) return { test: '@ == $uri', values: { uri } };
  let end = uri.length;
  while (uri[end - 1] === '/') end--;
  const own = uri.slice(0, end);
  return {
    test: '@ == $uri || @ == $own || @ starts with $inside || @ starts with $version',
    values: { uri, own, inside: `${own}/`, version: `${own}|` },
  };
}
