// Object identifiers of code systems and of those who give identifiers, as CDA names them -> FHIR system URIs.
// HL7 Terminology (terminology.hl7.org) and FHIR R4 "Using Terminologies", https://hl7.org/fhir/R4/terminologies-systems.html

import { CVX, LOINC } from '../code-systems.ts';

const systems: Readonly<Record<string, string | undefined>> = {
  '2.16.840.1.113883.6.1': LOINC,
  '2.16.840.1.113883.6.96': 'http://snomed.info/sct',
  '2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm',
  '2.16.840.1.113883.6.69': 'http://hl7.org/fhir/sid/ndc',
  '2.16.840.1.113883.12.292': CVX,
  '2.16.840.1.113883.6.59': CVX,
  '2.16.840.1.113883.12.227': 'http://hl7.org/fhir/sid/mvx',
  '2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
  '2.16.840.1.113883.6.3': 'http://hl7.org/fhir/sid/icd-10',
  '2.16.840.1.113883.6.103': 'http://terminology.hl7.org/CodeSystem/icd9cm',
  '2.16.840.1.113883.6.12': 'http://www.ama-assn.org/go/cpt',
  '2.16.840.1.113883.6.101': 'http://nucc.org/provider-taxonomy',
  '2.16.840.1.113883.6.73': 'http://www.whocc.no/atc',
  '2.16.840.1.113883.6.8': 'http://unitsofmeasure.org',
  '2.16.840.1.113883.3.26.1.1': 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
  '2.16.840.1.113883.4.9': 'http://fdasis.nlm.nih.gov',
  '2.16.840.1.113883.5.4': 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  '2.16.840.1.113883.5.8': 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  '2.16.840.1.113883.5.83': 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
  '2.16.840.1.113883.5.112': 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration',
  '2.16.840.1.113883.5.1063': 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  '2.16.840.1.113883.12.162': 'http://terminology.hl7.org/CodeSystem/v2-0162',
  '2.16.840.1.113883.12.163': 'http://terminology.hl7.org/CodeSystem/v2-0163',
};

const givers: Readonly<Record<string, string | undefined>> = {
  '2.16.840.1.113883.4.6': 'http://hl7.org/fhir/sid/us-npi',
  '2.16.840.1.113883.4.1': 'http://hl7.org/fhir/sid/us-ssn',
};

/** The system of codes of this OID; undefined when it is neither an OID nor a UUID. */
export const codeSystemOf = (root: string | undefined): string | undefined =>
  root === undefined ? undefined : (lookUp(systems, root) ?? uriOf(root));

/** The system of identifiers that are extensions of this root; undefined as above. */
export const identifierSystemOf = (root: string): string | undefined => lookUp(givers, root) ?? uriOf(root);

/** `urn:oid:` or `urn:uuid:`; undefined when the root is neither. */
export function uriOf(root: string): string | undefined {
  if (/^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(root) && root.length <= 128) return `urn:oid:${root}`;
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(root) ? `urn:uuid:${root.toLowerCase()}` : undefined;
}

/** Of a table, what a code from outside stands for: never what every object has. */
export const lookUp = <Meaning>(
  table: Readonly<Record<string, Meaning | undefined>>,
  code: string | undefined,
): Meaning | undefined => (code !== undefined && Object.hasOwn(table, code) ? table[code] : undefined);
