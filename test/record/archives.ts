// An archive as a client gets it from a server: asked for, waited for, fetched.

import { expect } from 'vitest';
import type { Caller, TestApp } from '../support/app.ts';

/** The ZIP of a patient's record, as this caller is given it. */
export async function fetchedArchive(t: TestApp, caller: Caller, patient: string, body?: unknown): Promise<Buffer> {
  const { status, headers } = await caller.send('POST', `Patient/${patient}/$archive`, body);
  expect(status).toBe(202);
  const path = await archivePath(t, caller, pathIn(t, headers['content-location']));
  const response = await t.app.inject({ url: `/fhir/${path}`, headers: { authorization: `Bearer ${caller.token}` } });
  expect(response.statusCode).toBe(200);
  return response.rawPayload;
}

/** Behind the base. */
export const pathIn = (t: TestApp, address: unknown): string => {
  expect(String(address).startsWith(`${t.base}/$work-`)).toBe(true);
  return String(address).slice(`${t.base}/`.length);
};

/** Polls until the ZIP is made. */
export async function archivePath(t: TestApp, caller: Caller, statusPath: string): Promise<string> {
  for (;;) {
    const { status, body } = await caller.get(statusPath);
    if (status === 200) return pathIn(t, (body.output as { url: string }[])[0]?.url);
    expect(status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
