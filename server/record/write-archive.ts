// The family archive as a stream of bytes: the files, then the manifest that answers for them, then the seals over it.

import { createHash } from 'node:crypto';
import type { ListedFile } from './manifest.ts';
import type { SealFile } from './seal.ts';
import { type Packed, type Pressing, type ZipFile, zipBytes } from './zip-writer.ts';

/** One file of the archive. */
export type ArchiveFile = {
  path: string;
  content: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;
  pressing?: Pressing;
};

/** `seal` is called once every file has been read, with what was packed. */
export function archiveBytes(options: {
  files: AsyncIterable<ArchiveFile> | Iterable<ArchiveFile>;
  seal: (files: ListedFile[]) => Promise<SealFile[]>;
  createdMs: number;
}): AsyncGenerator<Uint8Array> {
  return zipBytes(packed(options), options.createdMs);
}

async function* packed({ files, seal }: Parameters<typeof archiveBytes>[0]): AsyncGenerator<ZipFile> {
  const listed: ListedFile[] = [];
  for await (const { path, content, pressing } of files) {
    const digest = createHash('sha256');
    let size = 0;
    let inZip: Packed | undefined;
    const onPacked = (packed: Packed) => {
      inZip = packed;
    };
    yield { path, chunks: measured(content), onPacked, ...(pressing && { pressing }) };
    listed.push({ path, size, sha256: digest.digest('hex'), ...(inZip && { packed: inZip }) });

    async function* measured(chunks: ArchiveFile['content']): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        digest.update(bytes);
        size += bytes.length;
        yield bytes;
      }
    }
  }
  // Not compressed, these have one form in the ZIP (zip-reader.ts, `isStored`).
  for (const { path, bytes } of await seal(listed)) yield { path, chunks: [bytes], pressing: 'none' };
}
