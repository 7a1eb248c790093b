// What a family typed from a page -> resources to store: about this patient and no other, marked as taken from a record, with an
// identifier made of the page and of what was typed, so that the same entry sent twice is one.

import { createHash } from 'node:crypto';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { referencesOf } from '../fhir/references.ts';

export type PaperEntry = { fullUrl: string; resource: JsonObject };

const MOST_ENTRIES = 100;
const ENTRY = `${CANONICAL}/sid/paper-entry`;

/** The element that says whose each kind of entry is. */
const whose: Readonly<Record<string, string>> = {
  Immunization: 'patient',
  Observation: 'subject',
  DiagnosticReport: 'subject',
};

/** `page`: the reference of the page. Throws 400 for what is no such Bundle, naming the entry. */
export function paperEntries(
  { entry = [] }: JsonObject,
  { patient, page }: { patient: string; page: string },
): PaperEntry[] {
  const list = Array.isArray(entry) ? entry : [entry];
  if (list.length > MOST_ENTRIES) throw badRequest(`A page has up to ${MOST_ENTRIES} entries`, 'too-long');
  const named = list.map((one, at) => nameOf(one, at));
  const fullUrls = new Set(named.map(({ fullUrl }) => fullUrl));
  if (fullUrls.size < named.length) throw wrong(0, 'two entries have one fullUrl');
  return named.map(({ fullUrl, resource }, at) => {
    const element = whose[String(resource.resourceType)];
    if (element === undefined)
      throw wrong(
        at,
        `${String(resource.resourceType)} is not entered from paper. Known: ${Object.keys(whose).join(', ')}`,
      );
    for (const member of ['id', 'contained', 'identifier', 'implicitRules', 'text'])
      if (resource[member] !== undefined) throw wrong(at, `"${member}" is left out here`);
    if (isObject(resource.meta) && Object.keys(resource.meta).some((member) => member !== 'profile'))
      throw wrong(at, 'of "meta" only the profile is given');
    const subject = { reference: `Patient/${patient}` };
    const given = { ...resource, [element]: subject };
    for (const { reference } of referencesOf({ ...resource, [element]: resource[element] ?? subject }))
      if (reference !== subject.reference && !fullUrls.has(reference))
        throw wrong(at, 'it refers to something else than this patient and the other entries');
    return { fullUrl, resource: marked(given, { page, patient, at }) };
  });
}

function nameOf(one: unknown, at: number): PaperEntry {
  if (!isObject(one) || !isObject(one.resource)) throw wrong(at, 'there is no resource');
  const { fullUrl } = one;
  if (fullUrl !== undefined && !/^urn:uuid:[0-9a-f-]{36}$/.test(String(fullUrl)))
    throw wrong(at, 'a fullUrl is urn:uuid: and a UUID');
  const made = `urn:uuid:5a3c0d8e-6f21-4d57-9b7e-${String(at + 2).padStart(12, '0')}`;
  return { fullUrl: fullUrl === undefined ? made : String(fullUrl), resource: one.resource };
}

/** FHIR R4: an Immunization from a record is no primary source; an Observation is derived from the page. */
function marked(
  resource: JsonObject,
  { page, patient, at }: { page: string; patient: string; at: number },
): JsonObject {
  const typed = createHash('sha256').update([patient, JSON.stringify(resource), String(at)].join('\u001f'));
  const identifier = [{ system: ENTRY, value: typed.digest('hex') }];
  if (resource.resourceType === 'Immunization') return { ...resource, identifier, primarySource: false, reportOrigin };
  if (resource.resourceType === 'Observation') return { ...resource, identifier, derivedFrom: [{ reference: page }] };
  return { ...resource, identifier };
}

const reportOrigin = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/immunization-origin', code: 'record' }],
  text: '母子健康手帳',
};

const wrong = (at: number, why: string): Error =>
  badRequest(`Entry ${at + 1} of the page: ${why}`, 'invalid', [
    `Parameters.parameter.where(name='record').resource.entry[${at}]`,
  ]);
