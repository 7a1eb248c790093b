// Names of files in an archive. They are never written anywhere, but one that leads out of its folder says what the archive is.

import { LoadFault } from '../store/load-fault.ts';

/** Throws LoadFault for a name that is absolute, or leads out of the archive. */
export function checkPath(path: string, archive: string): void {
  const isSafe = !/[\\\0]|^\/|^[A-Za-z]:/.test(path) && !path.split('/').includes('..');
  if (!isSafe || path === '') throw new LoadFault('a file in it has a name that leads out of it', { file: archive });
}
