// FHIR R4 read and vread. https://hl7.org/fhir/R4/http.html#read, #vread

import { namedReach } from '../access/named-reach.ts';
import { gone, notFound } from '../fhir/outcome.ts';
import { viewed } from '../fhir/summary.ts';
import { auditOf, reading } from '../interaction/audited.ts';
import { type Answer, etag, type Handler } from '../interaction/request.ts';
import { parseView } from '../search/result-parameters.ts';
import type { StoredVersion } from '../store/read.ts';

export const read: Handler = async (fhir, request, { type, id }) => {
  const reach = namedReach(request.access, 'read', type);
  const view = parseView(type, request.query);
  const found = await fhir.reader.currentAudited(type, id, reach, reading(fhir, request, 'read'));
  if (found) return versionAnswer({ ...found, content: found.content && viewed(found.content, view) });
  const last = await fhir.reader.last(type, id, reach);
  // What became another patient's is not gone, and no longer told of.
  throw last?.method === 'D' ? gone(`${type}/${id}`) : notFound(`${type}/${id}`);
};

export const vread: Handler = async (fhir, request, { type, id, version }) => {
  const number = /^\d{1,9}$/.test(version) ? Number(version) : 0;
  const found = await fhir.reader.version(type, id, namedReach(request.access, 'read', type), number);
  await fhir.audit([auditOf(fhir, request, 'vread', type, found, id)]);
  if (!found) throw notFound(`${type}/${id}/_history/${version}`);
  if (found.content === undefined) throw gone(`${type}/${id}/_history/${version}`);
  return versionAnswer(found);
};

function versionAnswer({ version, updated, content }: StoredVersion): Answer {
  return { status: 200, etag: etag(version), lastModified: updated, body: content ?? '' };
}
