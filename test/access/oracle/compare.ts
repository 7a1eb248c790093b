// Asks the cells and compares every answer with the oracle's. What differs is told with the smallest thing that shows it: who asked
// what about which entry, what the page says and what the server said.
import { type Cell, type Expected, type Request, refOf } from './cells.ts';
import { patientsOf } from './entry.ts';
import type { Answer, Ready, Stage } from './stage.ts';
import type { Entry, Resource } from './world.ts';

export type Difference = { cell: string; expected: string; answered: string };

export type Compared = {
  /** Decisions compared: one for each request about one entry, one for each entry that a search might have shown. */
  decisions: number;
  requests: number;
  differences: Difference[];
  /** By role and interaction: decisions to permit and to deny. */
  spread: Map<string, { permit: number; deny: number }>;
};

export const nothingCompared = (): Compared => ({ decisions: 0, requests: 0, differences: [], spread: new Map() });

/** Compares the cells, in order; answers to the deployment are kept while nothing is written. */
export async function compare(
  stage: Stage,
  ready: Ready,
  cells: Cell[],
  into: Compared,
  foundBy = new Map<string, string[]>(),
): Promise<void> {
  const known = new Map(ready.world.entries.map((entry) => [refOf(entry), entry]));
  for (const cell of cells) {
    const token = ready.tokens.get(cell.caller.name) ?? '';
    if ('sameAs' in cell.expected) {
      await compareWithNever(stage, ready, token, cell, cell.expected, into);
      continue;
    }
    const expected = await decided(stage, ready, { ...cell, expected: cell.expected }, known, foundBy);
    const answer = await asked(stage, token, cell);
    into.requests += 1;
    const told = described(cell);
    if ('statuses' in expected) {
      into.decisions += 1;
      count(into, cell, Number(cell.permitted), Number(!cell.permitted));
      if (!expected.statuses.includes(answer.status))
        into.differences.push({ cell: told, expected: expected.statuses.join(' or '), answered: `${answer.status}` });
      else if (answer.status >= 400) into.differences.push(...leaks(ready, cell, answer, told));
      continue;
    }
    const shown = answer.status === 200 ? refsIn(answer.text, cell.interaction) : [`status ${answer.status}`];
    into.decisions += Math.max(1, expected.candidates.length);
    count(into, cell, expected.refs.length, expected.candidates.length - expected.refs.length);
    const tooMuch = shown.filter((ref) => !expected.refs.includes(ref));
    const missing = expected.refs.filter((ref) => !shown.includes(ref));
    if (tooMuch.length > 0 || missing.length > 0)
      into.differences.push({
        cell: told,
        expected: missing.length > 0 ? `also ${missing.map((ref) => explained(known, ref)).join(', ')}` : 'less',
        answered: `too much: ${tooMuch.map((ref) => explained(known, ref)).join(', ') || 'nothing'}`,
      });
  }
}

/** "Reading what is hidden, and what has never been, answers the same status and body but for the id." */
async function compareWithNever(
  stage: Stage,
  ready: Ready,
  token: string,
  cell: Cell,
  { sameAs, masks }: { sameAs: Request; masks: string[] },
  into: Compared,
): Promise<void> {
  const [hidden, missing] = [await stage.ask(token, cell.request), await stage.ask(token, sameAs)];
  into.requests += 2;
  into.decisions += 1;
  count(into, cell, 0, 1);
  const told = described(cell);
  const [one, other] = [seen(hidden, masks), seen(missing, masks)];
  if (one !== other) into.differences.push({ cell: told, expected: other, answered: one });
  into.differences.push(...leaks(ready, cell, hidden, told));
}

/** Status, the headers that tell something, and the body; ids that were asked for and those that the server gave are masked. */
function seen({ status, headers, text }: Answer, masks: string[]): string {
  const names = ['content-type', 'etag', 'last-modified', 'location', 'www-authenticate', 'allow', 'retry-after'];
  const told = names.map((name) => `${name}=${headers[name] ?? ''}`).join(' ');
  const longestFirst = masks
    .flatMap((one) => [one, encodeURIComponent(one)])
    .toSorted((one, other) => other.length - one.length);
  const masked = longestFirst.reduce((all, one) => all.replaceAll(one, 'ASKED'), `${status} ${told} ${text}`);
  return masked.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'GIVEN');
}

type Decided = { statuses: number[] } | { refs: string[]; candidates: string[] };

async function decided(
  stage: Stage,
  ready: Ready,
  { request, expected }: Cell & { expected: Exclude<Expected, { sameAs: Request }> },
  known: Map<string, Entry>,
  foundBy: Map<string, string[]>,
): Promise<Decided> {
  if ('statuses' in expected) return expected;
  if ('refs' in expected) return { ...expected, candidates: expected.refs };
  const path = expected.found ?? request.path;
  const entries = await candidates(stage, ready, path, foundBy, known);
  return {
    refs: entries.filter((entry) => expected.filter(entry, entries)).map(refOf),
    candidates: entries.map(refOf),
  };
}

