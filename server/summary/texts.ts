// What elements say, for the narrative: names in the reader's language with the other one beside it, values, days.

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { japanDate } from '../forecast/facts/calendar-date.ts';

export const objectsIn = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
export const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The codings of a CodeableConcept. */
export const codingsOf = (concept: unknown): JsonObject[] => (isObject(concept) ? objectsIn(concept.coding) : []);

export const hasCode = (concept: unknown, system: string, codes: readonly string[]): boolean =>
  codingsOf(concept).some((coding) => coding.system === system && codes.includes(String(coding.code)));

/** A concept for people: as it was said, and where the display of a code is in the other script, that in brackets. */
export function conceptText(concept: unknown, language: Language): string {
  if (!isObject(concept)) return '';
  const displays = codingsOf(concept).flatMap(({ display }) => textIn(display) ?? []);
  const all = [...(textIn(concept.text) === undefined ? [] : [String(concept.text)]), ...displays];
  const english = all.find(isLatin);
  const native = all.find((one) => !isLatin(one));
  const [first, second] = language === 'en' ? [english, native] : [native, english];
  const code = codingsOf(concept).flatMap((coding) => textIn(coding.code) ?? [])[0];
  const main = first ?? second ?? code ?? '';
  return first !== undefined && second !== undefined ? `${main} (${second})` : main;
}

const isLatin = (text: string): boolean => !/[^\p{ASCII}\u00A0-\u024F\u2000-\u22FF]/u.test(text);

/** The value of an Observation or of a component; its components where it has none itself. */
export function valueText(observation: JsonObject, language: Language): string {
  const own = ownValue(observation, language);
  const parts = objectsIn(observation.component).map(
    (part) => `${conceptText(part.code, language)} ${ownValue(part, language) ?? '–'}`,
  );
  const said = objectsIn(observation.interpretation).map((one) => conceptText(one, language));
  return [...(own === undefined ? [] : [own]), ...parts, ...said].filter((one) => one !== '').join(' / ');
}

function ownValue(part: JsonObject, language: Language): string | undefined {
  if (isObject(part.valueQuantity)) return quantityText(part.valueQuantity, language);
  if (isObject(part.valueCodeableConcept)) return conceptText(part.valueCodeableConcept, language);
  if (isObject(part.valuePeriod)) return periodText(part.valuePeriod);
  if (typeof part.valueBoolean === 'boolean') return YES[language][part.valueBoolean ? 0 : 1];
  if (isObject(part.valueRange))
    return [part.valueRange.low, part.valueRange.high]
      .map((one) => (isObject(one) ? quantityText(one, language) : ''))
      .join('–');
  if (isObject(part.valueRatio))
    return [part.valueRatio.numerator, part.valueRatio.denominator]
      .map((one) => (isObject(one) ? quantityText(one, language) : ''))
      .join(':');
  const plain = part.valueDateTime ?? part.valueString ?? part.valueTime;
  return textIn(plain) ?? numberText(part.valueInteger);
}

const YES: Record<Language, readonly [string, string]> = { ja: ['はい', 'いいえ'], en: ['yes', 'no'] };

/** With the unit as it was written; for readers of English by its code where that is in another script. */
export function quantityText({ comparator, value, unit, code }: JsonObject, language: Language): string {
  const number = numberText(value);
  return number === undefined
    ? ''
    : `${textIn(comparator) ?? ''}${number} ${unitText(textIn(unit), textIn(code), language)}`.trim();
}

function unitText(unit: string | undefined, code: string | undefined, language: Language): string {
  // UCUM writes what is counted in braces.
  if (unit === undefined || (language === 'en' && !isLatin(unit))) return (code ?? unit ?? '').replace(/[{}]/g, '');
  return unit;
}

/** The day in Japan of a FHIR dateTime; '' for none. */
export const dayText = (value: unknown): string => japanDate(textIn(value) ?? '') ?? '';

export const periodText = (period: unknown): string =>
  isObject(period) ? `${dayText(period.start)}–${dayText(period.end)}` : '';

/** The choice of date or period with one of these names, as people read it. */
export function whenText(resource: JsonObject, names: readonly string[], language: Language): string {
  for (const name of names) {
    const value = resource[name];
    if (typeof value === 'string') return name.endsWith('String') ? value : dayText(value);
    if (isObject(value) && (value.start !== undefined || value.end !== undefined)) return periodText(value);
    if (isObject(value) && value.value !== undefined) return quantityText(value, language);
  }
  return '';
}
