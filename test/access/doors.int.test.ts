// Any caller, any door, any entry: whatever an answer shows is among what the oracle allows. The cells of the oracle say what each
// answer is; here only nothing may be too much, so that doors of every shape can be tried together.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { type Random, randomFrom } from '../support/random.ts';
import { type Request, refOf } from './oracle/cells.ts';
import { generate } from './oracle/generate.ts';
import { build, type Ready, type Stage } from './oracle/stage.ts';
import { stageOn } from './oracle/stage-on.ts';
import type { Entry } from './oracle/world.ts';
import { mayRead } from './oracle.ts';

let t: TestApp;
let stage: Stage;
let ready: Ready;
let known: Map<string, Entry>;
beforeAll(async () => {
  t = await startApp();
  stage = stageOn(t);
  ready = await build(stage, generate(20261123));
  known = new Map(ready.world.entries.map((entry) => [refOf(entry), entry]));
});
afterAll(() => t.close());

const tries = 300;

test('no door shows more than the policy', async () => {
  const random = randomFrom(5);
  const tooMuch: string[] = [];
  let shown = 0;
  for (let n = 0; n < tries; n++) {
    const momentMs = ready.momentsMs[n % ready.momentsMs.length] ?? 0;
    stage.setNow(momentMs);
    const { name, caller } = random.pick(ready.callers);
    const request = someRequest(random);
    const { text } = await stage.ask(ready.tokens.get(name) ?? '', request);
    for (const entry of entriesIn(text)) {
      shown += 1;
      const isAllowed = (['r', 's'] as const).some((letter) => mayRead(ready.world, caller, entry, momentMs, letter));
      if (!isAllowed) tooMuch.push(`${name}: ${request.method} ${request.path} shows ${refOf(entry)}`);
    }
  }
  expect(tooMuch).toEqual([]);
  expect(shown).toBeGreaterThan(tries);
});

test('every door is one: it opens for the deployment, and what it shows is seen', async () => {
  const random = randomFrom(6);
  const closed: string[] = [];
  let shown = 0;
  for (let n = 0; n < 100; n++) {
    const request = someRequest(random);
    const { status, text } = await stage.ask(ready.deployment, request);
    if (status !== 200) closed.push(`${status} ${request.path}: ${text}`);
    shown += entriesIn(text).length;
  }
  expect(closed).toEqual([]);
  expect(shown).toBeGreaterThan(600);
});

const get = (path: string): Request => ({ method: 'GET', path });

/** A door with entries of the world in its places. */
function someRequest(random: Random): Request {
  const one = () => random.pick(ready.world.entries);
  const of = (type: string) => random.pick(ready.world.entries.filter((entry) => entry.resource.resourceType === type));
  const patient = () => of('Patient').resource.id;
  const types = ['Patient', 'Observation', 'Encounter', 'Immunization', 'Condition', 'Appointment', 'Consent', 'Group'];
  const type = random.pick(types);
  const joined = random.pick([
    ...['_include=*', '_revinclude=*', '_include=*&_revinclude=*', '_include=*&_include:iterate=*'],
    ...['_revinclude=*&_revinclude:iterate=*', '_revinclude=*&_include:iterate=*', '_total=accurate', '_summary=data'],
  ]);
  return random.pick<() => Request>([
    () => get(`${type}?_id=${one().resource.id},${of(type).resource.id}&${joined}`),
    () => get(`${type}?_count=50&${joined}`),
    () => get(`${type}?_lastUpdated=gt2000-01-01&_sort=-_lastUpdated&${joined}`),
    () => get(`?_count=200&_lastUpdated=gt2000-01-01`),
    () => get(`Patient/${patient()}/*?_count=200`),
    () => get(`Patient/${patient()}/Encounter?_revinclude=*&_include=*`),
    () => get(`Patient/${patient()}/$everything`),
    () => get(`Patient/${patient()}/$everything?_count=3`),
    () => get(`Encounter/${of('Encounter').resource.id}/$everything`),
    () => get(`Observation/$lastn?patient=${patient()},${patient()}&category:missing=true&max=9`),
    () => get(`${random.pick(['', `${type}/`])}_history?_count=300`),
    () => get(`${refOf(one())}/_history`),
    () => get(`Observation?patient.birthdate=gt1900-01-01&_include=*&_count=100`),
    () => get(`Patient?_has:Observation:patient:status=final&_revinclude=*&_count=50`),
    () => get(`Observation?_filter=subject%20re%20Patient/${patient()}&_include=*`),
    () => get(`Encounter?class:not=nothing&patient:missing=false&_revinclude=*`),
    () => get(`Patient/${patient()}/$graphql?query=${encodeURIComponent(`{resourceType id ${reverse}}`)}`),
    () => get(`$graphql?query=${encodeURIComponent(`{PatientList(_count:"50"){resourceType id ${reverse}}}`)}`),
    () => get(`$graphql?query=${encodeURIComponent(`{ObservationList(_count:"50"){${forward}}}`)}`),
    () => bundle([refOf(one()), `${type}?_count=50`, `Patient/${patient()}/$everything`, `${refOf(one())}/_history/1`]),
  ])();
}

const reverse = 'ObservationList(_reference:subject){resourceType id encounter{resource{resourceType id}}}';
const forward =
  'resourceType id subject{resource{resourceType id}} encounter{resource{resourceType id}} performer{resource{resourceType id}}';

const bundle = (urls: string[]): Request => ({
  ...{ method: 'POST', path: '' },
  body: { resourceType: 'Bundle', type: 'batch', entry: urls.map((url) => ({ request: { method: 'GET', url } })) },
});

/** Every entry of the world that stands in an answer, however deep. */
function entriesIn(text: string): Entry[] {
  const found: Entry[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { resourceType, id } = node as { resourceType?: unknown; id?: unknown };
    const entry = known.get(`${resourceType}/${id}`);
    if (entry) found.push(entry);
    for (const child of Object.values(node)) walk(child);
  };
  walk(text === '' ? undefined : JSON.parse(text));
  return found;
}
