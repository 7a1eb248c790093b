// Passwords at rest: argon2id (RFC 9106) with a pepper, as PHC strings, so that each says what it was made with. At least what
// the OWASP Password Storage Cheat Sheet asks for: 19 MiB, 2 passes, 1 lane.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { normalPassword } from './password-rules.ts';

/** Changing one has every password hashed anew at its next login. */
export const hashing = { memoryKiB: 19_456, passes: 2, lanes: 1, saltBytes: 16, hashBytes: 32 } as const;

// Each takes 19 MiB and a core for 35 ms: this many at once, and the rest in turn.
const mostAtOnce = 2;
const mostWaiting = 100;

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;

/** Thrown when so many wait that the last would not be answered soon. */
class TooManyHashes extends Error {}

export function createPasswordHasher(pepper: Uint8Array, parameters: Parameters = hashing) {
  const inTurn = createTurns();
  const make = async (password: string): Promise<string> => {
    const { memoryKiB, passes, lanes, saltBytes, hashBytes } = parameters;
    const salt = randomBytes(saltBytes);
    const hash = await inTurn(() => digest(password, { salt, memoryKiB, passes, lanes, hashBytes, pepper }));
    return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64(salt)}$${base64(hash)}`;
  };
  // What is compared where there is no password: the work is the same.
  const nobodys = make(randomBytes(24).toString('base64'));
  return {
    make,

    /** Takes as long where nothing is stored. `isOld`: it was made with other parameters. */
    async check(password: string, stored: string | undefined): Promise<{ isRight: boolean; isOld: boolean }> {
      const known = parse(stored ?? (await nobodys));
      const { hash, ...made } = known;
      const given = await inTurn(() => digest(password, { ...made, hashBytes: hash.length, pepper }));
      const isRight = timingSafeEqual(given, hash) && stored !== undefined;
      const { memoryKiB, passes, lanes } = parameters;
      const isOld = made.memoryKiB !== memoryKiB || made.passes !== passes || made.lanes !== lanes;
      return { isRight, isOld };
    },
  };
}

/** What `work` makes of a password; undefined when too many others are being looked at, so that the caller may come back. */
export async function inTime<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TooManyHashes) return undefined;
    throw error;
  }
}

/** When to come back. */
export const busyMs = 3_000;

type Parameters = { memoryKiB: number; passes: number; lanes: number; saltBytes: number; hashBytes: number };
type Digesting = Omit<Parameters, 'saltBytes'> & { salt: Uint8Array; pepper: Uint8Array };

const argon2Async = promisify(argon2);

const digest = (password: string, { salt, memoryKiB, passes, lanes, hashBytes, pepper }: Digesting): Promise<Buffer> =>
  argon2Async('argon2id', {
    message: normalPassword(password),
    nonce: salt,
    parallelism: lanes,
    tagLength: hashBytes,
    memory: memoryKiB,
    passes,
    secret: pepper,
  });

function parse(text: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(text);
  if (!match) throw new Error('a stored password is not an argon2id PHC string');
  const [, memory, passes, lanes, salt = '', hash = ''] = match;
  return {
    memoryKiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

// PHC strings leave the padding out.
const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function createTurns() {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= mostAtOnce) {
      if (waiting.length >= mostWaiting) throw new TooManyHashes();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
