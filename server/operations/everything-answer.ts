// The searchset Bundle of $everything: streamed as a whole, or one page of it with a link to the next.

import { Readable } from 'node:stream';
import { type BundleLink, bundleOf, entryText, pageUrl } from '../interaction/bundle-text.ts';
import { type EverythingEntry, everythingOf, everythingPage, type Subject } from '../interaction/patient-record.ts';
import type { Answer, Fhir, FhirRequest } from '../interaction/request.ts';
import { idOf } from '../store/stored-text.ts';
import { type EverythingRequest, sealedPosition } from './everything-request.ts';

/** `of` is the path that was asked, such as `Patient/1/$everything`. The caller has checked that the subject may be read. */
export async function everythingAnswer(
  fhir: Fhir,
  request: FhirRequest,
  of: string,
  subject: Subject,
  wanted: EverythingRequest,
): Promise<Answer> {
  const query = new URLSearchParams(wanted.asked).toString();
  const self = { relation: 'self', url: `${fhir.base}/${of}${query && `?${query}`}` };
  if (wanted.count === undefined && wanted.after === undefined)
    return { status: 200, body: Readable.from(bundleText(fhir, request, self, subject, wanted)) };
  const { filter, count = 1, after } = wanted;
  const page = await everythingPage(fhir, request.access, subject, { filter, count, after });
  const links = [self];
  if (page.next) {
    const sealed = await sealedPosition(fhir, request, of, wanted.asked, page.next);
    links.push({
      relation: 'next',
      url: pageUrl(`${fhir.base}/${of}`, sealed, [...new URLSearchParams(request.query)]),
    });
  }
  const entries = page.entries.map((one) => entryOf(fhir, one));
  return { status: 200, body: bundleOf('searchset', { links, entries }) };
}

async function* bundleText(
  fhir: Fhir,
  { access }: FhirRequest,
  self: BundleLink,
  subject: Subject,
  { filter }: EverythingRequest,
): AsyncGenerator<string> {
  yield JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link: [self] }).slice(0, -1);
  let separator = ',"entry":[';
  for await (const page of everythingOf(fhir, access, subject, filter)) {
    yield separator + page.map((one) => entryText(entryOf(fhir, one))).join(',');
    separator = ',';
  }
  yield separator === ',' ? ']}' : '}';
}

function entryOf({ base }: Fhir, { type, content, isPointedTo }: EverythingEntry) {
  const mode = isPointedTo ? 'include' : 'match';
  return { fullUrl: `${base}/${type}/${idOf(content)}`, resource: content, rest: { search: { mode } } };
}
