// Observation/$lastn: the latest observations of each kind, among those that a search finds.
// FHIR R4, https://hl7.org/fhir/R4/observation-operation-lastn.html

import { namedReach } from '../access/named-reach.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, notSupported, tooCostly } from '../fhir/outcome.ts';
import { auditOfMany } from '../interaction/audited.ts';
import { bundleOf } from '../interaction/bundle-text.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import { parseQuery } from '../search/parse-query.ts';
import type { Position } from '../search/plan.ts';
import { resultParameters } from '../search/result-parameters.ts';
import type { Match } from '../store/query.ts';
import { idOf } from '../store/stored-text.ts';
import { createLastByCode } from './last-by-code.ts';

const mostMax = 100;
const pageRows = 500;
const mostCandidates = 10_000;
const ignored = ['_format', '_pretty'];

export const observationLastN: Operation = {
  code: 'lastn',
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
  level: 'type',
  type: 'Observation',
  methods: ['GET', 'POST'],
  run: async (fhir, request) => {
    const { max, filters } = understood(request);
    const reach = namedReach(request.access, 'search', 'Observation');
    if (reach.kind === 'all') needs(filters, ['patient', 'subject']);
    needs(filters, ['category', 'code']);
    const asked = parseQuery('Observation', filters, { lenient: false, nowMs: fhir.nowMs(), base: fhir.base });
    const query = { ...(await fhir.searcher.resolve(asked, request.access)), count: pageRows };
    const last = createLastByCode<Match>(max);
    let candidates = 0;
    let after: Position | undefined;
    do {
      const page = await fhir.searcher.page(query, reach, after);
      for (const match of page.matches) last.add(parseJson(match.content) as JsonObject, match);
      candidates += page.matches.length;
      after = page.next;
      if (candidates >= mostCandidates && after)
        throw tooCostly(`$lastn looks at no more than ${mostCandidates} observations; narrow it by date or code`);
    } while (after);
    const found = last.groups().flat();
    const owners = found.map(({ owner }) => owner);
    await fhir.audit(auditOfMany(fhir, request, 'lastn', 'Observation', owners));
    const parameters = new URLSearchParams([...filters, ['max', String(max)]]);
    const links = [{ relation: 'self', url: `${fhir.base}/Observation/$lastn?${parameters}` }];
    const entries = found.map(({ content }) => ({
      fullUrl: `${fhir.base}/Observation/${idOf(content)}`,
      resource: content,
      rest: { search: { mode: 'match' } },
    }));
    return { status: 200, body: bundleOf('searchset', { links, entries, total: entries.length }) };
  },
};

function understood({ query, body }: FhirRequest): { max: number; filters: [string, string][] } {
  if (body !== undefined && !(body instanceof URLSearchParams))
    throw notSupported('The Content-Type of $lastn must be application/x-www-form-urlencoded', 415);
  const asked = [...new URLSearchParams(query), ...(body ?? [])].filter(([name]) => !ignored.includes(name));
  const useless = asked.find(([name]) => resultParameters.includes(name));
  if (useless) throw badRequest(`$lastn has its own order and number: no ${useless[0]}`, 'not-supported', [useless[0]]);
  const [[, text] = ['', '1'], second] = asked.filter(([name]) => name === 'max');
  if (second || !/^[1-9]\d{0,2}$/.test(text) || Number(text) > mostMax)
    throw badRequest(`max takes one whole number from 1 to ${mostMax}`, 'value', ['max']);
  return { max: Number(text), filters: asked.filter(([name]) => name !== 'max') };
}

/** One of these search parameters, perhaps with a modifier or a chain, has to be there. */
function needs(filters: readonly [string, string][], codes: readonly string[]): void {
  const isThere = filters.some(([name, value]) => value !== '' && codes.includes(name.split(/[.:]/)[0] ?? ''));
  if (!isThere) throw badRequest(`$lastn needs ${codes.join(' or ')}`, 'required', [...codes]);
}
