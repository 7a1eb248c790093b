// A search of the audit: those of R4's search parameters of AuditEvent that a row can answer. Pure.
// https://hl7.org/fhir/R4/auditevent.html#search

import { badRequest } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { askedDate } from '../search/date.ts';
import type { Query } from '../search/query.ts';
import { applyResultParameter } from '../search/result-parameters.ts';
import { eventPlace, type LogFilter } from '../store/audit-log.ts';
import { interactionsWith } from './kinds.ts';

export type LogQuery = {
  /** The patients asked for: every one of these lists has the patient in it. */
  patients: string[][];
  filter: { [Member in keyof LogFilter]-?: NonNullable<LogFilter[Member]>[number][] };
  /** Its page, its total and its view; filters and sort are empty. */
  shape: Query;
  /** Parameters that no row can answer. */
  beyond: string[];
};

/** Throws OperationOutcomeError 400 for a value that is not understood. */
export function parseLogQuery(pairs: readonly [string, string][], { nowMs, base }: Options): LogQuery {
  const query: LogQuery = {
    patients: [],
    filter: { dates: [], interactions: [], outcomes: [], actors: [], data: [], rows: [] },
    shape: {
      type: 'AuditEvent',
      filters: [],
      sort: [],
      count: defaultCount,
      includes: [],
      total: false,
      countOnly: false,
      understood: [],
      ignored: [],
    },
    beyond: [],
  };
  for (const [name, value] of pairs) {
    if (value === '') continue;
    const read = parameters[name];
    if (shaping.has(name)) applyResultParameter(query.shape, name, value);
    else if (read) read(query, value.split(','), { nowMs, base });
    else if (name !== '_sort' || value !== '-date') query.beyond.push(name);
    query.shape.understood.push([name, value]);
  }
  return query;
}

type Options = { nowMs: number; base: string };
type Read = (query: LogQuery, values: string[], options: Options) => void;

const defaultCount = 50;
const shaping = new Set(['_count', '_total', '_summary', '_elements', '_format', '_pretty']);

const coded =
  (member: 'type' | 'subtype' | 'action', systems: readonly string[]): Read =>
  ({ filter }, values) => {
    filter.interactions.push(
      interactionsWith(
        member,
        values.flatMap((value) => codeIn(value, systems)),
      ),
    );
  };

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';

const parameters: Readonly<Record<string, Read>> = {
  _id: ({ filter }, values) => {
    filter.rows.push(values.flatMap((value) => eventPlace(value) ?? []));
  },
  action: coded('action', ['http://hl7.org/fhir/audit-event-action']),
  agent: ({ filter }, values, { base }) => {
    filter.actors.push(values.map((value) => named('agent', value, base, agentTypes).join('/')));
  },
  date: ({ filter }, values, { nowMs }) => {
    filter.dates.push(values.map((value) => askedDate('date', value, nowMs)));
  },
  entity: ({ filter }, values, { base }) => {
    filter.data.push(values.map((value) => named('entity', value, base)));
  },
  outcome: ({ filter }, values) => {
    const codes = values.flatMap((value) => codeIn(value, ['http://hl7.org/fhir/audit-event-outcome']));
    filter.outcomes.push(codes.filter((code) => /^(?:0|4|8|12)$/.test(code)).map(Number));
  },
  patient: ({ patients }, values, { base }) => {
    patients.push(
      values.map((value) => named('patient', value.includes('/') ? value : `Patient/${value}`, base, patientOnly)[1]),
    );
  },
  subtype: coded('subtype', ['http://hl7.org/fhir/restful-interaction', dicom]),
  type: coded('type', ['http://terminology.hl7.org/CodeSystem/audit-event-type', dicom]),
};

const agentTypes = ['Organization', 'Person', 'Practitioner'];
const patientOnly = ['Patient'];

/** Every parameter there is, for a refusal. */
export const logParameters: readonly string[] = [...Object.keys(parameters), '_sort=-date', ...shaping];

/** `code` and `system|code` of one of these systems; nothing for another system's. */
function codeIn(value: string, systems: readonly string[]): string[] {
  const [first = '', code] = value.split('|');
  if (code === undefined) return [first];
  return first === '' || !systems.includes(first) ? [] : [code];
}

function named(name: string, value: string, base: string, types?: readonly string[]): [type: string, id: string] {
  const target = localReference(value, base);
  if (target && (types?.includes(target.type) ?? true)) return [target.type, target.id];
  throw badRequest(`${name}=${value} is no reference of the form ${types?.join(' or ') ?? 'Type'}/id`, 'value', [name]);
}
