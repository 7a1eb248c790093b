// The audit row of something a caller saw. What a clinician saw of a record that they opened by break-glass was for that purpose.

import type { Access } from '../access/access.ts';
import { actorFor } from '../access/actor.ts';
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
    client: clientFor(access, owner),
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
  const { client, brokenGlass } = access;
  const glass = brokenGlass && brokenGlass.size > 0 && { clientOf: (owner: string) => clientFor(access, owner) };
  return { client, interaction, request: id, at: new Date(nowMs()).toISOString(), ...(glass && { glass }) };
}

const clientFor = ({ client, brokenGlass }: Access, owner: string | undefined): string =>
  owner !== undefined && brokenGlass?.has(owner) ? actorFor(client, 'BTG') : client;

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
