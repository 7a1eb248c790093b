// The cells in which the server is compared with the oracle: role × interaction × entry. Each is one request and what the page
// says its answer is: a status, or exactly these entries. What a search finds at all is asked of the server as deployment; which of
// it the caller gets is the oracle's.
import type { Random } from '../../support/random.ts';
import { mayRead, readStatus, searchStatus, writeStatuses } from '../oracle.ts';
import { kindOf, patientsOf, referencesAt } from './entry.ts';
import type { Cast } from './generate.ts';
import { hasLetter } from './scopes.ts';
import { type Entry, purposeOf, type World } from './world.ts';

export type Request = { method: string; path: string; body?: object; headers?: Record<string, string> };

export type Expected =
  | { statuses: number[] }
  /** The answer holds exactly those of what the deployment finds by `found` (its own request when missing) that pass. */
  | { filter: (entry: Entry, all: Entry[]) => boolean; found?: string }
  /** Exactly these, as `Type/id`. */
  | { refs: string[] }
  /** The answer to this request, about what was never there, but for these words: what was asked for in the two. */
  | { sameAs: Request; masks: string[] };

export type Cell = {
  caller: Cast;
  interaction: string;
  /** The entry that it is about, and whether the page permits it. */
  entry?: Entry;
  permitted: boolean;
  request: Request;
  expected: Expected;
};

export type Planning = { world: World; caller: Cast; momentMs: number; random: Random };

export const refOf = ({ resource }: Entry): string => `${resource.resourceType}/${resource.id}`;

/** Interactions that read one entry: 200, 404 as if it were not there, or 403 without a scope for its type. */
const instanceReads: Record<string, (ref: string) => Request> = {
  read: (ref) => get(ref),
  vread: (ref) => get(`${ref}/_history/1`),
  'history-instance': (ref) => get(`${ref}/_history`),
  $meta: (ref) => get(`${ref}/$meta`),
  $diff: (ref) => get(`${ref}/$diff?from=1&to=1`),
  'GraphQL instance': (ref) => get(`${ref}/$graphql?query={id}`),
};

const get = (path: string): Request => ({ method: 'GET', path });

/** `each` permitted and as many denied entries for every interaction that reads one. */
export function instanceCells({ world, caller, momentMs, random }: Planning, each: number): Cell[] {
  return Object.entries(instanceReads).flatMap(([interaction, ask]) =>
    balanced(world.entries, each, random, (entry) => mayRead(world, caller.caller, entry, momentMs)).map(
      ({ entry, permitted }): Cell => ({
        ...{ caller, interaction, entry, permitted },
        request: ask(refOf(entry)),
        expected: { statuses: [readStatus(world, caller.caller, entry.resource.resourceType, entry, momentMs)] },
      }),
    ),
  );
}

function balanced(entries: Entry[], each: number, random: Random, isPermitted: (entry: Entry) => boolean) {
  const judged = entries.map((entry) => ({ entry, permitted: isPermitted(entry) }));
  return [true, false].flatMap((side) => {
    const pool = judged.filter(({ permitted }) => permitted === side);
    return Array.from({ length: Math.min(each, pool.length) }, () => pool.splice(random.below(pool.length), 1)).flat();
  });
}

const types = [
  ...['Patient', 'Observation', 'Encounter', 'Immunization', 'Condition', 'AllergyIntolerance', 'DiagnosticReport'],
  ...['QuestionnaireResponse', 'Media', 'Communication', 'Appointment', 'Consent', 'Organization', 'Group'],
];

