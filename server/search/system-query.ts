// The search over several types, or all: FHIR R4, https://hl7.org/fhir/R4/http.html#search and search.html#_type
// Each type is asked in its own words, for one parameter may mean different things in two types.

import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { QueryOptions } from './filter.ts';
import { generalParameters, parametersOf } from './parameters.ts';
import { newLinks, parseQuery } from './parse-query.ts';
import type { Query } from './query.ts';
import { resultParameters } from './result-parameters.ts';

const columns = ['_id', '_lastUpdated'];
const general = generalParameters.map(({ code }) => code as string);
/** What stands beside the matches of one type has no meaning here. */
const ofOneType = /^_(?:rev)?include\b|^_elements$/;

/**
 * One Query for each type: the same page, order, self link and ignored parameters in all of them. The default order is by
 * `_lastUpdated`, newest first. `from` are the types there are, at least one. Throws OperationOutcomeError 400 for a
 * parameter that some type does not have, for chains, and for an order by anything but `_lastUpdated` and `_id`.
 */
export function parseSystemQuery(
  pairs: readonly [string, string][],
  options: QueryOptions,
  from: Iterable<string> = resourceTypes,
): [Query, ...Query[]] {
  const words = pairs.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','));
  const types = typesOf(words, new Set(from));
  const ignored: string[] = [];
  const common: [string, string][] = [];
  for (const [name, value] of pairs) {
    const refusal = value === '' || name === '_type' ? undefined : refusalOf(types, name, value);
    if (refusal === undefined) common.push([name, value]);
    else if (options.lenient) ignored.push(refusal);
    else throw badRequest(refusal, 'not-supported', [name]);
  }
  const asked = common.filter(([name]) => name !== '_type');
  const isUnderstood = ([name, value]: [string, string]) => name === '_type' && value !== '';
  const own = { ...options, links: newLinks() };
  const queries = types.map((type): Query => {
    const query = parseQuery(type, asked, own);
    const sort = query.sort.length > 0 ? query.sort : newestFirst;
    const understood = [...common.filter(isUnderstood), ...query.understood];
    return { ...query, sort, understood, ignored: [...ignored, ...query.ignored] };
  });
  return queries as [Query, ...Query[]];
}

const newestFirst: Query['sort'] = [{ code: '_lastUpdated', kind: 'updated', descending: true }];

function typesOf(words: readonly string[], from: ReadonlySet<string>): string[] {
  const asked = new Set(words.filter((word) => word !== ''));
  for (const type of asked) {
    if (!resourceTypes.has(type)) throw badRequest(`_type: "${type}" is no resource type`, 'value', ['_type']);
    if (!from.has(type))
      throw badRequest(`_type: ${type} is never here. Known: ${[...from].join(', ')}`, 'value', ['_type']);
  }
  return [...(asked.size > 0 ? asked : from)];
}

/** Why a parameter cannot be asked of all these types; undefined when it can. */
function refusalOf(types: readonly string[], name: string, value: string): string | undefined {
  if (ofOneType.test(name)) return `${name} belongs to a search on one type`;
  if (name === '_sort') {
    const isCommon = value.split(',').every((word) => columns.includes(word.replace(/^-/, '')));
    return isCommon ? undefined : `A search over several types is sorted by ${columns.join(' or ')}`;
  }
  if (resultParameters.includes(name)) return undefined;
  if (name.startsWith('_has:') || name.includes('.')) return `${name}: a search over several types takes no chains`;
  const [code = ''] = name.split(':');
  if (general.includes(code) || types.every((type) => parametersOf(type).has(code))) return undefined;
  const [first, ...others] = types.map((type) => parametersOf(type));
  const shared = [...(first?.keys() ?? [])].filter((known) => others.every((codes) => codes.has(known)));
  return `Not all of these types have the search parameter "${name}". Common: ${[...general, ...shared].sort().join(', ')}`;
}
