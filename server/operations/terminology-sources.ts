// Where a question about codes is answered from: resources sent along, those stored here as the caller may see them, and what is in
// force for everyone. Each question leaves its audit row. FHIR R4, https://hl7.org/fhir/R4/terminology-service.html

import { reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { gone, notFound, tooCostly } from '../fhir/outcome.ts';
import { auditOf, auditOfMany } from '../interaction/audited.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { hasUrl } from '../search/filter.ts';
import type { Query } from '../search/query.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import { type DefinitionType, type FindStored, type Wanted, withResources } from '../terminology/with-resources.ts';
import { remembering } from './remembered-resources.ts';

const mostStored = 1000;

/** Answers about what is wanted and given; `given` goes before what is stored under its url. */
export function sourcesOf(fhir: Fhir, request: FhirRequest, wanted: readonly Wanted[], given: readonly JsonObject[]) {
  return withResources(terminologyInForce(), storedByUrl(fhir, request), wanted, given, timer());
}

// No value set that people made takes this long, also on a busy machine.
const mostMs = 2000;

/** Counts from the first time it is asked, when all that is needed has been read. */
function timer(): () => boolean {
  let startMs: number | undefined;
  return () => {
    startMs ??= performance.now();
    return performance.now() - startMs > mostMs;
  };
}

/**
 * Lets the caller ask about this type: 403 where the token's scopes do not name it. On an instance, answers the resource, 404 and
 * 410 as a read would.
 */
export async function askedInstance(
  fhir: Fhir,
  request: FhirRequest,
  operation: string,
  { type, id }: { type: string; id: string },
): Promise<JsonObject | undefined> {
  const reach = namedReach(request.access, 'read', type);
  if (!isInstance({ id })) {
    await fhir.audit(auditOfMany(fhir, request, operation, type, []));
    return undefined;
  }
  const found = await fhir.reader.current(type, id, reach);
  await fhir.audit([auditOf(fhir, request, operation, type, found, id)]);
  if (!found) throw notFound(`${type}/${id}`);
  if (found.content === undefined) throw gone(`${type}/${id}`);
  return remembered.of(nameOf(found), found.content);
}

/** On a type the operation itself stands in the place of an id. */
export const isInstance = ({ id }: { id: string }): boolean => !id.startsWith('$');

/** Stored resources of these urls, as far as the caller may search their type: what is hidden is as if it were missing. */
export function storedByUrl(fhir: Fhir, { access }: FhirRequest): FindStored {
  return (type, urls) => stored(fhir, access, type, hasUrl(type, urls));
}

export async function stored(
  fhir: Fhir,
  access: FhirRequest['access'],
  type: DefinitionType,
  filter: Query['filters'][number],
): Promise<JsonObject[]> {
  const reach = reachOf(access, 'search', type);
  if (reach.kind === 'none') return [];
  // A code system may be megabytes: it is fetched only when its version is another than the one that is remembered.
  const query = { ...everyOne, type, filters: [filter] };
  const { matches: bare, next } = await fhir.searcher.page({ ...query, isBare: true }, reach);
  if (next)
    throw tooCostly(`More than ${mostStored} resources of type ${type} are stored under the urls that are needed`);
  const known = bare.map((match) => remembered.find(nameOf(match)));
  if (known.every((one) => one !== undefined)) return known;
  const { matches } = await fhir.searcher.page(query, reach);
  return matches.map((match) => remembered.of(nameOf(match), match.content));
}

const nameOf = ({ key, version }: { key: string; version: number }): string => `${key}/${version}`;

const everyOne: Omit<Query, 'type' | 'filters'> = {
  sort: [],
  count: mostStored,
  includes: [],
  total: false,
  countOnly: false,
  understood: [],
  ignored: [],
};

// The same version is the same object, so that what is compiled from it is kept with it.
const remembered = remembering((text) => parseJson(text) as JsonObject, 64 * 1024 * 1024);
