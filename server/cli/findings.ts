// `tsumugi findings`: what was warned of when clients wrote, counted, so that their vendors can be told. No values and no ids: whose
// record it was stays out.

import { parseArgs } from 'node:util';
import { countFindings } from '../store/findings.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const findingsCommand: Command = {
  name: 'findings',
  summary: 'Count what was warned of in what clients wrote, by client, code and element.',
  usage: `tsumugi findings [--client ID] [--since DATE] [--json]

  DATE is a day in Japan (2026-11-23) or an instant (2026-11-23T00:00:00Z). A line is the count, the issue code, the element and the client.`,
  async run(args, out) {
    const { values } = parseArgs({
      args,
      options: { client: { type: 'string' }, since: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const { client, since } = values;
    const asked = { ...(client !== undefined && { client }), ...(since !== undefined && { since: instantOf(since) }) };
    const counts = await withDatabase(settingsOf(), (pool) => countFindings(pool, asked));
    if (values.json) out.line(JSON.stringify(counts));
    else if (counts.length === 0) out.line('nothing was warned of');
    else
      for (const one of counts)
        out.line(`${String(one.count).padStart(8)}  ${one.code}  ${one.expression}  ${one.client}`);
    return 0;
  },
};

function instantOf(text: string): string {
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;
  const ms = form.test(text) ? Date.parse(text.includes('T') ? text : `${text}T00:00:00+09:00`) : Number.NaN;
  if (Number.isNaN(ms)) throw new CommandError('--since takes a day or an instant: 2026-11-23, 2026-11-23T00:00:00Z');
  return new Date(ms).toISOString();
}
