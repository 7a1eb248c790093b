// Builds a generated world on a server by the doors that clients use, and asks as its callers. Ids that the server gives to what
// organizations enter take the place of the generated ones, in the world as well.

import type { Request } from './cells.ts';
import { patientsOf } from './entry.ts';
import type { Staged } from './generate.ts';
import type { Caller, Entry, Tie, World } from './world.ts';

export type Answer = { status: number; headers: Record<string, unknown>; text: string };

/** What the stage needs of a server: its tokens, its clock, its answers, and the set-up of relations. */
export type Stage = {
  mint(caller: Caller): Promise<string>;
  ask(token: string, request: Request): Promise<Answer>;
  setNow(nowMs: number): void;
  setRelations(world: Pick<World, 'relations' | 'ties' | 'suspensions' | 'breakGlass'>): Promise<void>;
};

export type Ready = Staged & { tokens: Map<string, string>; deployment: string };

/** Stores the world; returns it with the ids and instants of the server and a token for each caller. */
export async function build(stage: Stage, generated: Staged): Promise<Ready> {
  const { callers, storedMs, momentsMs } = generated;
  const deployment = await stage.mint({ scopes: 'system/*.cruds' });
  stage.setNow(storedMs);
  const ids = new Map<string, string>();
  const renamed = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replaceAll(
        /"([A-Z]\w+)\/(w\d+-[\w-]+)"/g,
        (_, type, id) => `"${type}/${ids.get(id) ?? id}"`,
      ),
    );
  const writers = await writersOf(stage, generated);
  const entries: Entry[] = [];
  const [first, later] = [inDirectory, (entry: Entry) => !inDirectory(entry)].map((is) =>
    generated.world.entries.filter(is),
  );
  for (const entry of first ?? []) entries.push(await enter(stage, deployment, undefined, entry));
  await stage.setRelations({ ...none, ties: writingTies(generated) });
  for (const entry of later ?? []) {
    const stored = await enter(stage, deployment, entry.writer && writers.get(entry.writer), {
      ...entry,
      resource: renamed(entry.resource),
    });
    ids.set(entry.resource.id, stored.resource.id);
    entries.push(stored);
  }
  await stage.setRelations({ ...none, ties: writingTies(generated).map((tie) => ({ ...tie, untilMs: storedMs })) });
  await stage.setRelations(generated.world);
  const world: World = { ...generated.world, entries };
  const tokens = new Map<string, string>();
  for (const { name, caller } of callers) tokens.set(name, await stage.mint(caller));
  stage.setNow(momentsMs[0] ?? storedMs);
  return { ...generated, world, tokens, deployment };
}

const none = { relations: [], ties: [], suspensions: [], breakGlass: [] };

const inDirectory = ({ resource }: Entry): boolean =>
  ['Organization', 'Practitioner', 'Group', 'Patient'].includes(resource.resourceType);

/** A client of each organization that wrote something. */
async function writersOf(stage: Stage, { world }: Staged): Promise<Map<string, string>> {
  const names = [...new Set(world.entries.flatMap(({ writer }) => writer ?? []))];
  const tokens = new Map<string, string>();
  for (const organization of names)
    tokens.set(organization, await stage.mint({ scopes: 'system/*.cruds', organization }));
  return tokens;
}

/** The links by which organizations enter what they wrote. They end before anybody asks. */
function writingTies({ world, storedMs }: Staged): Tie[] {
  const pairs = world.entries.flatMap(({ resource, writer }) =>
    writer === undefined ? [] : patientsOf(resource).map((patient) => `${writer} ${patient}`),
  );
  return [...new Set(pairs)].map((pair) => {
    const [organization = '', patient = ''] = pair.split(' ');
    const kind = world.municipalities.includes(organization) ? 'residence' : 'link';
    return { kind, organization, patient, fromMs: storedMs };
  });
}

/** PUT under its own id as deployment, POST as an organization. */
async function enter(stage: Stage, deployment: string, writer: string | undefined, entry: Entry): Promise<Entry> {
  const { resourceType, id } = entry.resource;
  const { id: _, ...withoutId } = entry.resource;
  const { status, text } = writer
    ? await stage.ask(writer, { method: 'POST', path: resourceType, body: withoutId })
    : await stage.ask(deployment, { method: 'PUT', path: `${resourceType}/${id}`, body: entry.resource });
  if (status !== 201) throw new Error(`${resourceType}/${id} was answered ${status}: ${text}`);
  const stored = JSON.parse(text);
  return { ...entry, resource: { ...entry.resource, id: stored.id }, storedMs: Date.parse(stored.meta.lastUpdated) };
}
