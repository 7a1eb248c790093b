// `tsumugi audit verify`: is every row of the audit as it was when it was sealed? Reads the database of a running server.

import { parseArgs } from 'node:util';
import { compactVerify, createLocalJWKSet } from 'jose';
import { type Verdict, verifyChain } from '../audit/verify-chain.ts';
import { loadArchiveKeys } from '../record/keys.ts';
import type { Pool } from '../store/pool.ts';
import { secret } from '../store/secrets.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const auditCommand: Command = {
  name: 'audit',
  summary: 'Check that nobody has changed the audit since it was sealed (found by DATA_DIR or DATABASE_URL).',
  usage: `tsumugi audit verify [--json]

  The last line is VALID, or INVALID with the first row at fault. Exit code 0 when valid, 1 when not, 2 for a wrong call.`,
  async run(args, out) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    if (positionals.join(' ') !== 'verify') throw new CommandError('say what to do: tsumugi audit verify');
    const verdict = await withDatabase(settingsOf(), verifyAudit);
    if (values.json) out.line(JSON.stringify({ valid: !verdict.fault, ...verdict }));
    else show(verdict, out);
    return verdict.fault ? 1 : 0;
  },
};

/** The verdict on the audit of a database, by the keys that it publishes. */
export async function verifyAudit(pool: Pool): Promise<Verdict> {
  const { published } = await loadArchiveKeys((name, make) => secret(pool, name, make));
  const keys = createLocalJWKSet(published);
  return verifyChain(pool, async (jws) => {
    try {
      const { payload } = await compactVerify(jws, keys, { algorithms: ['ES256'] });
      return payload;
    } catch {
      return undefined;
    }
  });
}

function show({ rows, waiting, roots, fault }: Verdict, out: Output): void {
  out.line(`rows      ${rows} as they were sealed${waiting > 0 ? `, ${waiting} more wait to be sealed` : ''}`);
  out.line(`roots     ${roots} signed`);
  out.line(fault ? `INVALID: ${fault.message}` : 'VALID');
}
