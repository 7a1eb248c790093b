// The pages of a history, whatever is written between them: together they hold the versions that there were at the first.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

type Step = { kind: 'put' | 'delete' | 'move' | 'later' | 'earlier'; n: number };
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('put', 'put', 'put', 'delete', 'move', 'later', 'earlier'),
  n: fc.nat(4),
});
const steps = (maxLength: number) => fc.array(step, { minLength: 1, maxLength });
const startMs = Date.parse('2026-11-23T00:00:00.000Z');

let writes = 0;

/** One write on one of five resources of two patients, or a move of the clock: servers' clocks differ, and are set back. */
async function write(run: string, [a, b]: readonly string[], { kind, n }: Step): Promise<unknown> {
  const id = `${run}-${n}`;
  const performer = n === 0 ? { performer: [{ reference: `Patient/${b}` }] } : {};
  if (kind === 'later') t.clock.nowMs += 2;
  else if (kind === 'earlier') t.clock.nowMs -= 1;
  else if (kind === 'delete') return t.system.delete(`Observation/${id}`);
  else {
    // An update that changes nothing would make no version.
    const more = { ...performer, note: [{ text: String(writes++) }] };
    return t.system.put(`Observation/${id}`, { ...observationOf(String(kind === 'move' ? b : a), more), id });
  }
  return undefined;
}

async function walk(caller: Caller, first: string, between = () => {}): Promise<string[]> {
  const found: string[] = [];
  for (let path: string | undefined = first; path !== undefined; ) {
    const { body, text, status } = await caller.get(path);
    if (status !== 200) throw new Error(text);
    for (const { fullUrl, response } of body.entry ?? [])
      found.push(`${response.lastModified} ${fullUrl.slice(t.base.length + 1)} ${response.etag}`);
    path = body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1);
    between();
  }
  return found;
}

let runs = 0;
test('hold each version that there was when the first page was made exactly once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(steps(12), steps(30), fc.integer({ min: 1, max: 3 }), async (before, during, count) => {
      const run = `r${runs++}`;
      // Each run an hour behind the one before, so that `_since` shows its own versions only.
      t.clock.nowMs = startMs + runs * 3_600_000;
      const since = `_since=${new Date(t.clock.nowMs - 1_800_000).toISOString()}`;
      const patients = [
        (await t.system.create(patientNamed('試験', '花子'))).id,
        (await t.system.create(patientNamed('試験', '太郎'))).id,
      ];
      await write(run, patients, { kind: 'put', n: 0 });
      for (const one of before) await write(run, patients, one);
      const family = await t.caller('patient/*.rs', { patient: String(patients[1]) });
      for (const caller of [t.system, family]) {
        for (const path of ['Observation/_history', '_history', `Observation/${run}-0/_history`]) {
          const expected = await walk(caller, `${path}?${since}&_count=1000`);
          const writing = [...during];
          const onTheirWay: Promise<unknown>[] = [];
          // Nobody waits for these: they come while the next page is read, or after it.
          const between = () => {
            onTheirWay.push(...writing.splice(0, 2).map((one) => write(run, patients, one)));
          };
          expect(await walk(caller, `${path}?${since}&_count=${count}`, between)).toEqual(expected);
          await Promise.all(onTheirWay);
        }
      }
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 15) },
  );
}, 120_000);
