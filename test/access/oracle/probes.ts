// Cross-patient probes: every caller asks for what it may not read, by every door, beside the same request about what was never
// there. The two answers are equal but for the id, and no text of the patient is in them.
import { randomFrom } from '../../support/random.ts';
import { mayRead } from '../oracle.ts';
import { type Cell, neverLike, type Request } from './cells.ts';
import { kindOf, patientsOf } from './entry.ts';
import type { Cast } from './generate.ts';
import type { Ready } from './stage.ts';

/** `wanted` probes at the last moment, all callers and doors in turn. */
export function probeCells({ world, callers, momentsMs }: Ready, wanted: number, seed: number): Cell[] {
  const random = randomFrom(seed);
  const momentMs = momentsMs.at(-1) ?? 0;
  const hiddenFrom = callers.map((caller) => ({
    caller,
    hidden: world.entries.filter(
      (entry) =>
        kindOf(entry.resource) === 'record' &&
        !mayRead(world, caller.caller, entry, momentMs) &&
        !mayRead(world, caller.caller, entry, momentMs, 's'),
    ),
  }));
  // An organization reads what it wrote about a patient whom it may not see; such compartments are not empty.
  const hasOwn = ({ caller }: Cast, patient: string): boolean =>
    world.entries.some(
      (entry) => patientsOf(entry.resource).includes(patient) && mayRead(world, caller, entry, momentMs, 's'),
    );
  return Array.from({ length: wanted }, (_, n): Cell => {
    const { caller, hidden } = hiddenFrom[n % hiddenFrom.length] ?? { caller: random.pick(callers), hidden: [] };
    const entry = random.pick(hidden);
    const { resourceType, id } = entry.resource;
    const [interaction, ask] = random.pick(
      Object.entries(resourceType === 'Patient' && !hasOwn(caller, id) ? { ...doors, ...patientDoors } : doors),
    );
    return {
      ...{ caller, interaction, entry, permitted: false },
      request: ask(resourceType, id),
      expected: { sameAs: ask(resourceType, neverLike(id)), masks: [id, neverLike(id)] },
    };
  });
}

type Door = (type: string, id: string) => Request;

const get = (path: string): Request => ({ method: 'GET', path });
const post = (path: string, body: object): Request => ({ method: 'POST', path, body });
const bundle = (type: string, method: string, url: string): Request =>
  post('', { resourceType: 'Bundle', type, entry: [{ request: { method, url } }] });

const doors: Record<string, Door> = {
  read: (type, id) => get(`${type}/${id}`),
  'read of elements': (type, id) => get(`${type}/${id}?_elements=id`),
  vread: (type, id) => get(`${type}/${id}/_history/1`),
  history: (type, id) => get(`${type}/${id}/_history`),
  $meta: (type, id) => get(`${type}/${id}/$meta`),
  '$meta-add': (type, id) =>
    post(`${type}/${id}/$meta-add`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }],
    }),
  $diff: (type, id) => get(`${type}/${id}/$diff?from=1&to=1`),
  GraphQL: (type, id) => get(`${type}/${id}/$graphql?query={id}`),
  'GraphQL on the server': (type, id) => get(`$graphql?query={${type}(id:"${id}"){id}}`),
  'search by _id': (type, id) => get(`${type}?_id=${id}&_total=accurate`),
  'search-system': (_, id) => get(`?_id=${id}&_total=accurate`),
  _filter: (type, id) => get(`${type}?_filter=_id%20eq%20${id}&_total=accurate`),
  count: (type, id) => get(`${type}?_id=${id}&_summary=count`),
  delete: (type, id) => ({ method: 'DELETE', path: `${type}/${id}` }),
  'delete with If-Match': (type, id) => ({
    ...{ method: 'DELETE', path: `${type}/${id}` },
    headers: { 'if-match': 'W/"1"' },
  }),
  patch: (type, id) => ({
    ...{ method: 'PATCH', path: `${type}/${id}`, body: [{ op: 'add', path: '/language', value: 'ja' }] },
    headers: { 'content-type': 'application/json-patch+json' },
  }),
  'patch that does not fit': (type, id) => ({
    ...{ method: 'PATCH', path: `${type}/${id}`, body: [{ op: 'test', path: '/language', value: 'xx' }] },
    headers: { 'content-type': 'application/json-patch+json' },
  }),
  'conditional delete': (type, id) => ({ method: 'DELETE', path: `${type}?_id=${id}` }),
  'read in a batch': (type, id) => bundle('batch', 'GET', `${type}/${id}`),
  'search in a batch': (type, id) => bundle('batch', 'GET', `${type}?_id=${id}`),
  'delete in a transaction': (type, id) => bundle('transaction', 'DELETE', `${type}/${id}`),
  'read if it changed': (type, id) => ({ ...get(`${type}/${id}`), headers: { 'if-none-match': 'W/"1"' } }),
};

const patientDoors: Record<string, Door> = {
  $everything: (_, id) => get(`Patient/${id}/$everything`),
  compartment: (_, id) => get(`Patient/${id}/Observation?_total=accurate`),
  'the whole compartment': (_, id) => get(`Patient/${id}/*?_total=accurate`),
  $forecast: (_, id) => get(`Patient/${id}/$forecast`),
  $plan: (_, id) => get(`Patient/${id}/$plan`),
  $growth: (_, id) => get(`Patient/${id}/$growth`),
  chain: (_, id) => get(`Observation?subject:Patient._id=${id}&_total=accurate`),
};
