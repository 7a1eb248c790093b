// A ZIP as a stream: nothing but the chunk at hand is in memory. APPNOTE.TXT 6.3.3 without ZIP64. fflate lays out the ZIP;
// zlib compresses in its own thread, so that other requests do not wait.

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream';
import { constants, crc32, createDeflateRaw } from 'node:zlib';
import { Zip, type ZipInputFile } from 'fflate';
import { tooCostly } from '../fhir/outcome.ts';

export type ZipFile = {
  path: string;
  chunks: Chunks;
  pressing?: Pressing;
  /** Told, before the next file is asked for, what was packed. */
  onPacked?: (packed: Packed) => void;
};
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
/** The bytes of a file as they stand in the ZIP. `sha256` in lower-case hexadecimal. */
export type Packed = { size: number; sha256: string };

/**
 * How hard to try: `none` for what is compressed already (still DEFLATE, which every reader takes); `letters` for what hardly repeats
 * itself but is written with few letters, as base64 is: as small as by the usual way, four times as fast.
 */
export type Pressing = keyof typeof pressings;
const pressings = {
  none: { level: 0 },
  letters: { level: 1, strategy: constants.Z_HUFFMAN_ONLY },
  usual: { level: 6 },
};

/** Without ZIP64 an offset has 32 bits; some room is left for the directory at the end. */
const mostBytes = 0xffff_ffff - 16 * 1024 * 1024;
const deflated = 8;
const chunkSize = 64 * 1024;

/**
 * The bytes of a ZIP of these files, in their order. The next file is asked for when the one before has been read to its end,
 * so a file may be made from what was read before it. Throws when the ZIP, or a file in it, would pass 4 GiB.
 */
export async function* zipBytes(files: AsyncIterable<ZipFile>, modifiedMs: number): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let written = 0;
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    ready.push(bytes);
  });
  for await (const { path, chunks, pressing = 'usual', onPacked } of files) {
    const file: ZipInputFile = { filename: path, compression: deflated, crc: 0, size: 0, mtime: modifiedMs };
    const digest = createHash('sha256');
    let packedBytes = 0;
    zip.add(file);
    for await (const bytes of pipeline(
      measured(file, chunks),
      createDeflateRaw({ ...pressings[pressing], chunkSize }),
      () => undefined,
    )) {
      digest.update(bytes);
      packedBytes += bytes.length;
      file.ondata?.(null, bytes, false);
      yield* taken();
    }
    file.ondata?.(null, new Uint8Array(0), true);
    yield* taken();
    onPacked?.({ size: packedBytes, sha256: digest.digest('hex') });
  }
  zip.end();
  yield* taken();

  function* taken(): Generator<Uint8Array> {
    const bytes = ready;
    ready = [];
    for (const one of bytes) {
      written += one.length;
      if (written > mostBytes) throw tooLargeAnArchive();
      yield one;
    }
  }
}

const tooLargeAnArchive = () =>
  tooCostly('The archive would pass 4 GiB; ask for one without attachments or history (include)');

/** fflate writes the checksum and the size behind the content, when both are known. */
async function* measured(file: ZipInputFile, chunks: Chunks): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    file.crc = crc32(chunk, file.crc);
    file.size += chunk.length;
    if (file.size > mostBytes) throw tooLargeAnArchive();
    yield chunk;
  }
}