/** What the deployment finds; entries that the world does not know are as the server has them. */
async function candidates(
  stage: Stage,
  ready: Ready,
  path: string,
  foundBy: Map<string, string[]>,
  known: Map<string, Entry>,
): Promise<Entry[]> {
  const kept = foundBy.get(path);
  if (kept) return kept.flatMap((ref) => known.get(ref) ?? []);
  const { status, text } = await stage.ask(ready.deployment, { method: 'GET', path });
  if (status !== 200) throw new Error(`${path} answered the deployment ${status}: ${text}`);
  const resources: Resource[] = (JSON.parse(text).entry ?? []).flatMap(
    (one: { resource?: Resource }) => one.resource ?? [],
  );
  for (const resource of resources) {
    const entry: Entry = {
      resource,
      storedMs: Date.parse((resource as { meta?: { lastUpdated: string } }).meta?.lastUpdated ?? ''),
    };
    if (!known.has(refOf(entry))) known.set(refOf(entry), entry);
  }
  const refs = [...new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`))];
  foundBy.set(path, refs);
  return refs.flatMap((ref) => known.get(ref) ?? []);
}

/** One answer; of paging all pages as one. */
async function asked(stage: Stage, token: string, { interaction, request }: Cell): Promise<Answer> {
  const first = await stage.ask(token, request);
  if (interaction !== 'search-type in pages' || first.status !== 200) return first;
  const whole = JSON.parse(first.text);
  for (let next = nextOf(whole), pages = 0; next !== undefined && pages < 1000; pages += 1) {
    const page = await stage.ask(token, { method: 'GET', path: next });
    if (page.status !== 200) return page;
    const body = JSON.parse(page.text);
    whole.entry = [...(whole.entry ?? []), ...(body.entry ?? [])];
    next = nextOf(body);
  }
  return { ...first, text: JSON.stringify(whole) };
}

const nextOf = (body: { link?: { relation: string; url: string }[] }): string | undefined =>
  body.link?.find(({ relation }) => relation === 'next')?.url.replace(/^.*?\/fhir\/?/, '');

/** `Type/id` of everything that an answer shows. */
function refsIn(text: string, interaction: string): string[] {
  const body = JSON.parse(text);
  if (interaction === 'GraphQL list') {
    return Object.entries((body.data ?? {}) as Record<string, { id: string }[]>).flatMap(([name, list]) =>
      list.map(({ id }) => `${name.replace(/List$/, '')}/${id}`),
    );
  }
  const entries: { resource?: Resource; fullUrl?: string; search?: { mode: string } }[] = body.entry ?? [];
  const refs = entries
    .filter(({ search }) => search?.mode !== 'outcome')
    .map(({ resource, fullUrl }) =>
      resource ? `${resource.resourceType}/${resource.id}` : (fullUrl ?? '').split('/').slice(-2).join('/'),
    );
  const isCounted =
    body.total !== undefined && !/^(history|\$everything|_include|_revinclude|\$lastn)/.test(interaction);
  // A total that knows more than is shown tells of what is hidden.
  return isCounted && body.total !== refs.length
    ? [...refs, `total ${body.total} of ${refs.length}`]
    : [...new Set(refs)];
}

/** A refusal names no text of a patient, and nothing of the entry. */
function leaks({ canaries }: Ready, { entry }: Cell, { text }: Answer, told: string): Difference[] {
  const patients = entry ? patientsOf(entry.resource) : Object.keys(canaries);
  return patients.some((patient) => text.includes(canaries[patient] ?? '\0'))
    ? [{ cell: told, expected: 'no text of the entry', answered: 'a canary' }]
    : [];
}

function count({ spread }: Compared, { caller, interaction }: Cell, permit: number, deny: number): void {
  const key = `${caller.name} | ${interaction}`;
  const known = spread.get(key) ?? { permit: 0, deny: 0 };
  spread.set(key, { permit: known.permit + permit, deny: known.deny + deny });
}

const described = ({ caller, interaction, request, entry }: Cell): string =>
  `${caller.name} ${interaction}: ${request.method} ${request.path}${entry ? ` of ${labelsIn(entry)}` : ''}`;

const explained = (known: Map<string, Entry>, ref: string): string => {
  const entry = known.get(ref);
  return entry ? `${ref} (${labelsIn(entry)})` : ref;
};

const labelsIn = ({ resource, writer }: Entry): string => {
  const { meta } = resource as { meta?: { security?: { code: string }[] } };
  const codes = meta?.security?.map(({ code }) => code).join(' ') ?? 'no label';
  return `${patientsOf(resource).join(' ')} ${codes}${writer ? ` by ${writer}` : ''}`;
};
