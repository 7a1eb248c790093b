// A ZIP as a stream: nothing but the chunk at hand is in memory. APPNOTE.TXT 6.3.3 without ZIP64, DEFLATE, by fflate.

import { setImmediate } from 'node:timers/promises';
import { Zip, ZipDeflate } from 'fflate';

export type ZipFile = { path: string; chunks: Chunks };
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Without ZIP64 an offset has 32 bits; some room is left for the directory at the end. */
const mostBytes = 0xffff_ffff - 16 * 1024 * 1024;
/** Compressing this much takes a few milliseconds, after which others get their turn. */
const sliceBytes = 128 * 1024;

/**
 * The bytes of a ZIP of these files, in their order. The next file is asked for when the one before has been read to its end,
 * so a file may be made from what was read before it. Throws when the ZIP would pass 4 GiB.
 */
export async function* zipBytes(files: AsyncIterable<ZipFile>, modifiedMs: number): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let written = 0;
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    ready.push(bytes);
  });
  for await (const { path, chunks } of files) {
    const file = new ZipDeflate(path, { level: 6 });
    file.mtime = modifiedMs;
    zip.add(file);
    let size = 0;
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        file.push(chunk.subarray(at, at + sliceBytes));
        yield* taken();
        if (chunk.length > sliceBytes) await setImmediate();
      }
      size += chunk.length;
      if (size > mostBytes) throw new Error('a file of the archive would pass 4 GiB');
    }
    file.push(new Uint8Array(0), true);
    yield* taken();
  }
  zip.end();
  yield* taken();

  function* taken(): Generator<Uint8Array> {
    const bytes = ready;
    ready = [];
    for (const one of bytes) {
      written += one.length;
      if (written > mostBytes) throw new Error('the archive would pass 4 GiB');
      yield one;
    }
  }
}
