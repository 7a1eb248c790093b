// A record as a stream of pages: bounded in rows and in bytes, with nothing lost between two pages.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReader } from '../../server/store/read.ts';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

test('ends a page behind the photo that fills it, and goes on with the next one', async () => {
  const { id } = await t.system.create(patientNamed('試験', '頁子'));
  const subject = { reference: `Patient/${id}` };
  const data = Buffer.alloc(3_000_000, 7).toString('base64');
  const content = [{ attachment: { contentType: 'image/jpeg', data } }];
  const stored: string[] = [id];
  for (let n = 0; n < 5; n++) {
    const photo = { resourceType: 'DocumentReference', status: 'current', subject, content };
    stored.push((await t.system.create(photo)).id, (await t.system.create(observationOf(id))).id);
  }
  const types = ['Patient', 'DocumentReference', 'Observation'];
  const pages: string[][] = [];
  for await (const page of createReader({ pool: t.pool }).record(id, types))
    pages.push(page.map(({ content }) => JSON.parse(content).id));
  expect(pages.flat().sort()).toEqual(stored.sort());
  // Four megabytes a photo: the third one passes eight.
  expect(pages.map(({ length }) => length)).toEqual([3, 8]);
});
