// What of a storage has been handed over: one row a file, in a SQLite file beside the storage, never in it. It is what makes a
// second run take up where a first one was killed, and a watch know what is new.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Role, SeenFile } from './folder-plan.ts';

export type Ledger = ReturnType<typeof openLedger>;

/** A file as it was handed over, and what the server said. */
export type LedgerRow = SeenFile & { folder: string; fate: string; reason: string | undefined };

/** Says what a ledger cannot be used for. The message is for people. */
export class LedgerFault extends Error {
  readonly isForPeople = true;
}

/**
 * Opens or makes the ledger in `file`. It belongs to one storage and one server (`of`), so that nothing counts as handed over that
 * another server has. Throws LedgerFault when it belongs to others, or is in use.
 */
export function openLedger(file: string, of: string) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = open(file, of);
  const filesOf = database.prepare('select name, size, mtime_ms, role, turn from file where folder = ?');
  const put = database.prepare('insert or replace into file values (?, ?, ?, ?, ?, ?, ?, ?)');
  const setRole = database.prepare('update file set role = ? where folder = ? and name = ?');
  const remove = database.prepare('delete from file where folder = ? and name = ?');
  const visit = database.prepare('insert or replace into folder values (?, ?)');
  const unvisited = database.prepare('select path from folder where round < ? limit 1000');
  const forget = database.prepare('delete from folder where path = ?');
  let openedMs: number | undefined;

  function flush(): void {
    if (openedMs !== undefined) database.exec('commit');
    openedMs = undefined;
  }

  /** Changes of a second are one transaction: what a crash takes back is handed over again, and the server knows it. */
  function change(): void {
    if (openedMs !== undefined && performance.now() - openedMs > 1000) flush();
    if (openedMs === undefined) database.exec('begin');
    openedMs ??= performance.now();
  }

  return {
    filesOf: (folder: string): SeenFile[] => filesOf.all(folder).map(seenFile),
    put({ folder, fileName, size, mtimeMs, role, turn, fate, reason }: LedgerRow): void {
      change();
      put.run(folder, fileName, size, mtimeMs, role, turn, fate, reason ?? null);
    },
    setRole(folder: string, fileName: string, role: Role): void {
      change();
      setRole.run(role, folder, fileName);
    },
    remove(folder: string, fileName: string): void {
      change();
      remove.run(folder, fileName);
    },
    /** Notes that the folder was there in this round. */
    visit(folder: string, round: number): void {
      change();
      visit.run(folder, round);
    },
    /** Folders that were there in an earlier round and not in this one, some at a time. */
    goneSince: (round: number): string[] => unvisited.all(round).map(({ path }) => String(path)),
    forget(folder: string): void {
      change();
      forget.run(folder);
    },
    /** The number of the next round through the storage. */
    nextRound: (): number =>
      Number(database.prepare('select coalesce(max(round), 0) + 1 as next from folder').get()?.next ?? 1),
    flush,
    close(): void {
      flush();
      database.close();
    },
  };
}

const TABLES = `
create table if not exists about (storage text not null);
create table if not exists folder (path text primary key, round integer not null) without rowid;
create table if not exists file (folder text not null, name text not null, size integer not null, mtime_ms real not null,
  role text not null, turn integer not null, fate text not null, reason text, primary key (folder, name)) without rowid;
create index if not exists folder_round on folder (round);`;

function open(file: string, of: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // Exclusive: two runs on one ledger would hand everything over twice.
    database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal');
    database.exec(TABLES);
    const known = database.prepare('select storage from about').get()?.storage;
    if (known === undefined) database.prepare('insert into about values (?)').run(of);
    if (known !== undefined && known !== of) throw new LedgerFault(`${file} belongs to another storage or server`);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof LedgerFault) throw error;
    const isBusy = error instanceof Error && /locked|busy/i.test(error.message);
    throw new LedgerFault(isBusy ? `${file} is in use by another run` : `${file} is no ledger of a storage`, {
      cause: error,
    });
  }
}

const seenFile = ({ name, size, mtime_ms, role, turn }: Record<string, unknown>): SeenFile => ({
  fileName: String(name),
  size: Number(size),
  mtimeMs: Number(mtime_ms),
  role: role === 'stands' || role === 'withdrawn' ? role : 'kept',
  turn: Number(turn),
});
