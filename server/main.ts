// Start and stop: settings -> database -> app -> listening. Everything that has a life cycle begins and ends here.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDeliverAll } from '../connectors/deliver.ts';
import { startMllpListener } from '../connectors/mllp/listener.ts';
import type { Log } from '../connectors/mllp/receive.ts';
import { readTls } from '../connectors/mllp/tls-files.ts';
import { openStorage } from '../connectors/ssmix2/open-storage.ts';
import { storageRoot } from '../connectors/ssmix2/walk.ts';
import { startStorageWatch } from '../connectors/ssmix2/watch-storage.ts';
import { startBackground } from './app/background.ts';
import { createFhir, createIntake } from './app/fhir.ts';
import { backgroundKinds } from './app/operations.ts';
import { type AppOptions, buildApp } from './app.ts';
import { startSealer } from './audit/sealer.ts';
import { type Config, ConfigError } from './config.ts';
import { intakeInterest, takeInJob } from './intake/jobs.ts';
import { startLoop } from './jobs/loop.ts';
import { createTableQueue } from './jobs/queue.ts';
import { createRedisQueue } from './jobs/redis-queue.ts';
import { startReindex } from './jobs/reindex.ts';
import { startRelay } from './jobs/relay.ts';
import { loadAnchors } from './login/jpki/anchors.ts';
import { loadArchiveKeys } from './record/keys.ts';
import { signBytes } from './record/signature.ts';
import { loadAuthority } from './record/time-stamp-authority.ts';
import { tellOfComingOfAge } from './relations/hand-over-notices.ts';
import { loadSchedules } from './schedules/load.ts';
import { freePort } from './store/embedded/free-port.ts';
import { startEmbedded } from './store/embedded/launcher.ts';
import { createHandOvers } from './store/hand-overs.ts';
import { keepLoadedInForce } from './store/loaded-in-force.ts';
import { pruneLoaded } from './store/loading.ts';
import { sweepLogins } from './store/login-sweep.ts';
import { migrate } from './store/migrate.ts';
import { createOidcStore } from './store/oidc.ts';
import { prunePast } from './store/past.ts';
import { openPool, type Pool } from './store/pool.ts';
import { relationsOf } from './store/relations.ts';
import { secret } from './store/secrets.ts';
import { sweepShares } from './store/share-sweep.ts';
import { mintToken, revokeToken } from './store/tokens.ts';

/** `ended` resolves when the database has gone away for good, with the reason in words. */
export type Running = { url: string; mllpPort: number | undefined; ended: Promise<string>; stop(): Promise<void> };

// Three of them listen: for revoked tokens, for changed search parameters, for what is loaded.
const poolSize = 14;
const statementTimeoutMs = 30_000;
const dayMs = 86_400_000;
const pruneEveryMs = 600_000;
const forgetEveryMs = 60_000;
const tellEveryMs = 600_000;
// Shorter than the 10 seconds after which Docker kills.
const longestGoodbyeMs = 5_000;

type Stop = () => Promise<unknown>;

/** Starts a server; resolves when it answers. Throws errors whose messages are one line for people when it cannot. */
export async function start(config: Config): Promise<Running> {
  return whole(async (onStop) => {
    await checkStorage(config);
    const schedules = await loadSchedules(config.TSUMUGI_CDSI_DIR);
    const anchors = await loadAnchors(config.TSUMUGI_JPKI_ANCHORS);
    const stamps = await stampsOf(config);
    const { pool, ended } = await openDatabase(config, onStop);
    // Links in answers need the port before the server listens.
    const port = config.PORT === 0 ? await freePort(config.HOST) : config.PORT;
    const baseUrl = config.BASE_URL ?? `http://${config.HOST}:${port}`;
    const jpki = { anchors, ocspUrl: config.TSUMUGI_JPKI_OCSP_URL };
    const options = { ...(await appOptions(config, pool, baseUrl)), ...stamps, schedules, jpki };
    const app = await buildApp(options);
    onStop(() => closeSoon(app));
    // With Redis, jobs are for `tsumugi worker`.
    if (config.REDIS_URL === undefined) onStop(await startJobs(config, options));
    else onStop(await startSealing(pool));
    const url = await app.listen({ port, host: config.HOST });
    const mllpPort = await startHl7(config, { pool, url, log: (level, line) => app.log[level](line), onStop });
    await startStorage(config, { pool, url, log: (level, line) => app.log[level](line), onStop });
    return { url, mllpPort, ended };
  });
}

