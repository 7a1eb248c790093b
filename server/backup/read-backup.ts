// Reads a backup from its first byte to its last and checks it: every frame, every patient's rows that the key ring opens, the number
// and the digest of each table's rows, the digest of the whole file and the signature over all that.

import { BackupFault } from './backup-fault.ts';
import type { KeyRing } from './key-ring.ts';
import { type BackupManifest, readManifest, type SignerOf } from './manifest.ts';
import { createLineCutter, createRowDigest } from './row-digest.ts';
import { type RowsFrame, readRowsFrame, rowsKind, textOf } from './rows-frame.ts';
import { endKind, readSealed } from './sealed-file.ts';

export type ReadOptions = {
  path: string;
  keyText: string;
  /** Without it, what belongs to patients is counted and not opened. */
  ring: KeyRing | undefined;
  signerOf: SignerOf;
  /** Takes the text of a table's rows, in order; the table by its place in the manifest. */
  onText?: (table: number, text: Buffer) => Promise<void>;
};

export type CheckedBackup = {
  manifest: BackupManifest;
  signer: string;
  /** What is there of patients who were erased since: their rows, and how many keys. */
  erased: { patients: number; rows: number };
  /** Of the rows that were opened, for each table. */
  opened: { rows: number; digest: string }[];
};

/** Throws BackupFault for anything that is not as it was written, or that the key ring should open and does not. */
export async function readBackup(options: ReadOptions): Promise<CheckedBackup> {
  const { path, keyText, ring, signerOf, onText } = options;
  const tables: ReturnType<typeof tally>[] = [];
  const erasedKeys = new Set<string>();
  for await (const { kind, content, sha256 } of readSealed(path, { kind: 'backup', keyText, signer: ring?.signer })) {
    if (kind === rowsKind) {
      const frame = readRowsFrame(content);
      const table = tables[frame.table] ?? tally();
      tables[frame.table] = table;
      table.rows += frame.rows;
      const text = openedText(frame, ring, path);
      if (text === undefined) {
        table.unread += frame.rows;
        if (frame.key !== undefined) erasedKeys.add(frame.key);
      } else {
        table.cutter.add(text);
        await onText?.(frame.table, text);
      }
    } else if (kind === endKind) {
      const { manifest, signer } = await readManifest(content, signerOf);
      if (manifest.sha256 !== sha256()) throw new BackupFault(`${path} is not the file that its manifest was made for`);
      if (ring && ring.signer !== signer) throw new BackupFault(`${path} was signed by another deployment`);
      const opened = manifest.tables.map((expected, n) => checkedTable(path, expected, tables[n] ?? tally()));
      const rows = tables.reduce((sum, table) => sum + (table?.unread ?? 0), 0);
      return { manifest, signer, erased: { patients: erasedKeys.size, rows }, opened };
    } else throw new BackupFault(`${path} holds a frame of an unknown kind`);
  }
  throw new BackupFault(`${path} has no manifest`);
}

function tally() {
  const digest = createRowDigest();
  return { rows: 0, unread: 0, digest, cutter: createLineCutter((line) => digest.add(line)) };
}

/** Undefined for what may not, or need not, be opened. */
function openedText(frame: RowsFrame, ring: KeyRing | undefined, path: string): Buffer | undefined {
  if (frame.key !== undefined && !ring) return undefined;
  const held = frame.key === undefined ? undefined : ring?.keys.get(frame.key);
  if (frame.key !== undefined && !held) {
    if (ring?.erased.has(frame.key)) return undefined;
    throw new BackupFault(
      `the key ring (of ${ring?.written}) lacks a key that ${path} needs, and does not say that it was erased: it is older than the backup`,
    );
  }
  const text = textOf(frame, held?.secret);
  if (!text) throw new BackupFault(`${path} holds rows that their key does not open`);
  return text;
}

function checkedTable(
  path: string,
  { name, rows, digest }: BackupManifest['tables'][number],
  found: ReturnType<typeof tally>,
): { rows: number; digest: string } {
  const isWhole = found.unread === 0;
  if (found.rows !== rows || found.digest.rows + found.unread !== rows || found.cutter.rest() > 0)
    throw new BackupFault(`${path} does not hold the ${rows} rows of the table ${name}`);
  if (isWhole && found.digest.text() !== digest)
    throw new BackupFault(`${path} holds other rows of the table ${name} than were written`);
  return { rows: found.digest.rows, digest: found.digest.text() };
}
