// How far a reading is: bytes of the files that a format reads, as they go by.

import type { Progress } from '../store/load-head.ts';
import type { InputFile } from './input-file.ts';

/** The same files, each telling `progress` what share of all of them has been read. */
export function counted(files: readonly InputFile[], progress: Progress): InputFile[] {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  return files.map(({ path, bytes, read }) => ({
    path,
    bytes,
    async *read() {
      for await (const chunk of read()) {
        done += chunk.length;
        progress('reading', done, total);
        yield chunk;
      }
    },
  }));
}
