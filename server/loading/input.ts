// What is loaded: a file, a folder or a ZIP, as files that can be read one after the other in pieces.

import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { LoadFault } from '../store/load-fault.ts';
import type { InputFile } from './input-file.ts';
import { zipFiles } from './zip.ts';

export type Input = { path: string; files: InputFile[]; close(): Promise<void> };

const mostFiles = 100_000;

/** Throws LoadFault where there is nothing to read, or a ZIP is not to be trusted. */
export async function openInput(path: string): Promise<Input> {
  const stats = await stat(path).catch(() => {
    throw new LoadFault('it cannot be read', { file: path });
  });
  if (stats.isDirectory()) return { path, files: await folderFiles(path), close: async () => undefined };
  const isZip = await beginsWith(path, [0x50, 0x4b]);
  if (isZip) {
    const { files, close } = await zipFiles(path);
    return { path, files, close };
  }
  const file = { path: basename(path), bytes: stats.size, read: () => createReadStream(path) as AsyncIterable<Buffer> };
  return { path, files: [file], close: async () => undefined };
}

/** Whether a file is packed by gzip, as packages are. */
export const isGzip = (path: string): Promise<boolean> => beginsWith(path, [0x1f, 0x8b]);

async function folderFiles(folder: string): Promise<InputFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.length > mostFiles) throw new LoadFault(`there are more than ${mostFiles} files in it`, { file: folder });
  const files: InputFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = resolve(entry.parentPath, entry.name);
    const { size } = await stat(path);
    const inside = relative(folder, path).replaceAll('\\', '/');
    files.push({ path: inside, bytes: size, read: () => createReadStream(path) as AsyncIterable<Buffer> });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function beginsWith(path: string, bytes: readonly number[]): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes.length), 0, bytes.length, 0);
    return bytesRead === bytes.length && bytes.every((byte, n) => buffer[n] === byte);
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
