// What the tests of whole HL7 lines share: a real server on a database of its own with linked patients, a hospital's messages, and
// what has to be in the record once they have come.

import { freePort } from '../../../server/store/embedded/free-port.ts';
import { migrate } from '../../../server/store/migrate.ts';
import { openPool, type Pool } from '../../../server/store/pool.ts';
import { mintToken } from '../../../server/store/tokens.ts';
import { type CommandProcess, startProcess } from '../../support/command-process.ts';
import { freshDatabase } from '../../support/database.ts';
import { INSTITUTION, jis, PATIENT_NUMBER, PATIENT_SYSTEM, vaccination } from '../../support/samples/hl7v2.ts';

export type Hospital = {
  pool: Pool;
  databaseUrl: string;
  base: string;
  mllpPort: number;
  token: string;
  /** The server, which listens for HL7 itself too. */
  start(): Promise<CommandProcess>;
  /** Registers a Patient for each number and links them to an Organization; its id. */
  link(organization: string): Promise<string>;
  get(path: string): Promise<{ entry?: { resource: Found }[] }>;
  /** The lots of all doses that are found, sorted. */
  lots(): Promise<string[]>;
  close(): Promise<void>;
};
type Found = { lotNumber: string };

const people = 5;

export async function openHospital(): Promise<Hospital> {
  const database = await freshDatabase();
  const pool = openPool(database.connection, 3, 30_000);
  await migrate(pool);
  const token = await mintToken(pool, { client: 'test', scope: 'system/*.cruds', lifetimeMs: 3_600_000 });
  const [port, mllpPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const base = `http://127.0.0.1:${port}`;
  const running: CommandProcess[] = [];

  const ask = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
    const answer = await fetch(`${base}/fhir/${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string; entry?: { resource: Found }[] };
  };
  const start = async () => {
    const settings = {
      ...{ DATABASE_URL: database.url, PORT: String(port), MLLP_PORT: String(mllpPort), LOG_LEVEL: 'fatal' },
      TSUMUGI_MLLP_INSTITUTION: INSTITUTION,
    };
    const server = await startProcess(['start'], settings, /MLLP\) on port (\d+)/);
    running.push(server);
    return server;
  };
  const link = async (organization: string) => {
    const { id } = await ask('POST', 'Organization', { resourceType: 'Organization', name: organization });
    for (let n = 0; n < people; n++) {
      const name = [{ family: '試験', given: [`花子${n}`] }];
      const patient = await ask('POST', 'Patient', { resourceType: 'Patient', name, birthDate: '2026-07-10' });
      const identifier = { system: PATIENT_SYSTEM, value: numberOf(n) };
      await ask('POST', `Patient/${patient.id}/$link-facility`, {
        resourceType: 'Parameters',
        parameter: [
          { name: 'organization', valueReference: { reference: `Organization/${id}` } },
          { name: 'identifier', valueIdentifier: identifier },
        ],
      });
    }
    return id;
  };
  return {
    ...{ pool, databaseUrl: database.url, base, mllpPort, token, start, link },
    get: (path) => ask('GET', path),
    lots: async () => {
      const { entry = [] } = await ask('GET', 'Immunization?_count=1000');
      return entry.map(({ resource }) => resource.lotNumber).sort();
    },
    close: async () => {
      for (const one of running) await one.end('SIGKILL');
      await pool.end();
      await database.drop();
    },
  };
}

export const lotOf = (n: number): string => `LOT${String(n).padStart(4, '0')}`;
const numberOf = (n: number): string => String(9_000_000_000 + n);

/** Message `n`, counted from 1: one dose of one of the patients, each of another lot. */
export function messageOf(n: number): Buffer {
  const text = Buffer.from(jis(vaccination())).toString('latin1');
  const sent = text
    .replace('20260915000001', `HIS${n}`)
    .replace('000000000000321', String(n).padStart(15, '0'))
    .replace('LOT0001', lotOf(n))
    .replace(PATIENT_NUMBER, numberOf(n % people));
  return Buffer.from(sent, 'latin1');
}

/** 1 to n. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
