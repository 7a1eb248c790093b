// A version as an entry of a history Bundle. FHIR R4, https://hl7.org/fhir/R4/http.html#history

import { isServerMade } from '../search/keys.ts';
import type { HistoryVersion } from '../store/history.ts';
import type { BundleEntry } from './bundle-text.ts';
import { etag, type Fhir } from './request.ts';

/** With the request that made the version, as far as it is known, and the answer to that. */
export function versionEntry({ base }: Pick<Fhir, 'base'>, one: HistoryVersion): BundleEntry {
  const { type, id, version, updated, method, content, isNew } = one;
  // An id that the server did not make came with a PUT.
  const isPost = version === 1 && isServerMade(id);
  return {
    fullUrl: `${base}/${type}/${id}`,
    resource: content,
    rest: {
      request: { method: isPost ? 'POST' : methods[method], url: isPost ? type : `${type}/${id}` },
      response: { status: method === 'D' ? '204' : isNew ? '201' : '200', etag: etag(version), lastModified: updated },
    },
  };
}

const methods = { C: 'PUT', U: 'PUT', D: 'DELETE' };