/** Answers under way may finish; who reads one slower than that does not keep the server from stopping. */
async function closeSoon(app: Awaited<ReturnType<typeof buildApp>>): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), longestGoodbyeMs);
  await app.close();
  clearTimeout(timer);
}

/** Starts background jobs alone, beside servers that share the database. */
export async function startWorker(config: Config): Promise<{ stop: Stop }> {
  return whole(async (onStop) => {
    const stamps = await stampsOf(config);
    const { pool } = await openDatabase(config, onStop);
    const loaded = await keepLoadedInForce({ pool });
    onStop(async () => loaded.close());
    onStop(
      await startJobs(config, {
        ...(await appOptions(config, pool, config.BASE_URL ?? `http://${config.HOST}:${config.PORT}`)),
        ...stamps,
      }),
    );
    return {};
  });
}

/** Runs the steps of a start. What began last ends first; a start that fails half-way ends what had begun. */
async function whole<T extends object>(
  begin: (onStop: (stop: Stop) => void) => Promise<T>,
): Promise<T & { stop(): Promise<void> }> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    return { ...(await begin((one) => stops.push(one))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openDatabase(
  config: Config,
  onStop: (stop: Stop) => void,
): Promise<{ pool: Pool; ended: Promise<string> }> {
  const embedded = config.DATABASE_URL === undefined ? await startEmbedded({ dataDir: config.DATA_DIR }) : undefined;
  if (embedded) onStop(() => embedded.stop());
  const connection = embedded?.connection ?? { connectionString: config.DATABASE_URL ?? '' };
  const pool = openPool(connection, poolSize, statementTimeoutMs);
  onStop(() => pool.end());
  await migrate(pool);
  return { pool, ended: embedded?.ended ?? new Promise<string>(() => undefined) };
}

async function stampsOf(config: Config): Promise<Pick<AppOptions, 'timeStampAuthority'>> {
  const timeStampAuthority = await loadAuthority(config.TSUMUGI_TSA_URL, config.TSUMUGI_TSA_CA);
  return timeStampAuthority ? { timeStampAuthority } : {};
}

async function appOptions(config: Config, pool: Pool, baseUrl: string): Promise<AppOptions> {
  const { TSUMUGI_CLIENT_CERTIFICATE_HEADER: certificateHeader, TSUMUGI_TRUSTED_PROXIES: trustedProxies } = config;
  const { key } = await secret(pool, 'cursor', () => ({ key: randomBytes(32).toString('base64url') }));
  return {
    pool,
    baseUrl: () => baseUrl,
    cursorKey: Buffer.from(key, 'base64url'),
    version,
    workDir: config.TSUMUGI_WORK_DIR ?? join(config.DATA_DIR, 'work'),
    logLevel: config.LOG_LEVEL,
    ...(certificateHeader === undefined ? {} : { certificateHeader }),
    ...(config.TSUMUGI_MRN_SYSTEMS && { mrnSystems: config.TSUMUGI_MRN_SYSTEMS }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
  };
}

async function startJobs({ REDIS_URL }: Config, options: AppOptions): Promise<Stop> {
  const { pool } = options;
  const fhir = createFhir(options);
  const queue =
    REDIS_URL === undefined ? createTableQueue({ pool, onError }) : await createRedisQueue({ redisUrl: REDIS_URL });
  await queue.work({ 'take-in': takeInJob(fhir, createIntake(options)) });
  const relay = startRelay({ pool, queue, interests: [intakeInterest], onError });
  const pruning = startLoop(async () => (await prunePast(pool)) > 0, pruneEveryMs, onError);
  const forgettingLoaded = startLoop(async () => (await pruneLoaded(pool)) > 0, pruneEveryMs, onError);
  const sweeping = startLoop(
    async () => (await sweepLogins(pool)) + (await sweepShares(pool)) > 0,
    pruneEveryMs,
    onError,
  );
  const oidc = createOidcStore({ pool });
  const forgetting = startLoop(async () => (await oidc.sweep()) > 0, forgetEveryMs, onError);
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const reindex = startReindex({ pool, log, onError });
  const telling = startLoop(
    async () =>
      (await tellOfComingOfAge({
        fhir,
        handOvers: createHandOvers({ pool }),
        relations: (patient) => relationsOf(pool, patient),
      })) > 0,
    tellEveryMs,
    onError,
  );
  const background = startBackground({
    ...{ fhir, dir: options.workDir, onError },
    kinds: backgroundKinds({
      pool,
      archiveKeys: await loadArchiveKeys((name, make) => secret(pool, name, make), options.timeStampAuthority),
      version: options.version,
    }),
  });
  const stopSealing = await startSealing(pool);
  return async () => {
    await background.stop();
    await telling.stop();
    await stopSealing();
    await reindex.stop();
    await pruning.stop();
    await forgettingLoaded.stop();
    await sweeping.stop();
    await forgetting.stop();
    // A Redis that has gone away would keep the relay waiting; its events come again.
    await Promise.race([relay.stop(), delay(longestGoodbyeMs, undefined, { ref: false })]);
    await queue.close();
  };
}

/** In every process: a deployment of servers alone must not leave its audit unsealed. */
async function startSealing(pool: Pool): Promise<Stop> {
  const { signing } = await loadArchiveKeys((name, make) => secret(pool, name, make));
  const sealer = startSealer({ pool, sign: (payload) => signBytes(payload, signing), onError });
  return () => sealer.stop();
}

// The name and the code say enough; a message of pg may quote what was stored.
function onError(error: unknown): void {
  const { name, code = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: 'unknown error' };
  process.stderr.write(`background jobs: ${name} ${code}; trying again\n`);
}

/** The HL7 listener is a client like any other: a token of its own, the public API on loopback. */
async function startHl7(
  config: Config,
  { pool, url, log, onStop }: { pool: Pool; url: string; log: Log; onStop: (stop: Stop) => void },
): Promise<number | undefined> {
  if (config.MLLP_PORT === undefined) return undefined;
  const tls = await readTls({
    certificate: config.TSUMUGI_MLLP_CERTIFICATE,
    key: config.TSUMUGI_MLLP_KEY,
    clientAuthorities: config.TSUMUGI_MLLP_CLIENT_CA,
  });
  const token = await mintToken(pool, { client: 'mllp', scope: 'system/*.crus', lifetimeMs: 400 * dayMs });
  onStop(() => revokeToken(pool, token));
  const listener = await startMllpListener({
    port: config.MLLP_PORT,
    host: config.TSUMUGI_MLLP_HOST ?? config.HOST,
    log,
    deliverAll: createDeliverAll({ fhirBase: `${url}/fhir`, token }),
    ...(tls && { tls }),
    ...(config.TSUMUGI_MLLP_INSTITUTION === undefined ? {} : { institution: config.TSUMUGI_MLLP_INSTITUTION }),
  });
  onStop(() => listener.close());
  return listener.port;
}

/** Throws ConfigError. A drive that goes away later is no fault of the settings. */
async function checkStorage({ TSUMUGI_SSMIX2_ROOT: root, TSUMUGI_SSMIX2_INSTITUTION: number }: Config): Promise<void> {
  if (root === undefined) return;
  await storageRoot(root).catch(() => {
    throw new ConfigError(`TSUMUGI_SSMIX2_ROOT: ${root} is no folder that can be read`);
  });
  if (number === undefined) throw new ConfigError('TSUMUGI_SSMIX2_INSTITUTION: is needed with TSUMUGI_SSMIX2_ROOT');
}

/** The connector of a hospital's storage is a client like any other. */
async function startStorage(
  config: Config,
  { pool, url, log, onStop }: { pool: Pool; url: string; log: Log; onStop: (stop: Stop) => void },
): Promise<void> {
  const { TSUMUGI_SSMIX2_ROOT: path, TSUMUGI_SSMIX2_INSTITUTION: institution, DATA_DIR: dataDir } = config;
  if (path === undefined) return;
  const token = await mintToken(pool, { client: 'ssmix2', scope: 'system/*.crus', lifetimeMs: 400 * dayMs });
  onStop(() => revokeToken(pool, token));
  const fhirBase = `${config.BASE_URL ?? url}/fhir`;
  const storage = await openStorage({ path, fhirBase, institution, ledger: undefined, dataDir });
  onStop(async () => storage.ledger.close());
  const deliverAll = createDeliverAll({ fhirBase: `${url}/fhir`, token });
  const connector = startStorageWatch({ ...storage, institution, deliverAll, log: (line) => log('info', line) });
  onStop(() => connector.close());
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
