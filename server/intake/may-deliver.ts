// Who may hand in a delivery.

import { type Access, mayReach, type Reach } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { forbidden } from '../fhir/outcome.ts';
import type { Addressee } from './read-deliveries.ts';

/** Throws 403. Whether this organization may add to the record is asked by the write itself. */
export function mayDeliver(access: Access, patient: Addressee): void {
  const isToKnown = patient !== undefined && 'id' in patient;
  const reach = namedReach(access, 'create', 'Provenance');
  if (isToKnown ? mayReach(reach, patient.id) : isWhole(reach) && isFacility(access)) return;
  throw notForThem();
}

export const notForThem = (): Error => forbidden('$deliver needs the right to create records for this patient');

/** Everybody's, as far as scopes go. */
export const isWhole = (reach: Reach): boolean =>
  reach.kind === 'all' || (reach.kind === 'narrowed' && reach.parts.length === 0);

const isFacility = ({ caller }: Access): boolean => caller === undefined || caller.organization !== undefined;

/** The id of the Organization that calls. */
export const organizationOf = ({ caller }: Access): string | undefined =>
  caller?.organization?.slice('Organization/'.length);
