// GET AuditEvent: the audit as its readers see it. An event that the server noted is a row, shown as an AuditEvent whose id
// begins with `audit-`; nobody writes to such an id. AuditEvents that trusted clients have posted are stored resources like any
// other. Who may read one patient's record finds the rows about it and nothing else. A caller for everybody finds the rows about
// the patient it names, or about nobody's record when it names none, and behind them the stored ones; a search for what no row
// has (an address, an include, an order …) is one of the stored ones alone.

// GET AuditEvent: the audit as its readers see it. An event that the server noted is a row, shown as an AuditEvent whose id
// begins with `audit-`; nobody writes to such an id. AuditEvents that trusted clients have posted are stored resources like any
// other. Who may read one patient's record finds the rows about it and nothing else. A caller for everybody finds the rows about
// the patient it names, or about nobody's record when it names none, and behind them the stored ones; a search for what no row
// has (an address, an include, an order …) is one of the stored ones alone.

import { type Reach, reachOf } from '../access/access.ts';
import { actorOf } from '../access/actor.ts';
import { isFamily } from '../access/caller.ts';
import { namedReach } from '../access/named-reach.ts';
import { isObject, parseJson } from '../fhir/json.ts';
import { badRequest, type Language, notFound, unknownParameter } from '../fhir/outcome.ts';
import { viewed } from '../fhir/summary.ts';
import { auditOf } from '../interaction/audited.ts';
import { type BundleEntry, type BundleLink, bundleOf, pageUrl } from '../interaction/bundle-text.ts';
import { type Answer, etag, type Fhir, type FhirRequest, type Handler, type View } from '../interaction/request.ts';
import { withinCompartment } from '../search/compartment.ts';
import { keyOf, nobody } from '../search/keys.ts';
import { parseQuery } from '../search/parse-query.ts';
import type { Query } from '../search/query.ts';
import { parseView } from '../search/result-parameters.ts';
import {
  type AuditEntry,
  auditEntry,
  auditPage,
  countAudit,
  eventId,
  eventPlace,
  type LogOf,
  type LogPage,
  type LogPlace,
  type LogReach,
} from '../store/audit-log.ts';
import type { Pool } from '../store/pool.ts';
import { auditEvent } from './audit-event.ts';
import { type LogQuery, logParameters, parseLogQuery } from './log-query.ts';

const documentation =
  'The server notes every access itself, one event for each patient whose record it touched. A family finds those about its record with patient, date, action, type, subtype, outcome, agent and entity.';

export function auditViews({ pool }: { pool: Pool }): View[] {
  const read = (ordinary: Handler) => readEvent(pool, ordinary);
  return [
    { type: 'AuditEvent', interaction: 'read', documentation, over: read },
    { type: 'AuditEvent', interaction: 'vread', documentation, over: read },
    { type: 'AuditEvent', interaction: 'search-type', documentation, over: (ordinary) => searchEvents(pool, ordinary) },
  ];
}

/** GET AuditEvent/[id], and its only version. */
function readEvent(pool: Pool, ordinary: Handler): Handler {
  return async (fhir, request, names) => {
    const place = eventPlace(names.id);
    if (!place) return ordinary(fhir, request, names);
    const reach = logReach(namedReach(request.access, 'read', 'AuditEvent'));
    const view = parseView('AuditEvent', request.query);
    const isVersion = names.version === '' || names.version === '1';
    const found = reach && isVersion ? await auditEntry(pool, place, reach) : undefined;
    const seen = found?.patient ? { owner: found.patient.key } : undefined;
    await fhir.audit([auditOf(fhir, request, names.version === '' ? 'read' : 'vread', 'AuditEvent', seen)]);
    if (!found || !reach) throw notFound(`AuditEvent/${names.id}${isVersion ? '' : `/_history/${names.version}`}`);
    const [text = ''] = await eventTexts(fhir, request.language, reach, [found]);
    return { status: 200, etag: etag(1), lastModified: found.at, body: viewed(text, view) };
  };
}

