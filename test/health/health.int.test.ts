// Liveness, readiness, figures and the request log, as whoever operates a server sees them.
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../../server/app.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const text = async (url: string) => (await t.app.inject({ url })).body;

test('/readyz names the database and the queue', async () => {
  expect(JSON.parse(await text('/readyz'))).toEqual({ database: 'ok', queue: 'ok' });
});

test('/metrics counts a request under the name of its interaction, and nothing that was sent', async () => {
  const { id } = await t.system.create(patientNamed('計測', '花子'));
  await t.system.get(`Patient/${id}`);
  await t.system.get(`Patient/${id}/$everything`);
  await t.system.get('Patient?name=計測');
  await t.system.get('Secret/1?name=秘密');
  const metrics = await text('/metrics');
  for (const interaction of ['create', 'read', '$everything', 'search-type'])
    expect(metrics).toContain(
      `tsumugi_http_request_duration_seconds_count{interaction="${interaction}",status="2xx"} 1`,
    );
  expect(metrics).toContain('tsumugi_http_request_duration_seconds_count{interaction="other",status="4xx"} 1');
  expect(metrics).not.toContain(id);
  expect(metrics).not.toMatch(/Secret|秘密|計測/);
});

test('/metrics tells of jobs that were given up and of a reader of the outbox that lies behind', async () => {
  await t.pool.query("insert into job (id, name, payload, dead) values ('d1', 'take-in', '{}', now())");
  await t.pool.query("insert into consumer (name) values ('test-reader')");
  await t.pool.query("update outbox set created = now() - interval '90 seconds'");
  const metrics = await text('/metrics');
  expect(metrics).toContain('tsumugi_backlog{what="dead-jobs"} 1');
  const seconds = /tsumugi_outbox_behind_seconds\{consumer="test-reader"\} ([\d.]+)/.exec(metrics)?.[1];
  expect(Number(seconds)).toBeGreaterThanOrEqual(90);
});

test('the log of a request holds its interaction and type, no id that a client chose and no search value', async () => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const app = await buildApp({
    pool: t.pool,
    cursorKey: Buffer.alloc(32, 1),
    version: 'test',
    workDir: tmpdir(),
    logLevel: 'info',
    logStream: stream,
    baseUrl: () => 'https://tsumugi.test',
  });
  const headers = { authorization: `Bearer ${t.system.token}` };
  await app.inject({ url: '/fhir/Patient/yamada-hanako', headers });
  await app.inject({ url: '/fhir/Patient?name=%E5%B1%B1%E7%94%B0', headers });
  await app.inject({ url: '/fhir/Yamada/hanako', headers });
  await app.close();
  const told = lines.map((line) => JSON.parse(line)).filter(({ interaction }) => interaction !== undefined);
  expect(told.map(({ interaction, type, status }) => [interaction, type, status])).toEqual([
    ['read', 'Patient', 404],
    ['search-type', 'Patient', 200],
    ['other', undefined, 404],
  ]);
  expect(lines.join('')).not.toMatch(/yamada|山田|%E5|Bearer/i);
});
