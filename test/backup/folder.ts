// What the tests of backups share: a folder of their own, the commands on one database, and a family with something everywhere.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { backupCommand } from '../../server/cli/backup.ts';
import { backupKeyCommand } from '../../server/cli/backup-key.ts';
import type { Command } from '../../server/cli/command.ts';
import { restoreCommand } from '../../server/cli/restore.ts';
import { observationOf, patientNamed, type TestApp } from '../support/app.ts';

export type Said = { code: number; lines: string[] };

/** A command as the command line runs it: its exit code and what it prints, faults in words among it. */
export async function said(command: Command, ...args: string[]): Promise<Said> {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  try {
    return { code: await command.run(args, { line, error: line }), lines };
  } catch (error) {
    if (!(error instanceof Error && 'isForPeople' in error)) throw error;
    return { code: 2, lines: [error.message] };
  }
}

export type BackupFolder = {
  path: string;
  key: string;
  ring: string;
  /** Makes a backup and returns its path. */
  backUp(databaseUrl: string): Promise<string>;
  renew(databaseUrl: string): Promise<Said>;
  verify(file: string, ...more: string[]): Promise<Said>;
  restore(file: string, into: string, ...more: string[]): Promise<Said>;
  remove(): Promise<void>;
};

export async function backupFolder(): Promise<BackupFolder> {
  // The runner has one of its own, which is no address.
  vi.stubEnv('BASE_URL', '');
  const path = await mkdtemp(join(tmpdir(), 'tsumugi-backup-'));
  const [key, ring, folder] = [join(path, 'backup.key'), join(path, 'ring'), join(path, 'backups')];
  await said(backupKeyCommand, '--out', key);
  const files = ['--key-file', key, '--keys', ring];
  return {
    path,
    key,
    ring,
    async backUp(databaseUrl) {
      const { code, lines } = await said(backupCommand, '--out', folder, ...files, '--database-url', databaseUrl);
      if (code !== 0) throw new Error(lines.join('\n'));
      return join(
        folder,
        (await readdir(folder))
          .filter((name) => name.endsWith('.backup'))
          .toSorted()
          .at(-1) ?? '',
      );
    },
    renew: (databaseUrl) => said(backupCommand, '--renew-keys', ...files, '--database-url', databaseUrl),
    verify: (file, ...more) => said(backupCommand, '--verify', file, ...files, ...more),
    restore: (file, into, ...more) => said(restoreCommand, file, ...files, '--into', into, ...more),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** A patient with versions, a deletion, a chosen id or not, a delivered original and a linked number: all bear the family name. */
export async function familyIn(t: TestApp, family: string, id?: string): Promise<string> {
  const identifier = [{ system: 'urn:clinic', value: `number-of-${family}` }];
  const patient = id
    ? (await t.system.put(`Patient/${id}`, { ...patientNamed(family, '花子', { identifier }), id })).body.id
    : (await t.system.create(patientNamed(family, '花子', { identifier }))).id;
  const note = (text: string) => ({ note: [{ text: `${family}の${text}\n二行目\t\\終わり` }] });
  const kept = await t.system.create(observationOf(patient, note('一')));
  await t.system.put(`Observation/${kept.id}`, { ...observationOf(patient, note('二')), id: kept.id });
  const gone = await t.system.create(observationOf(patient, note('三')));
  await t.system.delete(`Observation/${gone.id}`);
  await t.system.post('$deliver', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
      {
        name: 'original',
        resource: {
          resourceType: 'Binary',
          contentType: 'text/plain',
          data: Buffer.from(`${family}の原本`).toString('base64'),
        },
      },
      {
        name: 'record',
        resource: {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ resource: observationOf(patient, note('四')), request: { method: 'POST', url: 'Observation' } }],
        },
      },
    ],
  });
  return patient;
}