/** Undefined for who reads no log: organizations, and scopes that are narrowed by a query. */
export function logReach(reach: Reach): LogReach | undefined {
  if (reach.kind === 'all') return reach;
  if (reach.kind === 'none') return undefined;
  if (reach.kind === 'patient') return { kind: 'record', patient: reach.patient };
  const { by, parts } = reach;
  const whole = parts.filter(({ query }) => query === undefined);
  if ((by && !isFamily(by)) || (parts.length > 0 && whole.length === 0)) return undefined;
  const isOfOne = whole.length > 0 && whole.every(({ patient }) => patient !== undefined);
  return { kind: 'record', patient: isOfOne ? whole[0]?.patient : undefined, by };
}

/** GET AuditEvent?…, POST AuditEvent/_search, and the same in a patient's compartment. */
function searchEvents(pool: Pool, ordinary: Handler): Handler {
  return async (fhir, request, names) => {
    const reach = logReach(reachOf(request.access, 'search', 'AuditEvent'));
    const isWithin = names.member === 'AuditEvent';
    const isForm = request.body === undefined || request.body instanceof URLSearchParams;
    if (!reach || !isForm || (isWithin && names.type !== 'Patient')) return ordinary(fhir, request, names);
    const path = isWithin ? `Patient/${names.id}/AuditEvent` : 'AuditEvent';
    const call = await callOf(fhir, request, path);
    if (!call) return ordinary(fhir, request, names);
    const query = parseLogQuery(call.pairs, { nowMs: fhir.nowMs(), base: fhir.base });
    if (isWithin) query.patients.push([names.id]);
    const asked: Asked = { pool, fhir, request, reach, path, query };
    const [beyond] = query.beyond;
    if (reach.kind === 'record') {
      if (beyond !== undefined) throw unknownParameter(beyond, 'AuditEvent', logParameters);
      return answerRows(asked, call.after);
    }
    const stored = () => {
      const search = new URLSearchParams(call.pairs).toString();
      return ordinary(fhir, { ...request, query: search, body: undefined }, names);
    };
    if (beyond !== undefined || call.after === 'end') return stored();
    const behind = withinCompartment('Patient', names.id, 'AuditEvent');
    return answerRows(asked, call.after, { stored, query: storedQuery(asked, isWithin ? behind : undefined) });
  };
}

type Asked = { pool: Pool; fhir: Fhir; request: FhirRequest; reach: LogReach; path: string; query: LogQuery };
/** The search of stored resources that follows: how it is answered, and as a query. */
type Behind = { stored: () => Promise<Answer>; query: Query };

/** `after`: behind which row the page begins; `end`: the rows have been read. */
type Call = { pairs: [string, string][]; after?: LogPlace | 'end' };

/** Undefined for a link of a search of stored resources. Throws OperationOutcomeError for one that was not made for the caller. */
async function callOf(fhir: Fhir, { query, body, access }: FhirRequest, path: string): Promise<Call | undefined> {
  const pairs = [...new URLSearchParams(query), ...(body instanceof URLSearchParams ? body : [])];
  const text = pairs.find(([name]) => name === '_page')?.[1];
  if (text === undefined) return { pairs };
  const cursor = await fhir.cursors.open(text);
  if (cursor?.of !== cursorOf(path)) return undefined;
  if (cursor.client !== access.client)
    throw badRequest('This page link is not valid here; please search again', 'expired', ['_page']);
  const [at, id] = cursor.after.values.map(String);
  return { pairs: cursor.query, after: at === undefined || id === undefined ? 'end' : { at, id } };
}

const cursorOf = (path: string): string => `${path} as noted`;

async function answerRows(asked: Asked, after: Call['after'], behind?: Behind): Promise<Answer> {
  const { fhir, request, reach, query } = asked;
  const { shape } = query;
  const of = ofWhom(query, reach);
  const page = await pageOf(asked, of, after === 'end' ? undefined : after);
  // Nothing was noted: the stored ones begin on the first page.
  if (behind && page.entries.length === 0 && !after && !shape.countOnly) return behind.stored();
  const total = shape.total || shape.countOnly ? await totalOf(asked, of, behind) : undefined;
  const isOfPatient = of !== undefined && of !== nobody && page.entries.length > 0;
  const seen = isOfPatient ? { owner: keyOf('Patient', of) } : undefined;
  await fhir.audit([auditOf(fhir, request, 'search', 'AuditEvent', seen)]);
  const shown = await eventTexts(fhir, request.language, reach, page.entries);
  const entries = page.entries.map((entry, n): BundleEntry => {
    const fullUrl = `${fhir.base}/AuditEvent/${eventId(entry)}`;
    return { fullUrl, resource: viewed(shown[n] ?? '', shape.view), rest: '"search":{"mode":"match"}' };
  });
  const hasMore = !page.isLast || (behind !== undefined && (await isAny(asked, behind)));
  const links = await linksOf(asked, hasMore && !shape.countOnly ? page : undefined);
  return { status: 200, body: bundleOf('searchset', { links, entries, total }) };
}

