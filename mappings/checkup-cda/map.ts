// A report of a specific health check-up (特定健診, hc08 V08, HL7 CDA R2) -> Observations, a DiagnosticReport and the file itself as
// DocumentReference. The person in the report is never used to choose a record: the caller says whose it is.

import type { DiagnosticReport, DocumentReference } from '@medplum/fhirtypes';
import { holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import {
  businessIdentifier,
  createEntry,
  type MappedRecord,
  MyNumberFound,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
  uniqueEntries,
} from '../record.ts';
import { element, elements, textOf } from '../xml.ts';
import { type Header, readHeader } from './header.ts';
import { mapSection, type ReportContext } from './observation.ts';

export { isClinicalDocument, personOf } from './header.ts';

const DOCUMENT_TYPE = 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes';
const REPORT_CATEGORY = 'urn:oid:2.16.840.1.113883.2.2.1.6.1001';
const PROGRAMME = 'urn:oid:1.2.392.200119.6.1002';

/** Throws UnreadableInput for what is no such report, MyNumberFound when it holds a labelled My Number. */
export function mapCheckup(bytes: Uint8Array, target: PatientTarget): MappedRecord {
  if (holdsLabelledNumber(bytes)) throw new MyNumberFound('labelled in the text');
  const header = readHeader(bytes);
  const { institution, date, kind, event } = header;
  const place = institution?.identifier?.value ?? institution?.display ?? '';
  const context: ReportContext = {
    subject: patientReference(target),
    keys: [targetKey(target), date, place, kind, event],
    date,
    performer: institution,
    entries: [],
    problems: [],
    counts: new Map(),
  };
  const sections = elements(element(header.root, 'component', 'structuredBody') ?? header.root, 'component').flatMap(
    (component) => elements(component, 'section'),
  );
  const results = sections.flatMap((section) => mapSection(context, section));
  if (sections.length === 0) context.problems.push('The report has no structured body; the file is kept.');
  const conclusion = sections
    .filter((section) => elements(section, 'entry').length === 0)
    .map((section) => textOf(element(section, 'text')))
    .filter(Boolean)
    .join('\n');
  context.entries.push(replaceEntry(reportOf(context, header, results, conclusion)));
  context.entries.push(createEntry(documentOf(context, header, bytes)));
  return {
    patient: 'identifier' in target ? target.identifier : undefined,
    entries: uniqueEntries(context.entries),
    problems: [...new Set(context.problems)],
    message: { id: header.id, time: header.time ?? date },
  };
}

function reportOf(
  context: ReportContext,
  header: Header,
  results: readonly string[],
  conclusion: string,
): DiagnosticReport {
  return {
    resourceType: 'DiagnosticReport',
    identifier: [businessIdentifier('checkup-cda-report', context.keys)],
    status: 'final',
    ...(header.kind && { category: [{ coding: [{ system: REPORT_CATEGORY, code: header.kind }] }] }),
    code: {
      coding: [
        { system: DOCUMENT_TYPE, code: '53576-5' },
        ...(header.event ? [{ system: PROGRAMME, code: header.event }] : []),
      ],
      text: header.title,
    },
    subject: context.subject,
    effectiveDateTime: context.date,
    ...(header.institution && { performer: [header.institution] }),
    ...(results.length > 0 && { result: [...new Set(results)].map((reference) => ({ reference })) }),
    ...(conclusion && { conclusion }),
  };
}

/** The file, found again by the document's own id: a corrected report is another document. */
function documentOf(context: ReportContext, header: Header, bytes: Uint8Array): DocumentReference {
  const time = header.time?.includes('T') ? header.time : undefined;
  const [owner = ''] = context.keys;
  return {
    resourceType: 'DocumentReference',
    identifier: [businessIdentifier('checkup-document', [owner, ...(header.id ? [header.id] : context.keys)])],
    status: 'current',
    type: { coding: [{ system: DOCUMENT_TYPE, code: '53576-5' }], text: header.title },
    subject: context.subject,
    ...(time && { date: time }),
    ...(header.institution && { author: [header.institution] }),
    description: header.title,
    content: [
      {
        attachment: {
          contentType: 'application/xml',
          data: Buffer.from(bytes).toString('base64'),
          title: header.title,
          ...(header.time && { creation: header.time }),
        },
      },
    ],
    context: { period: { start: context.date, end: context.date } },
  };
}
