// The header of a check-up report (特定健診 hc08, HL7 CDA R2): which document it is, whose, from where, and of which day.

import type { Organization, Reference } from '@medplum/fhirtypes';
import { hl7DateTime } from '../hl7v2/time.ts';
import { institutionReference } from '../institution.ts';
import { digest, UnreadableInput } from '../record.ts';
import { attribute, element, elements, readXml, textOf, type XmlElement } from '../xml.ts';

export const CDA = 'urn:hl7-org:v3';

/** Root of the 10-digit number of an institution. */
const INSTITUTION_ROOT = '1.2.392.200119.6.102';

export type Header = {
  root: XmlElement;
  /** `root|extension`; '' when the document has no id of its own. */
  id: string;
  /** Kind of the report and of the check-up: 10 and 010 are the specific health check-up. */
  kind: string;
  event: string;
  title: string;
  /** When the document was made, FHIR dateTime. */
  time: string | undefined;
  /** The day of the check-up. */
  date: string;
  institution: Reference<Organization> | undefined;
};

/** Throws UnreadableInput for what is no CDA document, or one that does not say of which day it is. */
export function readHeader(bytes: Uint8Array): Header {
  const root = readXml(bytes);
  if (root.name !== 'ClinicalDocument' || root.namespace !== CDA)
    throw new UnreadableInput(`The XML is no ClinicalDocument of the namespace ${CDA}.`);
  const event = element(root, 'documentationOf', 'serviceEvent');
  const when = element(event, 'effectiveTime');
  const date = hl7DateTime(attribute(when, 'value') ?? attribute(element(when, 'low'), 'value') ?? '')?.slice(0, 10);
  if (!date)
    throw new UnreadableInput('The report does not say of which day the check-up is (serviceEvent/effectiveTime).');
  const id = element(root, 'id');
  return {
    root,
    id: [attribute(id, 'root'), attribute(id, 'extension')].filter(Boolean).join('|'),
    kind: codeOf(element(root, 'code')),
    event: codeOf(element(event, 'code')),
    title: textOf(element(root, 'title')) || '健康診断結果報告書',
    time: hl7DateTime(attribute(element(root, 'effectiveTime'), 'value') ?? ''),
    date,
    institution: institutionOf(root),
  };
}

const codeOf = (of: XmlElement | undefined): string => attribute(of, 'code')?.replace(/\s+/g, ' ') ?? '';

/** True for bytes that begin as a CDA document does. */
export const isClinicalDocument = (bytes: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf)?\s*<[\s\S]*<?(?:[\w.-]+:)?ClinicalDocument[\s>]/.test(
    Buffer.from(bytes.subarray(0, 2048)).toString('latin1'),
  );

/** Tells the people of several reports apart, without saying who they are; '' for a report that cannot be read. */
export function personOf(bytes: Uint8Array): string {
  try {
    const patient = element(readHeader(bytes).root, 'recordTarget', 'patientRole', 'patient');
    const name = textOf(element(patient, 'name')).normalize('NFKC').replace(/\s/g, '');
    const born = attribute(element(patient, 'birthTime'), 'value') ?? '';
    return digest([name, born, attribute(element(patient, 'administrativeGenderCode'), 'code') ?? '']);
  } catch (error) {
    if (error instanceof UnreadableInput) return '';
    throw error;
  }
}

/** Who made the report: the organization of the author. */
function institutionOf(root: XmlElement): Reference<Organization> | undefined {
  const organization =
    element(root, 'author', 'assignedAuthor', 'representedOrganization') ??
    element(root, 'custodian', 'assignedCustodian', 'representedCustodianOrganization');
  if (!organization) return undefined;
  const number = elements(organization, 'id').find((id) => attribute(id, 'root') === INSTITUTION_ROOT);
  const value = attribute(number, 'extension') ?? '';
  return institutionReference(textOf(element(organization, 'name')), value);
}
