// Reads that answer 304 to who has the version already. FHIR R4, https://hl7.org/fhir/R4/http.html#cread

import type { Answer, FhirHeaders } from './request.ts';

type Conditions = { [name in 'ifNoneMatch' | 'ifModifiedSince']: FhirHeaders[name] | undefined };

/** True when the caller has what a read answers, by If-None-Match or else by If-Modified-Since. */
export function isKnown({ ifNoneMatch, ifModifiedSince }: Conditions, { status, etag, lastModified }: Answer): boolean {
  if (status !== 200 || etag === undefined || lastModified === undefined) return false;
  if (ifNoneMatch !== undefined)
    return ifNoneMatch.split(',').some((one) => one.trim() === '*' || opaque(one) === opaque(etag));
  // The date names a second, in which an earlier version may have been read: RFC 9110 section 8.8.2.2. A first version has none.
  const isFirst = opaque(etag) === '"1"';
  const modified = Date.parse(lastModified);
  return (isFirst ? Math.floor(modified / 1000) * 1000 : modified) <= Date.parse(ifModifiedSince ?? '');
}

/** Weak comparison, RFC 9110 section 8.8.3.2: the letter W does not count. */
const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
