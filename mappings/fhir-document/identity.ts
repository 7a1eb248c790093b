// By which identifier a resource of somebody else's document is found again, and which patient number the document gives.
// JP Core 1.2.0 NamingSystems; JP-CLINS 1.5.2 (R1010: the local patient number).

import type { Identifier } from '@medplum/fhirtypes';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { INSTITUTION, ORDER_IN_RP, RP_NUMBER } from '../code-systems.ts';
import { businessIdentifier, type PatientIdentifier } from '../record.ts';
import type { Item, SentBundle } from './bundle.ts';

/** Value and system of an identifier that has both. */
export type Known = { system: string; value: string };

/** Of an element that is one Identifier or several. */
export function identifiersOf({ identifier }: JsonObject): Known[] {
  const all = Array.isArray(identifier) ? identifier : [identifier];
  return all.flatMap((one) =>
    isObject(one) && typeof one.system === 'string' && typeof one.value === 'string' && one.system && one.value
      ? [{ system: one.system, value: one.value }]
      : [],
  );
}

const PATIENT_OID = 'urn:oid:1.2.392.100495.20.3.51.1';
const OLD_PATIENT_NUMBER = 'http://jpfhir.jp/fhir/eCS/Idsystem/JP_Hospital_PatientID';
const MEMBER = 'http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID';
// The core one, the one of the drafts, and the OID that both replace.
const institutionSystems = [
  INSTITUTION,
  'http://jpfhir.jp/fhir/Common/IdSystem/insurance-medical-institution-no',
  'urn:oid:1.2.392.100495.20.3.23',
];

/**
 * The patient number as the sender knows it: its own number first, then any other, the number of an insured person last.
 * Undefined when there is none with a system. The old system that all hospitals share says nothing without the hospital.
 */
export function patientNumber({ resource }: Item, institution: string | undefined): PatientIdentifier | undefined {
  const all = identifiersOf(resource).flatMap((known) => {
    if (known.system !== OLD_PATIENT_NUMBER) return [known];
    return institution === undefined ? [] : [{ system: PATIENT_OID + institution, value: known.value }];
  });
  const local = all.find(({ system }) => system.startsWith(PATIENT_OID));
  return local ?? all.find(({ system }) => system !== MEMBER) ?? all[0];
}

/** The number of the institution that wrote the Bundle: of the custodian or an author; undefined when none is told. */
export function institutionOf({ head, items, resolve }: SentBundle): string | undefined {
  const [first] = items;
  const { custodian, author, responsible, sender } = head ?? {};
  const named = [custodian, ...(Array.isArray(author) ? author : []), responsible, sender];
  const organizations = named.flatMap((reference) => {
    const target =
      first && isObject(reference) && typeof reference.reference === 'string'
        ? resolve(reference.reference, first)
        : undefined;
    return target?.type === 'Organization' ? [target.resource] : [];
  });
  return [...organizations, ...items.map(({ resource }) => resource)].map(institutionNumber).find((one) => one);
}

const INSTITUTION_EXTENSION = 'http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber';

function institutionNumber({ resourceType, extension, ...resource }: JsonObject): string | undefined {
  const extensions = Array.isArray(extension) ? extension.filter(isObject) : [];
  const told = extensions.find(({ url }) => url === INSTITUTION_EXTENSION)?.valueIdentifier;
  const numbers = identifiersOf(resourceType === 'Organization' ? resource : { identifier: told });
  return numbers.find(({ system, value }) => institutionSystems.includes(system) && /^\d{10}$/.test(value))?.value;
}

/** Shared by all senders, so that the value is unique for its sender only. */
const RESOURCE_INSTANCES = [
  'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier',
  'http://jpfhir.jp/fhir/Common/IdSystem/resourceInstance-identifier',
];
/** Small numbers that are unique in one prescription only. */
const PLACES = [RP_NUMBER, ORDER_IN_RP, 'urn:oid:1.2.392.100495.20.3.81', 'urn:oid:1.2.392.100495.20.3.82'];

/**
 * An identifier for each of the items, the same whenever the same thing is sent again: from the identifiers of the sender,
 * else its address there, else its place in the document. Where a sender gave several resources of one document the same
 * identifiers, their ids tell them apart.
 */
export function ownIdentifiers(
  items: readonly Item[],
  { target, house, document }: { target: string; house: string; document: string },
): Map<Item, Identifier> {
  const keys = items.map((item) => [target, ...keysOf(item, house, document)]);
  const shared = repeated(keys.map((key) => key.join('\u001f')));
  const told = keys.map((key, n) =>
    shared.has(key.join('\u001f')) ? [...key, 'among', String(items[n]?.resource.id ?? '')] : key,
  );
  const still = repeated(told.map((key) => key.join('\u001f')));
  const places = new Map<string, number>();
  return new Map(
    items.map((item, n) => {
      const key = told[n] ?? [];
      const text = key.join('\u001f');
      const place = places.get(text) ?? 0;
      places.set(text, place + 1);
      return [item, businessIdentifier(kindOf(item.type), still.has(text) ? [...key, String(place)] : key)];
    }),
  );
}

function keysOf({ type, fullUrl, resource }: Item, house: string, document: string): string[] {
  const all = identifiersOf(resource);
  const instance = all.find(({ system }) => RESOURCE_INSTANCES.includes(system));
  if (instance) return ['instance', house, type, instance.value];
  const places = all.filter(({ system }) => PLACES.includes(system)).map(pair);
  const others = all.filter(({ system }) => !PLACES.includes(system)).map(pair);
  if (others.length > 0) return ['identified', type, ...others.sort(), ...places.sort()];
  if (/^https?:\/\//.test(fullUrl)) return ['address', fullUrl];
  const id = typeof resource.id === 'string' ? resource.id : '';
  return ['document', document, type, ...places.sort(), id];
}

const pair = ({ system, value }: Known): string => `${system}|${value}`;

/** `MedicationRequest` -> `medication-request` */
const kindOf = (type: string): string => type.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

function repeated(texts: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(texts.filter((text) => seen.size === seen.add(text).size));
}
