// The ways to ask for something by its id, or for what only it has: each must answer alike whether it is hidden or missing.
import type { Asked } from '../local-server.ts';
import { observationOf, type Target } from './stage.ts';

/** `own`: the id of a patient whom the caller may write for; `n`: the number of the target, of hidden and missing ones alike. */
export type Door = (target: Target, own: string) => Asked;

const jsonPatch = { 'content-type': 'application/json-patch+json' };

export const doors: Record<string, Door> = {
  read: ({ observation }) => get(`Observation/${observation}`),
  vread: ({ observation }) => get(`Observation/${observation}/_history/1`),
  history: ({ observation }) => get(`Observation/${observation}/_history`),
  'search by _id': ({ observation }) => get(`Observation?_id=${observation}`),
  PUT: ({ observation }, own) => ({
    ...{ method: 'PUT', path: `Observation/${observation}` },
    body: JSON.stringify({ ...observationOf(own, 'changed'), id: observation }),
  }),
  PATCH: ({ observation }) => ({
    ...{ method: 'PATCH', path: `Observation/${observation}`, headers: jsonPatch },
    body: '[{"op":"replace","path":"/status","value":"amended"}]',
  }),
  DELETE: ({ observation }) => ({ method: 'DELETE', path: `Observation/${observation}` }),
  'conditional reference': ({ observation }, own) => ({
    ...{ method: 'POST', path: '' },
    body: JSON.stringify(referringTo(`Observation?_id=${observation}`, own)),
  }),
  $everything: ({ patient }) => get(`Patient/${patient}/$everything`),
  'GraphQL instance': ({ observation }) => get(`Observation/${observation}/$graphql?query={id}`),
};

const get = (path: string): Asked => ({ method: 'GET', path });

function referringTo(criteria: string, own: string): object {
  const resource = { ...observationOf(own, 'referring'), hasMember: [{ reference: criteria }] };
  const request = { method: 'POST', url: 'Observation' };
  return { resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request }] };
}
