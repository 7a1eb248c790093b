// An export by a client: asked for, polled, fetched.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Body, Caller, Headers, Response } from '../support/app.ts';

export type Manifest = {
  transactionTime: string;
  request: string;
  requiresAccessToken: boolean;
  output: { type: string; url: string; count: number }[];
  deleted: { type: string; url: string; count: number }[];
  error: { type: string; url: string; count: number }[];
};

export type Exported = { manifest: Manifest; lines: Body[]; deleted: Body[]; errors: Body[] };

const behindBase = (url: string): string => url.replace(/^.*\/fhir\//, '');

/** `asked`: what stands behind the base, or the answer of a kick-off. */
export async function exportBy(caller: Caller, asked: string | Response, headers: Headers = {}): Promise<Exported> {
  const started = typeof asked === 'string' ? await caller.get(asked, { prefer: 'respond-async', ...headers }) : asked;
  expect(started.status, started.text).toBe(202);
  const done = await polled(caller, started.headers['content-location'] ?? '');
  expect(done.status, done.text).toBe(200);
  const manifest = done.body as unknown as Manifest;
  const read = async (files: Manifest['output']) =>
    (await Promise.all(files.map((one) => linesOf(caller, one)))).flat();
  const { output, deleted, error } = manifest;
  return { manifest, lines: await read(output), deleted: await read(deleted), errors: await read(error) };
}

export async function polled(caller: Caller, url: string): Promise<Response> {
  for (let n = 0; n < 300; n++) {
    const answer = await caller.get(behindBase(url));
    if (answer.status !== 202) return answer;
    await sleep(50);
  }
  throw new Error('the export does not end');
}

async function linesOf(caller: Caller, { url, type, count }: Manifest['output'][number]): Promise<Body[]> {
  const { status, text, headers } = await caller.get(behindBase(url), { accept: 'application/fhir+ndjson' });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/fhir+ndjson');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Body);
  expect(lines).toHaveLength(count);
  for (const { resourceType } of lines) expect(resourceType).toBe(type);
  return lines;
}
