// A backup and its restore, beside PostgreSQL's own COPY of the same tables that goes nowhere: rows and bytes a second, and memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newBackupKey } from '../../server/backup/backup-key.ts';
import { readKeyRing, writeKeyRing } from '../../server/backup/key-ring.ts';
import { restoreBackup } from '../../server/backup/restore-backup.ts';
import { writeBackup } from '../../server/backup/write-backup.ts';
import { newPrivateJwk, signingKey } from '../../server/record/keys.ts';
import { signBytes, signerOf } from '../../server/record/signature.ts';
import { startEmbedded } from '../../server/store/embedded/launcher.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { withSnapshot } from '../../server/store/snapshot.ts';

export type BackupFigures = {
  patients: number;
  rows: number;
  /** Of the rows as text, and of the file. */
  textMb: number;
  fileMb: number;
  copySeconds: number;
  backupSeconds: number;
  restoreSeconds: number;
  /** How far memory grew while the backup ran. */
  grownMb: number;
};

const patients = 4000;
const resourcesOfOne = 50;

/** Fills a database of its own with records of 50 resources, and measures. */
export async function backup(): Promise<BackupFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'tsumugi-bench-backup-'));
  const source = await startEmbedded({ dataDir: join(folder, 'source') });
  const target = await startEmbedded({ dataDir: join(folder, 'target') });
  const [pool, into] = [openPool(source.connection, 3, 0), openPool(target.connection, 2, 0)];
  try {
    await migrate(pool);
    await fill(pool);
    const key = await signingKey(await newPrivateJwk());
    const keyText = newBackupKey();
    const [path, ring] = [join(folder, 'a.backup'), join(folder, 'ring')];
    const signer = key.thumbprint;
    const copied = await timed(() => drained(pool));
    const memory = growth();
    const made = await timed(() =>
      writeBackup({
        ...{ pool, path, keyText, signer, sign: (payload) => signBytes(payload, key) },
        software: { name: 'bench', version: '0' },
      }),
    );
    const grownMb = memory();
    await writeKeyRing({ pool, path: ring, keyText, signer, nowMs: Date.now });
    const keys = await readKeyRing(ring, keyText);
    const restored = await timed(() => restoreBackup({ pool: into, path, keyText, ring: keys, signerOf }));
    return {
      patients,
      rows: made.value.manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
      textMb: copied.value / 1e6,
      fileMb: made.value.bytes / 1e6,
      copySeconds: copied.seconds,
      backupSeconds: made.seconds,
      restoreSeconds: restored.seconds,
      grownMb,
    };
  } finally {
    await Promise.all([pool.end(), into.end()]);
    await Promise.all([source.stop(), target.stop()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const began = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - began) / 1000 };
}

/** How far resident memory grows above what it is now, in MB. */
function growth(): () => number {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 50);
  return () => {
    clearInterval(timer);
    return (most - before) / 1e6;
  };
}

/** The bytes of every table, read by COPY and thrown away. */
const drained = (pool: Pool): Promise<number> =>
  withSnapshot(pool, async (snapshot) => {
    let bytes = 0;
    for (const table of snapshot.tables) for await (const chunk of snapshot.rows(table)) bytes += chunk.length;
    return bytes;
  });

async function fill(pool: Pool): Promise<void> {
  await pool.query('set enable_seqscan = on');
  await pool.query(
    `insert into resource (at, until, updated, version, bucket, type, key, owner, marks, facts, content)
     select now(), now(), now(), 1, 0, 95, md5(p || '-' || n)::uuid, md5('p' || p)::uuid, array[p::bigint * 100 + n], '{}',
       '{"resourceType":"Observation","id":"' || md5(p || '-' || n)::uuid || '","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/'
       || md5('p' || p)::uuid || '"},"effectiveDateTime":"2026-0' || 1 + n % 9 || '-1' || n % 10 || '","valueQuantity":{"value":' || n * 1.37 || ',"unit":"kg"},"note":[{"text":"' || repeat(md5(n || 'x' || p), 8) || '"}]}'
     from generate_series(1, $1::int) p, generate_series(1, $2::int) n`,
    [patients, resourcesOfOne],
  );
  await pool.query(
    `insert into audit (bucket, at, client, interaction, type, key, owner, request)
     select 0, now(), 'bench', 'create', type, key, owner, gen_random_uuid() from resource`,
  );
}

/** One line. */
export function backupLines(figures: BackupFigures): string[] {
  const { rows, textMb, fileMb, copySeconds, backupSeconds, restoreSeconds, grownMb } = figures;
  const rate = (seconds: number) =>
    `${Math.round(rows / seconds)} rows/s, ${(textMb / seconds).toFixed(1)} MB/s in ${seconds.toFixed(1)} s`;
  return [
    `backup: ${rate(backupSeconds)} (COPY alone ${rate(copySeconds)}), restore with both checks ${rate(restoreSeconds)}; ` +
      `${rows} rows of ${figures.patients} patients, ${textMb.toFixed(0)} MB of text, file ${fileMb.toFixed(0)} MB; memory grew ${grownMb.toFixed(0)} MB`,
  ];
}
