// A document that came as a whole, as the family reads it: a DocumentReference with the file in it, beside the resources that
// were taken out of it. FHIR R4 DocumentReference, https://hl7.org/fhir/R4/documentreference.html

import { createHash } from 'node:crypto';
import type { CodeableConcept, DocumentReference, Identifier, Patient, Reference } from '@medplum/fhirtypes';

/** Longer files are kept as delivered only; the DocumentReference then says their size and digest. */
const MAX_INLINE_BYTES = 2 * 1024 * 1024;

export type KeptDocument = {
  /** Ours, by which it is found again. */
  identifier: Identifier;
  /** The sender's, undefined when it gives none. */
  masterIdentifier: Identifier | undefined;
  subject: Reference<Patient> & { reference: string };
  status: DocumentReference['status'];
  docStatus?: DocumentReference['docStatus'] | undefined;
  type: CodeableConcept | undefined;
  title: string | undefined;
  /** A FHIR instant; undefined when the sender tells no time of day with an offset. */
  date: string | undefined;
  /** Who wrote it, and whose it is, as they are shown. */
  author?: string | undefined;
  custodian?: string | undefined;
  contentType: string;
  language?: string | undefined;
  original: Uint8Array;
};

/** The DocumentReference for a document that is delivered with it. */
export function documentReference(kept: KeptDocument): DocumentReference {
  const { masterIdentifier, docStatus, type, title, date, author, custodian, contentType, language, original } = kept;
  const isInline = original.length <= MAX_INLINE_BYTES;
  return {
    resourceType: 'DocumentReference',
    ...(masterIdentifier && { masterIdentifier }),
    identifier: [kept.identifier],
    status: kept.status,
    ...(docStatus && { docStatus }),
    ...(type && { type }),
    subject: kept.subject,
    ...(date && { date }),
    ...(author && { author: [{ display: author }] }),
    ...(custodian && { custodian: { display: custodian } }),
    ...(title && { description: title }),
    content: [
      {
        attachment: {
          contentType,
          ...(language && { language }),
          ...(isInline && { data: Buffer.from(original).toString('base64') }),
          size: original.length,
          // "The calculated hash of the data using SHA-1. Represented using base64."
          hash: createHash('sha1').update(original).digest('base64'),
          ...(title && { title }),
        },
      },
    ],
  };
}
