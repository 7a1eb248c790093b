// The family archive as a stream of bytes: the files, then the manifest that answers for them, then the signature over it.

import { createHash } from 'node:crypto';
import type { SigningKey } from './keys.ts';
import { type ListedFile, type Manifest, manifestPath, manifestText, signaturePath } from './manifest.ts';
import { signBytes } from './signature.ts';
import { type Chunks, type ZipFile, zipBytes } from './zip-writer.ts';

/** One file of the archive; a form that comes later (PDF, CSV, attachments) is one more of these. */
export type ArchiveFile = { path: string; content: AsyncIterable<string> | Iterable<string> };

/** `describe` is called once every file has been read, with what was packed. */
export function archiveBytes(options: {
  files: readonly ArchiveFile[];
  describe: (files: ListedFile[]) => Manifest;
  key: SigningKey;
  createdMs: number;
}): AsyncGenerator<Uint8Array> {
  return zipBytes(packed(options), options.createdMs);
}

async function* packed({ files, describe, key }: Parameters<typeof archiveBytes>[0]): AsyncGenerator<ZipFile> {
  const listed: ListedFile[] = [];
  for (const { path, content } of files) {
    const digest = createHash('sha256');
    let size = 0;
    yield { path, chunks: measured(content) };
    listed.push({ path, size, sha256: digest.digest('hex') });

    async function* measured(texts: ArchiveFile['content']): AsyncGenerator<Uint8Array> {
      for await (const text of texts) {
        const bytes = Buffer.from(text);
        digest.update(bytes);
        size += bytes.length;
        yield bytes;
      }
    }
  }
  const manifest = Buffer.from(manifestText(describe(listed)));
  yield { path: manifestPath, chunks: one(manifest) };
  yield { path: signaturePath, chunks: one(Buffer.from(await signBytes(manifest, key))) };
}

const one = (bytes: Uint8Array): Chunks => [bytes];
