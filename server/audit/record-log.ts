// The audit of one patient's record as AuditEvents, page by page, for a copy of the record.

import { type Access, reachOf } from '../access/access.ts';
import type { Fhir } from '../interaction/request.ts';
import { auditPage, type LogPlace } from '../store/audit-log.ts';
import type { Pool } from '../store/pool.ts';
import { eventTexts, logReach } from './audit-views.ts';

const rowsAtOnce = 500;

/** Newest first; nothing where the caller may not search this patient's log. */
export async function* recordLog(
  pool: Pool,
  fhir: Fhir,
  { access, patient }: { access: Access; patient: string },
): AsyncGenerator<string[]> {
  const reach = logReach(reachOf(access, 'search', 'AuditEvent'));
  if (!reach || (reach.kind === 'record' && (reach.patient ?? patient) !== patient)) return;
  let after: LogPlace | undefined;
  for (;;) {
    const page = await auditPage(pool, { of: patient, reach, filter: {} }, { limit: rowsAtOnce, after });
    if (page.entries.length > 0) yield await eventTexts(fhir, 'ja', reach, page.entries);
    after = page.entries.at(-1)?.place;
    if (page.isLast || !after) return;
  }
}
