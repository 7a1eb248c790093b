// What links to a record work with: the store, a slow hash with a pepper of its own, and what other features make of a record.

import { randomBytes } from 'node:crypto';
import { createPasswordHasher, inTime } from '../login/password-hash.ts';
import type { ShareOptions } from '../share/share-options.ts';
import type { Pool } from '../store/pool.ts';
import { secret } from '../store/secrets.ts';
import { createShareStore } from '../store/shares.ts';
import { createStandings } from '../store/standing.ts';

export async function shareOptions({
  pool,
  baseUrl,
}: {
  pool: Pool;
  baseUrl: () => string;
}): Promise<Omit<ShareOptions, 'makers'>> {
  const { pepper } = await secret(pool, 'share', () => ({ pepper: randomBytes(32).toString('base64url') }));
  const hasher = createPasswordHasher(Buffer.from(pepper, 'base64url'));
  return {
    ...createStandings({ pool }),
    store: createShareStore({ pool }),
    passcodes: {
      make: (passcode) => inTime(() => hasher.make(passcode)),
      check: async (passcode, stored) => (await inTime(() => hasher.check(passcode, stored)))?.isRight,
    },
    baseUrl,
  };
}
