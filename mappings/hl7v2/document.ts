// MDM^T01–T11 -> DocumentReference with the text of its OBX. HL7 v2.5 chapter 9.5 (events), 9.6.1 (TXA), tables 0271 and 0273.

import type { DocumentReference } from '@medplum/fhirtypes';
import { codeableConcept, type Hl7Context, lookUp, ownIdentifier, personReference, take } from './context.ts';
import { find, type Segment, value } from './message.ts';
import { hl7DateTime } from './time.ts';

/** One DocumentReference, known by TXA-12. T11 (cancelled) withdraws it; T09 and T10 replace the document of TXA-13. */
export function mapDocument(context: Hl7Context): void {
  const txa = find(context.segments, 'TXA');
  const number = documentNumber(txa, 12);
  if (!txa || !number) context.problems.push('TXA-12 (document number) is empty.');
  else take(context, document(context, txa, number), !['T01', 'T02'].includes(context.event));
}

// Entity identifier: its value, or, where senders leave that out, its universal id.
const documentNumber = (txa: Segment | undefined, field: number): string => value(txa, field) || value(txa, field, 3);

const docStatuses: Record<string, NonNullable<DocumentReference['docStatus']>> = {
  DI: 'preliminary',
  DO: 'preliminary',
  IP: 'preliminary',
  IN: 'preliminary',
  PA: 'preliminary',
  AU: 'final',
  LA: 'final',
};

function document(context: Hl7Context, txa: Segment, number: string): DocumentReference {
  const type = codeableConcept(context, txa, 2);
  const isWithdrawn = context.event === 'T11' || value(txa, 19) === 'CA';
  const date = hl7DateTime(value(txa, 6)) ?? hl7DateTime(value(txa, 4));
  const docStatus = lookUp(docStatuses, value(txa, 17).toUpperCase());
  const author = personReference(txa, 9);
  const parent = documentNumber(txa, 13);
  const title = value(txa, 16) || type?.text;
  const own = (of: string) => ownIdentifier(context, 'document', [of]);
  return {
    resourceType: 'DocumentReference',
    identifier: [own(number)],
    status: isWithdrawn ? 'entered-in-error' : value(txa, 19) === 'OB' ? 'superseded' : 'current',
    ...(docStatus && { docStatus }),
    ...(type && { type }),
    subject: context.subject,
    ...(date && date.length > 10 && { date }),
    ...(author && { author: [author] }),
    ...(parent && {
      relatesTo: [
        {
          code: ['T09', 'T10'].includes(context.event) ? 'replaces' : 'appends',
          target: { type: 'DocumentReference', identifier: own(parent) },
        },
      ],
    }),
    content: [{ attachment: { ...attachment(context.segments), ...(title && { title }) } }],
  };
}

/** ED (`source^type^subtype^Base64^data`) as it is; lines of text as one text. */
function attachment(segments: readonly Segment[]): { contentType: string; data?: string } {
  const obx = segments.filter(({ name }) => name === 'OBX');
  const encapsulated = obx.find(
    (segment) => value(segment, 2) === 'ED' && value(segment, 5, 4).toUpperCase() === 'BASE64',
  );
  const data = value(encapsulated, 5, 5).replace(/\s/g, '');
  const isBase64 = data.length > 0 && data.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data);
  if (encapsulated && isBase64) return { contentType: mediaType(encapsulated), data };
  const lines = obx.flatMap((segment) =>
    (segment.fields[5] ?? []).map((line) => line.map((part) => part.join('&')).join('^')),
  );
  const text = lines.join('\n').trim();
  return { contentType: 'text/plain; charset=utf-8', ...(text && { data: Buffer.from(text).toString('base64') }) };
}

const mediaTypes: Record<string, string> = {
  pdf: 'application/pdf',
  jpeg: 'image/jpeg',
  png: 'image/png',
  tiff: 'image/tiff',
};

const mediaType = (obx: Segment): string =>
  lookUp(mediaTypes, value(obx, 5, 3).toLowerCase()) ?? 'application/octet-stream';
