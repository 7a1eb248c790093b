// Names of code tables in Japanese and HL7 v2 files -> FHIR system URIs. Sources: JP Core 1.2.0 NamingSystems, HL7
// Terminology (v2 tables), SS-MIX2 2.1 code table names.

import { CANONICAL } from '../server/fhir/canonical.ts';

export const CVX = 'http://hl7.org/fhir/sid/cvx';
export const MVX = 'http://hl7.org/fhir/sid/mvx';
export const LOINC = 'http://loinc.org';
export const UCUM = 'http://unitsofmeasure.org';
export const HOT9 = 'http://medis.or.jp/CodeSystem/master-HOT9';
export const YJ = 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code';
export const GENERIC_ORDER_CODE = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode';
/** Drug codes of claims (9 digits) and of the price standard (12), which have no URL form. */
export const RECEIPT_DRUG = 'urn:oid:1.2.392.100495.20.2.71';
export const PRICE_STANDARD_DRUG = 'urn:oid:1.2.392.100495.20.2.72';
export const DRUG_UNIT = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code';
export const MEDICATION_USAGE = 'http://jami.jp/CodeSystem/MedicationUsage';
export const JLAC10 = 'http://medis.or.jp/CodeSystem/master-JLAC10-17digits';
export const BODY_MEASUREMENT = 'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS';
export const DEPARTMENT = 'http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment';
export const INSTITUTION = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';
export const RP_NUMBER = 'http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber';
export const ORDER_IN_RP = 'http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex';
export const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
export const SIMPLE_CATEGORY = 'http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS';

const systems: Record<string, string> = {
  HOT9,
  HOT7: 'http://medis.or.jp/CodeSystem/master-HOT7',
  HOT13: 'http://medis.or.jp/CodeSystem/master-HOT13',
  YJ,
  JC10: JLAC10,
  JAMISDP01: MEDICATION_USAGE,
  MR9P: DRUG_UNIT,
  MDCDX2: 'http://medis.or.jp/CodeSystem/master-disease-keyNumber',
  I10: 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full',
  CVX,
  MVX,
  NDC: 'http://hl7.org/fhir/sid/ndc',
  LN: LOINC,
  SCT: 'http://snomed.info/sct',
  UCUM,
  NCIT: 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
  RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
};

/** The URI of a table named in a message; a table of one house gets a name under that house, never a shared one. */
export function systemOf(tableName: string, house: string): string | undefined {
  const name = tableName.trim().toUpperCase();
  if (name === '') return undefined;
  if (/^(HTTPS?|URN):\S+$/.test(name)) return tableName.trim();
  if (/^[0-2](\.(0|[1-9]\d*))+$/.test(name)) return `urn:oid:${name}`;
  const hl7 = /^HL7(\d{4})$/.exec(name);
  if (hl7) return `http://terminology.hl7.org/CodeSystem/v2-${hl7[1]}`;
  // Tables of SS-MIX2 itself (JHSD0001 insurance, JSHR002 blood group, …) are the same in every house.
  if (/^J(HS[DI]|SHR)\d*$/.test(name)) return `${CANONICAL}/sid/ss-mix2/${name}`;
  return systems[name] ?? `${CANONICAL}/sid/local-code/${encodeURIComponent(house)}/${encodeURIComponent(name)}`;
}
