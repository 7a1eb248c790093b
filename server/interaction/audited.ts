// The audit row of something a caller saw.

import { nobody } from '../search/keys.ts';
import type { AuditRow } from '../store/audit.ts';
import type { Reading } from '../store/read.ts';
import type { Fhir, FhirRequest } from './request.ts';

type Seen = { key?: string; owner: string; version?: number };

/**
 * One row; without `seen` it names no patient, and says that the attempt on the resource with the id `tried` was refused: where
 * there is such a resource, hidden from the caller, the row is about its patient. The caller cannot tell.
 */
export function auditOf(
  { nowMs }: Pick<Fhir, 'nowMs'>,
  { access, id }: Pick<FhirRequest, 'access' | 'id'>,
  interaction: string,
  type: string | undefined,
  seen?: Seen,
  tried?: string,
): AuditRow {
  const { key, owner, version } = seen ?? {};
  const isRefused = seen === undefined && tried !== undefined;
  return {
    client: access.client,
    interaction,
    type,
    key,
    version,
    owner,
    request: id,
    at: new Date(nowMs()).toISOString(),
    ...(isRefused && { outcome: 4, tried }),
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