/** Whose rows: nobody's where no patient is named; undefined where none can be meant. Throws OperationOutcomeError 400. */
function ofWhom({ patients }: LogQuery, reach: LogReach): LogOf | undefined {
  const [first] = patients;
  const only = reach.kind === 'record' ? reach.patient : undefined;
  if (only !== undefined) return patients.every((ids) => ids.includes(only)) ? only : undefined;
  if (!first && reach.kind === 'all') return nobody;
  const named = first?.filter((id) => patients.every((ids) => ids.includes(id)));
  if (!named || named.length > 1)
    throw badRequest('A search of AuditEvent needs one patient (patient=…)', 'required', ['patient']);
  return named[0];
}

async function pageOf(asked: Asked, of: LogOf | undefined, after: LogPlace | undefined): Promise<LogPage> {
  const { pool, reach, query } = asked;
  const { shape, filter } = query;
  if (of === undefined || shape.countOnly) return { entries: [], isLast: true };
  return auditPage(pool, { of, reach, filter }, { limit: shape.count, after });
}

async function totalOf(
  { pool, fhir, request, reach, query }: Asked,
  of: LogOf | undefined,
  behind?: Behind,
): Promise<number> {
  const noted = of === undefined ? 0 : await countAudit(pool, { of, reach, filter: query.filter });
  return noted + (behind ? await fhir.searcher.count(behind.query, storedReach(request)) : 0);
}

async function isAny({ fhir, request }: Asked, { query }: Behind): Promise<boolean> {
  const { matches } = await fhir.searcher.page({ ...query, count: 1 }, storedReach(request));
  return matches.length > 0;
}

const storedReach = ({ access }: FhirRequest): Reach => reachOf(access, 'search', 'AuditEvent');

/** Of rows there are no chains, so nothing is left to be resolved. */
function storedQuery({ fhir, query }: Asked, within: ReturnType<typeof withinCompartment>): Query {
  const stored = parseQuery('AuditEvent', query.shape.understood, {
    lenient: false,
    nowMs: fhir.nowMs(),
    base: fhir.base,
  });
  if (within) stored.filters.push(within);
  return stored;
}

/** Behind the last row the link leads on to the stored ones. */
async function linksOf({ fhir, request, path, query }: Asked, page: LogPage | undefined): Promise<BundleLink[]> {
  const { understood } = query.shape;
  const url = `${fhir.base}/${path}`;
  const links = [{ relation: 'self', url: `${url}?${new URLSearchParams(understood)}` }];
  if (!page) return links;
  const last = page.isLast ? undefined : page.entries.at(-1)?.place;
  const after = { key: '', values: last ? [last.at, last.id] : [] };
  const { client } = request.access;
  const sealed = await fhir.cursors.seal({ of: cursorOf(path), query: understood, after, client });
  return [...links, { relation: 'next', url: pageUrl(url, sealed, understood) }];
}

/** The JSON texts of events, with the names of the organizations in them. */
export async function eventTexts(
  fhir: Fhir,
  language: Language,
  reach: LogReach,
  entries: readonly AuditEntry[],
): Promise<string[]> {
  const organizations = [...new Set(entries.flatMap(({ client }) => actorOf(client).organization ?? []))];
  const wanted = organizations.map((reference) => ({
    type: 'Organization',
    id: reference.slice('Organization/'.length),
    reach: { kind: 'all' } as const,
  }));
  const found = await fhir.reader.currentOf(wanted);
  const names = new Map(organizations.map((reference, n) => [reference, nameIn(found[n]?.content)]));
  const reader = { language, isFamily: reach.kind !== 'all', base: fhir.base };
  return entries.map((entry) => JSON.stringify(auditEvent(entry, names, reader)));
}

function nameIn(content: string | undefined): string | undefined {
  const resource = content === undefined ? undefined : parseJson(content);
  return isObject(resource) && typeof resource.name === 'string' ? resource.name : undefined;
}
