// The audit row of something a caller saw.

import { nobody } from '../search/keys.ts';
import type { AuditRow } from '../store/audit.ts';
import type { Reading } from '../store/read.ts';
import type { Fhir, FhirRequest } from './request.ts';

type Seen = { key?: string; owner: string; version?: number };

/** One row; without `seen` it names no patient. */
export function auditOf(
  { nowMs }: Pick<Fhir, 'nowMs'>,
  { access, id }: Pick<FhirRequest, 'access' | 'id'>,
  interaction: string,
  type: string | undefined,
  seen?: Seen,
): AuditRow {
  const { key, owner, version } = seen ?? {};
  return {
    client: access.client,
    interaction,
    type,
    key,
    version,
    owner,
    request: id,
    at: new Date(nowMs()).toISOString(),
  };
}

/** What the store needs to write the audit row of a read itself. */
export function reading(
  { nowMs }: Pick<Fhir, 'nowMs'>,
  { access, id }: Pick<FhirRequest, 'access' | 'id'>,
  interaction: string,
): Reading {
  return { client: access.client, interaction, request: id, at: new Date(nowMs()).toISOString() };
}

/** One row for each patient whose records were among the answers; one without a patient when there were none. */
export function auditOfMany(
  fhir: Pick<Fhir, 'nowMs'>,
  request: Pick<FhirRequest, 'access' | 'id'>,
  interaction: string,
  type: string | undefined,
  owners: Iterable<string>,
): AuditRow[] {
  const distinct = new Set(owners);
  if (distinct.size === 0) distinct.add(nobody);
  return [...distinct].map((owner) => auditOf(fhir, request, interaction, type, { owner }));
}
