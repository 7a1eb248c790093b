// Whose records a family member may open at a moment: the relations that come to a permission now. Read by index walks, as the
// statements of the record are.

import type { Pool } from 'pg';
import { keyOfReference } from '../search/narrow.ts';

export type PersonPatient = {
  /** Patient id. */
  patient: string;
  basis: 'self' | 'guardian' | 'invited';
  /** `RelatedPerson/ID` that says the same in FHIR. */
  relatedPerson?: string;
};

const text = `select r.patient_id as patient, r.basis, r.related_person as "relatedPerson" from relation r
where r.person = $1 and r.status = 'active'
  and exists (
    select from permission p
    where p.source = r.id and p.grantee = r.person and p.patient = r.patient and not p.denies and p.starts <= $2 and p.ends > $2
  )
  and not exists (
    select from permission d where d.grantee = r.person and d.patient = r.patient and d.basis = 'suspension'
      and d.starts <= $2 and d.ends > $2
  )
order by array_position(array['self', 'guardian', 'invited'], r.basis), r.patient_id`;

/** `person` is `Person/ID`. Their own record first. */
export async function patientsOfPerson(pool: Pool, person: string, nowMs: number): Promise<PersonPatient[]> {
  const values = [keyOfReference(person), new Date(nowMs).toISOString()];
  const { rows } = await pool.query({ name: 'person-patients', text, values });
  return rows.map(({ relatedPerson, ...row }) => (relatedPerson === null ? row : { ...row, relatedPerson }));
}