/** Everything that answers with a set. Paging with `_count=2` is followed to its end by whoever asks. */
export function setCells(planning: Planning): Cell[] {
  const { world, caller, momentMs, random } = planning;
  const passes = (entry: Entry) => mayRead(world, caller.caller, entry, momentMs, 's');
  const cell = (interaction: string, path: string, expected: Expected): Cell => {
    return { ...{ caller, interaction, permitted: true }, request: get(path), expected };
  };
  const search = (interaction: string, type: string, path: string, expected: Expected = { filter: passes }): Cell =>
    cell(interaction, path, searchStatus(caller.caller, type) === 200 ? expected : { statuses: [403] });
  const patients = world.entries.filter(({ resource }) => resource.resourceType === 'Patient');
  const ofType = (type: string) => world.entries.filter(({ resource }) => resource.resourceType === type);
  const some = (type: string) => random.pick(ofType(type));
  const paged = random.pick(types);
  const cells = types.flatMap((type) => {
    const one = some(type);
    const pair = [one, some(type)].map(({ resource }) => resource.id).join(',');
    return [
      search('search-type', type, `${type}?_count=1000`),
      ...(type === paged
        ? [search('search-type in pages', type, `${type}?_count=2`, { filter: passes, found: `${type}?_count=1000` })]
        : []),
      search('search by _id', type, `${type}?_id=${pair}&_total=accurate`),
      search('history-type', type, `${type}/_history?_count=1000`),
      ...(kindOf(one.resource) === 'record' && hasLetter(caller.caller, 's', type)
        ? [
            search('search-system by _id', type, `?_id=${pair}&_type=${type}`),
            cell('GraphQL list', `$graphql?query={${type}List(_count:"1000"){id}}`, {
              filter: passes,
              found: `${type}?_count=1000`,
            }),
          ]
        : []),
    ];
  });
  const asked = patients.filter(() => random.below(8) < 5);
  const ofPatients = asked.flatMap((patient) => {
    const { id } = patient.resource;
    const local = world.entries.filter(({ resource }) => patientsOf(resource)[0] === id);
    const weight = local.find(({ resource }) => resource.id.endsWith('-weight') || isWeight(resource));
    const visit = local.find(({ resource }) => resource.resourceType === 'Encounter');
    const everything: Expected = mayRead(world, caller.caller, patient, momentMs)
      ? { filter: (entry, all) => inEverything(planning, entry, all) }
      : { statuses: [readStatus(world, caller.caller, 'Patient', patient, momentMs)] };
    return [
      search('search by patient', 'Observation', `Observation?patient=${id}&_count=1000`),
      search('search by patient', 'Appointment', `Appointment?patient=${id}&_count=1000`),
      search('compartment', 'Immunization', `Patient/${id}/Immunization?_count=1000`),
      search('$lastn', 'Observation', `Observation/$lastn?patient=${id}&code=http://loinc.org|8310-5&max=100`),
      cell('$everything', `Patient/${id}/$everything?_count=1000`, everything),
      ...(weight && visit ? joins({ ...planning, patient, weight, visit }, search, passes) : []),
    ];
  });
  return [...cells, ...ofPatients];
}

/** What may be read of the record, and of the directory what that refers to. */
function inEverything({ world, caller, momentMs }: Planning, entry: Entry, all: Entry[]): boolean {
  const isOpen = (one: Entry) => mayRead(world, caller.caller, one, momentMs);
  if (kindOf(entry.resource) !== 'directory') return isOpen(entry);
  const record = all.filter((one) => kindOf(one.resource) === 'record' && isOpen(one));
  return isOpen(entry) && record.some(({ resource }) => JSON.stringify(resource).includes(`"${refOf(entry)}"`));
}

const isWeight = (resource: object): boolean => JSON.stringify(resource).includes('29463-7');

/** Chain, _has, _include, _revinclude: what is joined must be readable on both sides. */
function joins(
  { world, patient, weight, visit }: Planning & { patient: Entry; weight: Entry; visit: Entry },
  search: (interaction: string, type: string, path: string, expected?: Expected) => Cell,
  passes: (entry: Entry) => boolean,
): Cell[] {
  const refs = (...entries: Entry[]): Expected => ({ refs: entries.filter(passes).map(refOf) });
  const observations = world.entries.filter(
    ({ resource }) =>
      resource.resourceType === 'Observation' && referencesAt(resource, 'subject').includes(refOf(patient)),
  );
  const during = observations.filter(({ resource }) => referencesAt(resource, 'encounter').includes(refOf(visit)));
  const encounter = `Encounter?_id=${visit.resource.id}`;
  const observation = `Observation?_id=${weight.resource.id}`;
  const includes = '_include=Observation:encounter&_include=Observation:subject';
  return [
    search(
      'chain',
      'Observation',
      `Observation?subject:Patient.identifier=${numberOf(patient)}&_count=1000`,
      passes(patient) ? refs(...observations) : { refs: [] },
    ),
    search(
      '_has',
      'Patient',
      `Patient?_has:Observation:subject:identifier=${numberOf(weight)}`,
      passes(weight) ? refs(patient) : { refs: [] },
    ),
    search(
      '_include',
      'Observation',
      `${observation}&${includes}`,
      passes(weight) ? refs(weight, visit, patient) : { refs: [] },
    ),
    search(
      '_revinclude',
      'Encounter',
      `${encounter}&_revinclude=Observation:encounter`,
      passes(visit) ? refs(visit, ...during) : { refs: [] },
    ),
  ];
}

