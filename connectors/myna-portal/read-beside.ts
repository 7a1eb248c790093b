// The files that a manifest in a folder names.

import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

/** Reads what a manifest names, and only inside the manifest's own folder; undefined for anything else. */
export function readBeside(manifest: string): (path: string) => Promise<Uint8Array | undefined> {
  const folder = resolve(dirname(manifest));
  return async (path) => {
    const file = resolve(folder, path);
    const inside = relative(folder, file);
    if (inside === '' || inside.startsWith('..') || resolve(inside) === inside) return undefined;
    return readFile(file).catch(() => undefined);
  };
}
