// Countries (ISO 3166-1, their codes of two letters) and currencies (ISO 4217) as code systems: their lists are ISO's and no CodeSystem is published, but R4's
// value sets list the countries, and what R4 expanded and this runtime knows together list the currencies.
// FHIR R4, https://hl7.org/fhir/R4/iso3166.html, https://hl7.org/fhir/R4/valueset-currencies.html

import type { Definitions } from '../definitions/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { type CodeIndex, codeIndex, objects } from './code-index.ts';

const countries = 'urn:iso:std:iso:3166';
const currencies = 'urn:iso:std:iso:4217';
const kept = new WeakMap<JsonObject, CodeIndex>();

/** Undefined for another system, and where the definitions lack R4's value sets. */
export function isoCodes(definitions: Definitions, system: string): CodeIndex | undefined {
  if (system === countries) {
    const list = definitions.find('ValueSet', 'http://hl7.org/fhir/ValueSet/iso3166-1-2');
    return list && made(list, system, 'fragment', () => conceptsOf(list));
  }
  if (system !== currencies) return undefined;
  const list = definitions.find('ValueSet', 'http://hl7.org/fhir/ValueSet/currencies');
  return list && made(list, system, 'complete', () => [...expandedOf(list), ...knownCurrencies()]);
}

function knownCurrencies(): JsonObject[] {
  const names = new Intl.DisplayNames(['en'], { type: 'currency', fallback: 'none' });
  return Intl.supportedValuesOf('currency').map((code) => ({ code, display: names.of(code) ?? code }));
}

function made(key: JsonObject, url: string, content: string, concepts: () => JsonObject[]): CodeIndex {
  const known = kept.get(key);
  if (known) return known;
  const index = codeIndex({ resourceType: 'CodeSystem', url, content, caseSensitive: true, concept: concepts() });
  kept.set(key, index);
  return index;
}

const conceptsOf = ({ compose }: JsonObject): JsonObject[] =>
  isObject(compose) ? objects(compose.include).flatMap(({ concept }) => objects(concept)) : [];

const expandedOf = ({ expansion }: JsonObject): JsonObject[] =>
  isObject(expansion) ? objects(expansion.contains).map(({ code, display }) => ({ code, display })) : [];
