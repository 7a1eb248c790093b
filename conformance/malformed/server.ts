// The server under test in a process of its own, so that its memory is its own: started by ../malformed.ts, which it tells
// its port and tokens, and on each `memory` what the process holds after a collection.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mintToken } from '../../server/store/tokens.ts';
import { startLocalServer } from '../local-server.ts';
import { seedClinic } from '../seed-clinic.ts';

export type Ready = { port: number; tokens: { system: string; patient: string } };
export type Memory = { rssBytes: number; heapBytes: number };

const server = await startLocalServer('http://127.0.0.1');
await seedClinic(server);
const patient = await mintToken(server.pool, {
  client: 'suite-patient',
  scope: 'patient/*.cruds',
  patient: 'suite-patient-0',
  lifetimeMs: 86_400_000,
});
const url = await server.app.listen({ port: 0, host: '127.0.0.1' });
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', async (message) => {
  if (message !== 'memory') return;
  collect();
  // What a first collection finishes, a second one frees.
  await sleep(300);
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rssBytes: rss, heapBytes: heapUsed + external } satisfies Memory);
});
process.on('disconnect', async () => {
  server.app.server.closeAllConnections();
  await server.close();
});
process.send?.({ port: Number(new URL(url).port), tokens: { system: server.token, patient } } satisfies Ready);
