// The bytes of a document while it is being written. What goes wrong ends the bytes with that error.

import { setImmediate } from 'node:timers/promises';
import type { Booklet } from './booklet.ts';

export async function* pdfBytes(booklet: Booklet, write: () => Promise<void>): AsyncGenerator<Uint8Array> {
  const { document } = booklet.sheet;
  const written = write().then(async () => {
    await setImmediate();
    booklet.close();
  });
  written.catch((error: unknown) => document.destroy(error instanceof Error ? error : new Error(String(error))));
  for await (const chunk of document) yield chunk as Uint8Array;
  await written;
}
