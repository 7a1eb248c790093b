// A record that the callers may read, strangers' records that they may not, and ids that have never been given.
import { randomInt } from 'node:crypto';
import { newKey } from '../../server/store/ids.ts';
import { setRelation } from '../../server/store/relations.ts';
import { mintToken } from '../../server/store/tokens.ts';
import type { LocalServer } from '../local-server.ts';

/** What a request is about: an Observation and the Patient whose it is, both hidden or both missing. */
export type Target = { observation: string; patient: string };

export type Stage = {
  /** The patient whom every caller may write for. */
  own: string;
  /** Tokens by the name of the caller. */
  tokens: Record<string, string>;
  hidden: Target[];
  missing: Target[];
};

const strangers = 100;
const lifetimeMs = 86_400_000;

const identifierSystem = 'https://tsumugi.example/timing';

export async function setStage(server: LocalServer): Promise<Stage> {
  const own = await made(server, patientNamed('見本'));
  await made(server, observationOf(own, 'own'));
  const clinic = await made(server, { resourceType: 'Organization', name: '見本医院' });
  const person = await made(server, { resourceType: 'Person', name: [{ family: '見本' }] });
  await relate(server, person, own);
  const mint = (more: object, scope: string) =>
    mintToken(server.pool, { client: 'timing', scope, lifetimeMs, ...more });
  const tokens = {
    family: await mint({ user: `Person/${person}` }, 'user/*.cruds'),
    organization: await mint({ organization: clinic }, 'system/*.cruds'),
    'patient/ of the deployment': await mint({ patient: own }, 'patient/*.cruds'),
  };
  const hidden: Target[] = [];
  for (let n = 0; n < strangers; n++) {
    const patient = await made(server, patientNamed(`他人${n}`));
    hidden.push({ patient, observation: await made(server, observationOf(patient, `hidden-${n}`)) });
  }
  const missing = hidden.map(() => ({ patient: freshId(), observation: freshId() }));
  return { own, tokens, hidden, missing };
}

export const observationOf = (patient: string, identifier: string) => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system: identifierSystem, value: identifier }],
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: `Patient/${patient}` },
});

const patientNamed = (family: string) => ({
  resourceType: 'Patient',
  birthDate: '2026-03-03',
  name: [{ family, given: ['試験'] }],
});

/** Of the form that the server makes, and not one of them. */
const freshId = (): string => newKey(Date.now(), randomInt(4096));

async function made(
  { ask }: LocalServer,
  resource: { resourceType: string; [name: string]: unknown },
): Promise<string> {
  const body = JSON.stringify(resource);
  const { status, text } = await ask({ method: 'POST', path: resource.resourceType, body });
  if (status !== 201) throw new Error(`create of ${resource.resourceType} answered ${status}: ${text}`);
  return String(JSON.parse(text).id);
}

async function relate({ pool }: LocalServer, person: string, patient: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await setRelation(client, {
      ...{ id: crypto.randomUUID(), person: `Person/${person}`, patient, basis: 'guardian', status: 'active' },
      ...{ starts: '2020-01-01T00:00:00Z', ends: 'infinity' },
    });
    await client.query('commit');
  } finally {
    client.release();
  }
}