const jsonPatch = { 'content-type': 'application/json-patch+json' };
const patchBody = (value: string) => [{ op: 'add', path: '/language', value }];

/** Writes that leave what they change as it was but for its language, or that are refused. */
export function writeCells({ world, caller, momentMs, random }: Planning, each: number): Cell[] {
  const language = random.pick(['ja', 'en', 'ja-JP', 'en-GB']);
  const dated = world.entries.filter(({ resource }) => isDated(resource) && resource.resourceType !== 'Consent');
  const spoken = (entry: Entry): Entry => ({ ...entry, resource: { ...entry.resource, language } });
  const judge = (method: 'update' | 'patch' | 'delete', before: Entry) =>
    writeStatuses(
      world,
      caller.caller,
      { method, before, ...(method !== 'delete' && { after: spoken(before) }) },
      momentMs,
    );
  const isDone = (statuses: number[]) => statuses.every((status) => status < 300);
  const on = (
    interaction: string,
    method: 'update' | 'patch' | 'delete',
    ask: (entry: Entry) => Request,
    pool: Entry[] = dated,
  ): Cell[] =>
    balanced(pool, each, random, (entry) => isDone(judge(method, entry))).map(({ entry, permitted }) => ({
      ...{ caller, interaction, entry, permitted },
      request: ask(entry),
      expected: { statuses: judge(method, entry) },
    }));
  const put = (entry: Entry): Request => ({ method: 'PUT', path: refOf(entry), body: spoken(entry).resource });
  const patch = (entry: Entry): Request => {
    return { method: 'PATCH', path: refOf(entry), body: patchBody(language), headers: jsonPatch };
  };
  const remove = (entry: Entry): Request => ({ method: 'DELETE', path: refOf(entry) });
  const undeletable = dated.filter((entry) => !isDone(judge('delete', entry)));
  return [
    ...on('update', 'update', put),
    ...on('patch', 'patch', patch),
    ...on('delete', 'delete', remove, undeletable),
  ];
}

/**
 * Doors to the side: bundles, conditional interactions and references. The same request about what was never there shows what a
 * hidden entry must answer; `NEVER` stands for its id or number.
 */
