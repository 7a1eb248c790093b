// C-CDA documents (continuity of care, immunization histories and whole records), and single sections of them as HL7 publishes
// examples -> the resources of one person's record, and the document as a whole. HL7 C-CDA R2.1 on CDA R2.

import type { Coding } from '@medplum/fhirtypes';
import { holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import { hasMyNumberCheckDigit } from '../../server/fhir/my-number-text.ts';
import { documentReference } from '../document-reference.ts';
import {
  businessIdentifier,
  digest,
  type MappedRecord,
  MyNumberFound,
  type PatientIdentifier,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
  UnreadableInput,
} from '../record.ts';
import { attribute, childElements, element, elements, readXml, type XmlElement } from '../xml.ts';
import { type CcdaContext, entriesOf } from './context.ts';
import {
  codeOf,
  concept,
  dateTime,
  identifier,
  identifiers,
  type Narrative,
  nameOf,
  orderedTime,
  told,
} from './datatypes.ts';
import { statements } from './section.ts';

const CDA_NAMESPACE = 'urn:hl7-org:v3';

/** `patient` when a person has said whose it is; else the patient number in it decides. Throws UnreadableInput. */
export function mapCcda(bytes: Uint8Array, options: { patient?: PatientTarget } = {}): MappedRecord {
  const root = readXml(bytes);
  const isWhole = root.name === 'ClinicalDocument';
  if (
    (!isWhole && root.name !== 'section' && root.name !== 'component') ||
    (root.namespace !== CDA_NAMESPACE && (isWhole || root.namespace !== ''))
  )
    throw new UnreadableInput('The XML is no ClinicalDocument, and no section of one.');
  const own = isWhole ? patientNumber(root) : undefined;
  if (holdsLabelledNumber(bytes)) throw new MyNumberFound('ClinicalDocument');
  const target = options.patient ?? (own && { identifier: own });
  const id = documentId(root);
  const time = orderedTime(element(root, 'effectiveTime')) ?? '';
  const message = isWhole ? { message: { id: id.of, time } } : {};
  if (target === undefined)
    return { patient: undefined, entries: [], problems: ['The document gives no patient number.'], ...message };
  const narrative: Map<string, XmlElement> = new Map();
  gather(root, narrative);
  const subject = patientReference(target);
  const context: CcdaContext = { subject, narrative, house: houseOf(root), left: new Map() };
  const found = sectionsOf(root).flatMap((section) => statements(context, section));
  const known = [targetKey(target)];
  const entries = entriesOf(found, known, isWhole);
  const labels = securityOf(root);
  if (labels) for (const { resource } of entries) if (resource) resource.meta = { security: [labels] };
  const key = isWhole && id.line ? id.line : digest([Buffer.from(bytes).toString('base64')]);
  const document = wholeDocument(
    root,
    bytes,
    narrative,
    subject,
    businessIdentifier('document', [...known, 'ccda', key]),
  );
  if (labels) document.meta = { security: [labels] };
  return { patient: own, entries: [...entries, replaceEntry(document)], problems: problemsOf(context), ...message };
}

function patientNumber(root: XmlElement): PatientIdentifier | undefined {
  const targets = elements(root, 'recordTarget');
  if (targets.length > 1)
    throw new UnreadableInput('The document is about more than one person; send one person at a time.');
  const role = element(targets[0], 'patientRole');
  const all = role ? identifiers(role) : [];
  if (all.some(({ value = '' }) => hasMyNumberCheckDigit(value)))
    throw new MyNumberFound('recordTarget/patientRole/id');
  const number = all.find(({ system }) => system !== 'http://hl7.org/fhir/sid/us-ssn') ?? all[0];
  return number?.system && number.value ? { system: number.system, value: number.value } : undefined;
}

/** What the sender calls the document, and what it calls it in all its versions. */
function documentId(root: XmlElement): { of: string; line: string } {
  const line = (name: string) => {
    const { system = '', value = '' } = identifier(element(root, name)) ?? {};
    return value && `${system}|${value}`;
  };
  return { of: line('id'), line: line('setId') || line('id') };
}

/** The custodian, by its identifier or its name. */
function houseOf(root: XmlElement): string {
  const custodian = element(root, 'custodian', 'assignedCustodian', 'representedCustodianOrganization');
  const [known] = custodian ? identifiers(custodian) : [];
  return known ? `${known.system}|${known.value}` : nameOf(element(custodian, 'name'));
}

/** Every element that has an ID; the first of two with the same. */
function gather(of: XmlElement, narrative: Map<string, XmlElement>): void {
  for (const child of childElements(of)) {
    const id = attribute(child, 'ID');
    if (id !== undefined && !narrative.has(id)) narrative.set(id, child);
    gather(child, narrative);
  }
}

/** The sections at every depth, outer ones first. */
function sectionsOf(root: XmlElement): XmlElement[] {
  if (root.name === 'section') return [root, ...elements(root, 'component').flatMap(sectionsOf)];
  const body = element(root, 'component', 'structuredBody');
  const holders = root.name === 'component' ? [root] : body ? elements(body, 'component') : [];
  return holders.flatMap((holder) => elements(holder, 'section').flatMap(sectionsOf));
}

// R and V alone narrow who may see a record; a document of level N says nothing.
function securityOf(root: XmlElement): Coding | undefined {
  const code = codeOf(element(root, 'confidentialityCode'));
  return code === 'R' || code === 'V'
    ? { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code }
    : undefined;
}

function wholeDocument(
  root: XmlElement,
  original: Uint8Array,
  narrative: Narrative,
  subject: CcdaContext['subject'],
  own: ReturnType<typeof businessIdentifier>,
) {
  const head = root.name === 'component' ? (element(root, 'section') ?? root) : root;
  const time = dateTime(element(root, 'effectiveTime'));
  const author = elements(root, 'author')
    .map((one) => nameOf(element(one, 'assignedAuthor', 'assignedPerson', 'name')))
    .find(Boolean);
  const custodian = element(root, 'custodian', 'assignedCustodian', 'representedCustodianOrganization', 'name');
  const language = attribute(element(root, 'languageCode'), 'code');
  return documentReference({
    identifier: own,
    masterIdentifier: identifier(element(root, 'id')),
    subject,
    status: 'current',
    type: concept(element(head, 'code'), narrative),
    title: told(element(head, 'title'), narrative) || undefined,
    date: time?.includes('T') ? time : undefined,
    author,
    custodian: nameOf(custodian) || undefined,
    contentType: 'text/xml',
    language: language && /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/.test(language) ? language : undefined,
    original,
  });
}

function problemsOf({ left }: CcdaContext): string[] {
  if (left.size === 0) return [];
  const list = [...left].map(([what, count]) => `${count} × ${what}`).join(', ');
  return [`Only in the document: ${list}.`];
}
