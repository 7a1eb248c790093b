// Who may hand in a delivery.

import { type Access, mayReach, type Reach } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { forbidden } from '../fhir/outcome.ts';
import type { Standings } from '../interaction/standing.ts';
import type { Addressee } from './read-deliveries.ts';

/** Throws 403. Whether this organization may add to the record is asked by the write itself. */
export function mayDeliver(access: Access, patient: Addressee): void {
  const isToKnown = patient !== undefined && 'id' in patient;
  const reach = namedReach(access, 'create', 'Provenance');
  if (isToKnown ? mayReach(reach, patient.id) : isWhole(reach) && isFacility(access)) return;
  throw notForThem();
}

/**
 * Throws 403 for a login to which one of these Patients (ids) is somebody else's. Asked before anything is mapped or looked up: that
 * the same stands in a record already is nothing for those whose record it is not.
 */
export async function refuseStrangers(
  { standingOf }: Standings,
  access: Access,
  patients: Iterable<string>,
): Promise<void> {
  if (access.caller === undefined || organizationOf(access) !== undefined) return;
  for (const id of new Set(patients)) if ((await standingOf(access, id)) === 'other') throw notForThem();
}

const notForThem = (): Error => forbidden('$deliver needs the right to create records for this patient');

/** Everybody's, as far as scopes go. */
export const isWhole = (reach: Reach): boolean =>
  reach.kind === 'all' || (reach.kind === 'narrowed' && reach.parts.length === 0);

const isFacility = ({ caller }: Access): boolean => caller === undefined || caller.organization !== undefined;

/** The id of the Organization that calls. */
export const organizationOf = ({ caller }: Access): string | undefined =>
  caller?.organization?.slice('Organization/'.length);