export function sideCells({ world, caller, momentMs, random }: Planning, each: number): Cell[] {
  const passes = (entry: Entry) => mayRead(world, caller.caller, entry, momentMs, 's');
  const numbered = world.entries.filter(({ resource }) => Array.isArray(resource.identifier));
  const own = world.entries.find((one) => {
    const after = { ...one, resource: newObservation(one) };
    return (
      one.resource.resourceType === 'Patient' &&
      writeStatuses(world, caller.caller, { method: 'create', after }, momentMs)[0] === 201
    );
  });
  const hidden = numbered.filter((entry) => !passes(entry));
  const pick = (entries: Entry[]): Entry[] =>
    Array.from({ length: Math.min(each, entries.length) }, () => random.pick(entries));
  const batch = (method: string, path: string, type: 'batch' | 'transaction', resource?: object): Request => ({
    method: 'POST',
    path: '',
    body: { resourceType: 'Bundle', type, entry: [{ ...(resource && { resource }), request: { method, url: path } }] },
  });
  const asNever = (interaction: string, entry: Entry, ask: (id: string, number: string) => Request): Cell => ({
    ...{ caller, interaction, entry, permitted: false },
    request: ask(entry.resource.id, numberOf(entry)),
    expected: {
      sameAs: ask(neverLike(entry.resource.id), neverLike(numberOf(entry))),
      masks: [entry.resource.id, numberOf(entry)].flatMap((one) => [one, neverLike(one)]),
    },
  });
  const body = own && newObservation(own);
  return pick(hidden).flatMap((entry) => {
    const { resourceType } = entry.resource;
    const at = (id: string) => `${resourceType}/${id}`;
    const put = { ...entry.resource, language: 'ja' };
    const cells = [
      asNever('batch', entry, (id) => batch('GET', at(id), 'batch')),
      asNever('transaction', entry, (id) => batch('GET', at(id), 'transaction')),
      asNever('transaction', entry, (id) => batch('DELETE', at(id), 'transaction')),
      asNever('conditional delete', entry, (_, number) => del(`${resourceType}?identifier=${number}`)),
      asNever('PUT hidden or free', entry, (id) => ({ method: 'PUT', path: at(id), body: { ...put, id } })),
      asNever('_total', entry, (id) => get(`${resourceType}?_id=${id}&_total=accurate`)),
      asNever('_has', entry, (id) => get(`Patient?_has:Observation:patient:_id=${id}&_total=accurate`)),
    ];
    if (!own || !body) return cells;
    const placed = (id: string) => ({ ...body, id });
    return [
      ...cells,
      asNever('PUT hidden or free with an own body', entry, (id) => {
        return { method: 'PUT', path: `Observation/${id}`, body: placed(id) };
      }),
      asNever('conditional create', entry, (_, number) => ({
        ...{ method: 'POST', path: 'Observation', body },
        headers: { 'if-none-exist': `identifier=${number}` },
      })),
      asNever('conditional update', entry, (_, number) => {
        return { method: 'PUT', path: `Observation?identifier=${number}`, body };
      }),
      ...(resourceType === 'Patient'
        ? [
            asNever('conditional reference', entry, (_, number) =>
              batch('POST', 'Observation', 'transaction', {
                ...body,
                subject: { reference: `Patient?identifier=${number}` },
              }),
            ),
            asNever('create for a hidden patient', entry, (id) => ({
              ...{ method: 'POST', path: 'Observation' },
              body: { ...body, subject: { reference: `Patient/${id}` } },
            })),
          ]
        : []),
    ];
  });
}

const del = (path: string): Request => ({ method: 'DELETE', path });

const newObservation = ({ resource }: Entry) => ({
  ...{ resourceType: 'Observation', id: 'new', status: 'final', code: { text: 'x' } },
  subject: { reference: `Patient/${resource.id}` },
  effectiveDateTime: '2026-11-01',
});

/** An id or number of the same length that was never given. */
export const neverLike = (text: string): string => `${text.slice(0, -3)}zzz`;

const numberOf = ({ resource }: Entry): string => {
  const [one] = resource.identifier as { system: string; value: string }[];
  return `${one?.system}|${one?.value}`;
};

/** An update stores anew, and what has no date of its own has it from there. */
const isDated = (resource: Entry['resource']): boolean =>
  kindOf(resource) === 'record' &&
  resource.resourceType !== 'Patient' &&
  [
    'effectiveDateTime',
    'effectivePeriod',
    'occurrenceDateTime',
    'recordedDate',
    'period',
    'authored',
    'createdDateTime',
  ].some((name) => resource[name] !== undefined);

/** A create for each patient. They leave entries behind, so they come last. */
export function createCells({ world, caller, momentMs, random }: Planning): Cell[] {
  const patients = world.entries.filter(({ resource }) => resource.resourceType === 'Patient');
  // Whether a researcher may enter what it may not read, the page does not settle.
  if (purposeOf(caller.caller) === 'HRESCH') return [];
  return patients.map((patient): Cell => {
    const reference = { reference: refOf(patient) };
    const resource = random.pick([
      { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: reference },
      { resourceType: 'Condition', code: { text: 'x' }, subject: reference, recordedDate: '2026-11-01' },
      {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { text: 'x' },
        patient: reference,
        occurrenceDateTime: '2026-11-01',
      },
      { resourceType: 'RelatedPerson', patient: reference },
    ]);
    const after: Entry = { resource: { ...resource, id: 'new' }, storedMs: momentMs };
    const statuses = writeStatuses(world, caller.caller, { method: 'create', after }, momentMs);
    const request = { method: 'POST', path: resource.resourceType, body: resource };
    return {
      ...{ caller, interaction: 'create', entry: after, permitted: statuses[0] === 201 },
      request,
      expected: { statuses },
    };
  });
}
