// The Patient that an operation is about, and how its caller stands to it. Who may not change who the patient is may still be told
// so (403) where they may see it; to everybody else it is not there.

import { namedReach } from '../access/named-reach.ts';
import { notFound } from '../fhir/outcome.ts';
import type { StoredVersion } from '../store/read.ts';
import type { Standing } from '../store/standing.ts';
import type { Fhir, FhirRequest } from './request.ts';

export type Standings = { standingOf: (access: FhirRequest['access'], patient: string) => Promise<Standing> };

/** Throws 403 without the scope to change Patients, 404 unless the caller sees this one. */
export async function patientFor(
  fhir: Pick<Fhir, 'reader'>,
  { standingOf }: Standings,
  { access }: Pick<FhirRequest, 'access'>,
  id: string,
): Promise<{ current: StoredVersion & { content: string }; standing: Standing }> {
  const found = await fhir.reader.current('Patient', id, namedReach(access, 'update', 'Patient'));
  if (found?.content === undefined) throw notFound(`Patient/${id}`);
  const { content } = found;
  return { current: { ...found, content }, standing: await standingOf(access, id) };
}

/** For the audit row. */
export const seenOf = ({ key, version }: Pick<StoredVersion, 'key' | 'version'>) => ({ key, owner: key, version });
