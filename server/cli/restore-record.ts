// Stores the resources of an archive on a server, through its public API, under the ids they had: version after version where
// their history came along, and otherwise as they were last. What is there already as the archive has it stays as it is, so that
// the same archive twice changes nothing and a run that was cut off goes on. What is there and differs is never overwritten.

import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import type { ArchivedResource, ArchivedVersion } from '../record/read-archive.ts';

export type Server = { fhirBase: string; token: string };
export type Restored = { stored: number; unchanged: number; refused: number };

const mostTogether = 100;
const mostBytes = 8 * 1024 * 1024;

/** Tells of each resource that could not be stored. Throws RestoreFailed when the server cannot be reached or knows no such caller. */
export async function restoreRecord(
  server: Server,
  resources: AsyncIterable<ArchivedResource>,
  tell: (name: string, why: string) => void,
): Promise<Restored> {
  const restored: Restored = { stored: 0, unchanged: 0, refused: 0 };
  let waiting: Waiting[] = [];
  let bytes = 0;
  for await (const resource of resources) {
    const size = JSON.stringify(resource).length;
    if (waiting.length >= mostTogether || (waiting.length > 0 && bytes + size > mostBytes)) await settle();
    waiting.push({ ...resource, before: 0, isGone: false, left: [] });
    bytes += size;
  }
  await settle();
  return restored;

  async function settle(): Promise<void> {
    const open: Waiting[] = [];
    for (const { one, answer } of await currentOf(server, waiting)) {
      const next = stepsFrom(one, answer);
      if (typeof next === 'string') refuse(one, next);
      else if (next.left.length === 0) restored.unchanged++;
      else open.push(next);
    }
    waiting = [];
    bytes = 0;
    const changed = new Set<Waiting>(open);
    // A resource has one version in a transaction: round after round.
    for (let round = open; round.length > 0; round = round.filter(({ left }) => left.length > 0)) {
      for (const { one, why } of await storeNext(server, round)) {
        one.left = [];
        if (changed.delete(one)) refuse(one, why);
      }
    }
    restored.stored += changed.size;
  }

  function refuse({ type, id }: ArchivedResource, why: string): void {
    restored.refused++;
    tell(`${type}/${id}`, why);
  }
}

/** Thrown when nothing more can be stored; the message is for people. */
export class RestoreFailed extends Error {}

/** `before`: the version that the server has, 0 for none; `isGone`: it is a delete; `left`: what is still to be stored. */
type Waiting = ArchivedResource & { before: number; isGone: boolean; left: ArchivedVersion[] };
type EntryAnswer = { status: string; resource: JsonObject | undefined; why: string };

async function currentOf(server: Server, all: readonly Waiting[]): Promise<{ one: Waiting; answer: EntryAnswer }[]> {
  if (all.length === 0) return [];
  const answers = await send(
    server,
    'batch',
    all.map(({ type, id }) => ({ request: { method: 'GET', url: `${type}/${id}` } })),
  );
  if ('refused' in answers) throw new RestoreFailed(answers.refused);
  return all.map((one, n) => ({ one, answer: answers.entries[n] ?? noAnswer }));
}

const noAnswer: EntryAnswer = { status: '500', resource: undefined, why: 'the server gave no answer to it' };

/** What is still to be stored, or why nothing may be. */
function stepsFrom(one: Waiting, { status, resource, why }: EntryAnswer): Waiting | string {
  const { versions } = one;
  if (status.startsWith('404')) return { ...one, left: [...versions] };
  if (status.startsWith('410'))
    return versions.at(-1)?.resource ? 'it was deleted on this server' : { ...one, left: [] };
  if (!status.startsWith('200') || !resource) return why;
  const last = versions.length - 1;
  const at = versions.findLastIndex((version) => version.resource && isSame(version.resource, resource));
  const here = Number(isObject(resource.meta) ? resource.meta.versionId : 0);
  if (at === last) return { ...one, left: [] };
  // In the middle of its history only a run that was cut off left it so.
  if (at >= 0 && versions[at]?.version === here) return { ...one, before: here, left: versions.slice(at + 1) };
  return 'it is another one on this server, which stays as it is';
}

/** But for what a server says of itself: the number and the time of the version. */
function isSame(one: JsonObject, other: JsonObject): boolean {
  const own = ({ meta, ...rest }: JsonObject) => {
    const { versionId: _, lastUpdated: __, ...said } = isObject(meta) ? meta : {};
    return JSON.stringify({ ...rest, ...(Object.keys(said).length > 0 && { meta: said }) });
  };
  return own(one) === own(other);
}

/** Stores the next version of each, together if that is possible. Resolves with those that were refused, and why. */
async function storeNext(server: Server, round: readonly Waiting[]): Promise<{ one: Waiting; why: string }[]> {
  const entries = round.map(entryOf);
  const together = await send(server, 'transaction', entries);
  const answers = 'refused' in together ? await send(server, 'batch', entries) : together;
  if ('refused' in answers) throw new RestoreFailed(answers.refused);
  const refused: { one: Waiting; why: string }[] = [];
  for (const [n, one] of round.entries()) {
    const { status, why } = answers.entries[n] ?? noAnswer;
    if (!status.startsWith('2')) refused.push({ one, why });
    one.before++;
    one.isGone = one.left.shift()?.resource === undefined;
  }
  return refused;
}

/** Only where nothing is, or where what is there is the version before; behind a delete there is none to name. */
function entryOf({ type, id, before, isGone, left }: Waiting): object {
  const [next] = left;
  const url = `${type}/${id}`;
  if (next?.resource === undefined) return { request: { method: 'DELETE', url, ifMatch: `W/"${before}"` } };
  const condition = isGone ? {} : before === 0 ? { ifNoneMatch: '*' } : { ifMatch: `W/"${before}"` };
  return { resource: next.resource, request: { method: 'PUT', url, ...condition } };
}

async function send(
  { fhirBase, token }: Server,
  type: 'batch' | 'transaction',
  entry: readonly object[],
): Promise<{ entries: EntryAnswer[] } | { refused: string }> {
  const response = await fetch(fhirBase, {
    method: 'POST',
    redirect: 'error',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', prefer: 'return=minimal' },
    body: JSON.stringify({ resourceType: 'Bundle', type, entry }),
  }).catch(() => {
    throw new RestoreFailed(`no server answers at ${fhirBase}`);
  });
  const answer = parseJson(await response.text());
  const body = isObject(answer) ? answer : {};
  if (!response.ok) return { refused: whyOf(body) ?? `the server answered ${response.status}` };
  const entries = Array.isArray(body.entry) ? body.entry : [];
  return {
    entries: entries.map(({ resource, response: { status = '', outcome } = {} }) => ({
      status: String(status),
      resource: isObject(resource) ? resource : undefined,
      why: (isObject(outcome) ? whyOf(outcome) : undefined) ?? `the server answered ${status}`,
    })),
  };
}

function whyOf({ issue }: JsonObject): string | undefined {
  const [first] = Array.isArray(issue) ? issue.filter(isObject) : [];
  return typeof first?.diagnostics === 'string' ? first.diagnostics : undefined;
}
