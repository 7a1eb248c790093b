// Residence in a municipality -> permissions, by the policy (decision 11): what public health needs, of level N, and what is
// labelled SDV, so that who protects a family knows it to be protected. Pure.

import { restricted, SDV } from './labels.ts';
import type { Instant, Permission } from './permission.ts';
import { bases, publicHealthTypes } from './policy.ts';

/** `organization`, `patient`: ids. */
type Residence = { organization: string; patient: string; starts: Instant; ends: Instant };

export function permissionsOfResidence({ organization, patient, starts, ends }: Residence): Permission[] {
  const common = { patient, grantee: `Organization/${organization}`, starts, ends, types: publicHealthTypes };
  const normal: Permission = { ...common, ...bases.residence, basis: 'residence' };
  const { writes: _, ...reading } = normal;
  return [normal, { ...reading, normal: false, labels: restricted | SDV, needs: SDV }];
}
