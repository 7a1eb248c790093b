// How much an archive may unpack to.

import { LoadFault } from '../store/load-fault.ts';

// Tables of codes unpack to ten times their packed bytes, JSON of profiles to thirty. Deflate can reach a thousand.
const mostTimes = 200;
const alwaysBytes = 1024 * 1024;
const mostBytes = 16 * 1024 ** 3;

/** Throws LoadFault for what is made to fill a machine. */
export function checkRatio(packedBytes: number, bytes: number, file: string): void {
  if (bytes > mostBytes) throw new LoadFault(`it unpacks to more than ${mostBytes / 1024 ** 3} GB`, { file });
  if (bytes > alwaysBytes && bytes > packedBytes * mostTimes)
    throw new LoadFault(`it unpacks to more than ${mostTimes} times what it takes`, { file });
}
