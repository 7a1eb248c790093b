// `npm run any-order -- [--messages 10000] [--patients 200] [--seed 1] [--write]`: the same messages in ten ways, to a real server:
// re-sent, shuffled, split, killed in between. Every way must leave the same records. Takes minutes: not a part of CI.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from '../../server/store/embedded/free-port.ts';
import type { Pool } from '../../server/store/pool.ts';
import { INSTITUTION, PATIENT_SYSTEM } from '../../test/support/samples/hl7v2.ts';
import { call } from '../bench/api.ts';
import { connectionOf, postmasterOf, tokenOf, withPool } from '../bench/database.ts';
import { type ServerProcess, startServer, stopAll, stopProcess, untilEnded } from '../bench/processes.ts';
import { messagesOf } from './messages.ts';
import { type Left, leftIn } from './record.ts';
import { ways } from './ways.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    patients: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const [count, patients, seed] = [Number(values.messages), Number(values.patients), Number(values.seed)];
const folder = mkdtempSync(join(tmpdir(), 'tsumugi-any-order-'));
const lines = [`${count} messages about ${patients} children (seed ${seed}), in ${ways.length} ways`];
let differing = 0;
try {
  const first: Left[] = [];
  const ports = { MLLP_PORT: String(await freePort('127.0.0.1')), TSUMUGI_MLLP_INSTITUTION: INSTITUTION };
  let server: ServerProcess = await startServer(folder, undefined, [], ports);
  // A server that was killed comes back with another address of its database.
  const onDatabase = async <T>(work: (pool: Pool) => Promise<T>) =>
    withPool(await connectionOf(folder, undefined), work);
  for (const [n, way] of ways.entries()) {
    const numberOf = (patient: number) => String((n + 1) * 1_000_000 + patient).padStart(10, '0');
    const ids = await newPatients();
    const startMs = performance.now();
    const token = await onDatabase(tokenOf);
    const messages = messagesOf(seed, count, patients, numberOf).map(({ bytes }) => bytes);
    await way.send(messages, {
      mllpPort: Number(ports.MLLP_PORT),
      fhirBase: `http://127.0.0.1:${server.port}/fhir`,
      token,
      seed,
      link: () => link(ids, numberOf, token),
      killServer: async () => {
        server.child.kill('SIGKILL');
        server = await startServer(folder, undefined, [], ports);
      },
    });
    const left = await onDatabase((pool) => leftIn(pool, ids));
    first.push(left);
    const others = left.digests.filter((digest, at) => digest !== first[0]?.digests[at]).length;
    differing += others;
    const perSecond = Math.round((messages.length * 1000) / (performance.now() - startMs));
    lines.push(
      `${way.name}: ${others === 0 ? 'the same' : `${others} records differ`} (${JSON.stringify(left.counts)}; ${perSecond}/s)`,
    );
    console.log(lines.at(-1));
  }
  await stopProcess(server.child);

  async function newPatients(): Promise<string[]> {
    const api = { port: server.port, token: await onDatabase(tokenOf) };
    const entry = Array.from({ length: patients }, () => ({
      resource: { resourceType: 'Patient' },
      request: { method: 'POST', url: 'Patient' },
    }));
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
    const answer = JSON.parse(await call(api, { method: 'POST', path: '/fhir', body }));
    return (answer as { entry: { response: { location: string } }[] }).entry.map(
      ({ response }) => /Patient\/([^/]+)/.exec(response.location)?.[1] ?? '',
    );
  }

  /** As the families would: what waits flows in. */
  async function link(ids: readonly string[], numberOf: (patient: number) => string, token: string): Promise<void> {
    const api = { port: server.port, token };
    const body = JSON.stringify({ resourceType: 'Organization', name: '見本病院' });
    const { id } = JSON.parse(await call(api, { method: 'POST', path: '/fhir/Organization', body })) as { id: string };
    for (const [patient, child] of ids.entries()) {
      const parameter = [
        { name: 'organization', valueReference: { reference: `Organization/${id}` } },
        { name: 'identifier', valueIdentifier: { system: PATIENT_SYSTEM, value: numberOf(patient) } },
      ];
      const path = `/fhir/Patient/${child}/$link-facility`;
      await call(api, { method: 'POST', path, body: JSON.stringify({ resourceType: 'Parameters', parameter }) });
    }
  }
} finally {
  await stopAll();
  const postmaster = postmasterOf(folder);
  if (postmaster !== undefined) await untilEnded(postmaster);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
lines.push(differing === 0 ? 'every way left the same records' : `${differing} records differ`);
console.log(lines.at(-1));
if (values.write) {
  const command = `npm run any-order -- --messages ${count} --patients ${patients} --seed ${seed}`;
  const page = fileURLToPath(new URL('results.md', import.meta.url));
  writeFileSync(
    page,
    `# The same messages in ten ways\n\n\`${command}\`\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`,
  );
}
process.exitCode = differing === 0 ? 0 : 1;
