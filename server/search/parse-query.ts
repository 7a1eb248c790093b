// Query string -> Query: what is asked, in marks, ranges and prefixes. FHIR R4 search, https://hl7.org/fhir/R4/search.html
// What is not understood is refused, never ignored, unless the caller asked for leniency.

import { badRequest, type OperationOutcomeError } from '../fhir/outcome.ts';
import { expressionFilter } from './expression-filter.ts';
import { type Filter, parseFilter, type QueryOptions } from './filter.ts';
import type { Query } from './query.ts';
import { applyResultParameter, refuseContradiction, resultParameters } from './result-parameters.ts';

const defaultCount = 50;
const mostParameters = 60;
/** Types that all chains of a search together are tried on. */
const mostLinks = 2000;

/** What one search, of however many types, may spend on chains. */
export const newLinks = () => ({ left: mostLinks });

/** Throws OperationOutcomeError 400 that names the known parameters, the modifier or the value at fault. */
export function parseQuery(type: string, pairs: Iterable<[string, string]>, options: QueryOptions): Query {
  const query: Query = {
    type,
    filters: [],
    sort: [],
    count: defaultCount,
    includes: [],
    total: false,
    countOnly: false,
    understood: [],
    ignored: [],
  };
  const own = { ...options, links: options.links ?? newLinks() };
  let seen = 0;
  for (const [name, value] of pairs) {
    seen += 1;
    if (seen > mostParameters) throw badRequest(`A search takes at most ${mostParameters} parameters`, 'too-costly');
    if (value === '') continue;
    if (`${name}${value}`.includes('\0')) throw badRequest('A search cannot hold the character NUL', 'value');
    try {
      if (resultParameters.includes(name)) applyResultParameter(query, name, value);
      else query.filters.push(filterOf(type, name, value, own));
      query.understood.push([name, value]);
    } catch (error) {
      if (!options.lenient || !isUnsupported(error)) throw error;
      query.ignored.push(error.message);
    }
  }
  refuseContradiction(query);
  return query;
}

/** A name with an underscore may have been meant for the answer instead of the matches: those are named as well. */
function filterOf(type: string, name: string, value: string, options: QueryOptions): Filter {
  try {
    return name === '_filter' ? expressionFilter(type, value, options) : parseFilter(type, name, value, options);
  } catch (error) {
    if (!name.startsWith('_') || !isUnsupported(error)) throw error;
    throw badRequest(`${error.message}; for the answer: ${resultParameters.join(', ')}`, 'not-supported', [name]);
  }
}

const isUnsupported = (error: unknown): error is OperationOutcomeError =>
  error instanceof Error && 'issues' in error && (error as OperationOutcomeError).issues[0]?.code === 'not-supported';
