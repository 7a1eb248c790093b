// What was warned of when versions were written. The rows come with the versions (commit.ts) and go with them (expunge.ts).

import type { Issue } from '../fhir/outcome.ts';
import type { Pool } from './pool.ts';

/** What of the warnings is kept: a JSON array; undefined where there are none. */
export function findingsText(warnings: readonly Issue[] = []): string | undefined {
  if (warnings.length === 0) return undefined;
  return JSON.stringify(
    warnings.map(({ severity, code, diagnostics, expression, text }) => ({
      severity,
      code,
      diagnostics,
      expression,
      text,
    })),
  );
}

/** What was warned of at the write of a version, whose visibility the caller has checked. */
export async function findingsOf(pool: Pool, key: string, version: number): Promise<Issue[]> {
  const text = 'select issues from finding where key = $1 and version = $2';
  const { rows } = await pool.query<{ issues: string }>({ name: 'findings', text, values: [key, version] });
  return rows[0] ? (JSON.parse(rows[0].issues) as Issue[]) : [];
}

/** How often something was warned of: no values, and expressions without places in lists. */
export type FindingCount = { client: string; code: string; expression: string; count: number };

/** Most frequent first. `since`: ISO 8601, inclusive. */
export async function countFindings(pool: Pool, asked: { client?: string; since?: string }): Promise<FindingCount[]> {
  const { rows } = await pool.query<FindingCount>(countText, [asked.since ?? '-infinity', asked.client]);
  return rows;
}

// A number in brackets is a place in a list. The text of an actor begins with the client (access/actor.ts).
const countText = `
select split_part(f.client, ' ', 1) as client, i ->> 'code' as code, coalesce(regexp_replace(e, '\\[\\d+\\]', '', 'g'), '') as expression, count(*)::int as count
from finding f cross join lateral json_array_elements(f.issues::json) i
left join lateral json_array_elements_text(i -> 'expression') e on true
where f.at >= $1 and ($2::text is null or split_part(f.client, ' ', 1) = $2)
group by 1, 2, 3 order by 4 desc, 1, 2, 3`;
