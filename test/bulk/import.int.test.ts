// $import of the system: NDJSON as it was exported, into a server of its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Body,
  type Caller,
  observationOf,
  patientNamed,
  type Response,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { exportBy, polled } from './exported.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

type Result = { output: { type: string; count: number }[]; error: { url: string; count: number }[]; extension: object };

const sent = (caller: Caller, lines: string | Buffer, more: Record<string, string> = {}): Promise<Response> =>
  caller.send('POST', '$import', lines, {
    'content-type': 'application/fhir+ndjson',
    prefer: 'respond-async',
    ...more,
  });

async function imported(caller: Caller, lines: string | Buffer): Promise<Result & { errors: Body[] }> {
  const started = await sent(caller, lines);
  expect(started.status, started.text).toBe(202);
  const done = await polled(caller, started.headers['content-location'] ?? '');
  expect(done.status, done.text).toBe(200);
  const result = done.body as unknown as Result;
  const errors: Body[] = [];
  for (const { url } of result.error) {
    const { text } = await caller.get(url.replace(/^.*\/fhir\//, ''));
    errors.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Body),
    );
  }
  return { ...result, errors };
}

const linesOf = (resources: readonly object[]): string => resources.map((one) => `${JSON.stringify(one)}\n`).join('');

test('what one server exports another takes in with its ids, in any order, and again without a change', async () => {
  const { id } = await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }));
  for (let n = 0; n < 3; n++) await t.system.create(observationOf(id));
  const { lines } = await exportBy(t.system, '$export');
  const other = await startApp();
  try {
    other.clock.nowMs += 5000;
    const first = await imported(other.system, linesOf(lines.toReversed()));
    expect(first).toMatchObject({ errors: [], extension: { stored: 4, unchanged: 0, refused: 0 } });
    const again = await exportBy(other.system, '$export');
    const bare = (all: Body[]) =>
      new Map(all.map(({ meta: { versionId: _, lastUpdated: __, ...meta }, ...rest }) => [rest.id, { ...rest, meta }]));
    expect(bare(again.lines)).toEqual(bare(lines));
    expect((await other.system.get(`Observation?patient=${id}`)).body.total).toBe(3);
    other.clock.nowMs += 5000;
    const second = await imported(other.system, linesOf(lines));
    expect(second.extension).toEqual({ stored: 0, unchanged: 4, refused: 0 });
  } finally {
    await other.close();
  }
});

test('lines at fault are told by number and the others are stored', async () => {
  const good = (n: number) => JSON.stringify({ ...patientNamed('取込', `児${n}`), id: `import-${n}` });
  const secret = '123456789018';
  const lines = [
    good(1),
    '{"resourceType":"Patient"',
    JSON.stringify({ resourceType: 'Kitten', id: 'x' }),
    '',
    JSON.stringify({ resourceType: 'Observation', id: 'import-none' }),
    good(2),
    JSON.stringify({ ...patientNamed('取込', '番号'), identifier: [{ value: secret }] }),
    `${'['.repeat(300)}${']'.repeat(300)}`,
    good(3),
  ];
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0x7b, 0xff, 0x7d])]);
  const { errors, extension } = await imported(t.system, bytes);
  expect(extension).toMatchObject({ stored: 3, refused: 6 });
  const told = errors.map(({ issue: [first] }) => first?.diagnostics ?? '');
  expect(told.map((text) => Number(/^line (\d+): /.exec(text)?.[1])).sort((a, b) => a - b)).toEqual([
    2, 3, 5, 7, 8, 10,
  ]);
  expect(JSON.stringify(errors)).not.toContain(secret);
  for (const n of [1, 2, 3]) expect((await t.system.get(`Patient/import-${n}`)).status).toBe(200);
  expect((await t.system.get('Observation/import-none')).status).toBe(404);
});

test('a line without an id gets one', async () => {
  const { extension, output } = await imported(t.system, linesOf([patientNamed('取込', '無番')]));
  expect(extension).toMatchObject({ stored: 1 });
  expect(output).toEqual([{ type: 'Patient', count: 1 }]);
});

describe('is refused', () => {
  test('to callers who may not write for the whole deployment', async () => {
    for (const scope of ['patient/*.cruds', 'user/*.cruds', 'system/*.rs']) {
      const caller = await t.caller(scope, scope.startsWith('patient') ? { patient: 'x' } : {});
      expect((await sent(caller, '')).status).toBe(403);
    }
    const clinic = await t.caller('system/*.cruds', { organization: 'clinic' });
    expect((await sent(clinic, '')).status).toBe(403);
    expect((await sent(t.withToken(undefined), '')).status).toBe(401);
  });

  test('in another media type, and without Prefer: respond-async', async () => {
    expect((await sent(t.system, '{}', { 'content-type': 'application/fhir+json' })).status).toBe(415);
    expect((await sent(t.system, '', { prefer: 'return=minimal' })).status).toBe(400);
  });

  test('not as a Binary, which may hold lines', async () => {
    const answer = await t.system.send('POST', 'Binary', '{}\n', { 'content-type': 'application/fhir+ndjson' });
    expect(answer.status).toBe(201);
  });
});
