// What elements of FHIR resources say, as text for a cell of a table. Numbers keep their digits, dates stay as they were recorded.

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';

/** What references are called that say it nowhere: `Organization/1` -> its name. */
export type Names = ReadonlyMap<string, string>;

/** The objects at a member, whether it is one or a list. */
export const objectsAt = (of: unknown, name: string): JsonObject[] =>
  isObject(of) ? [of[name]].flat().filter(isObject) : [];

/** The text of a string, a code or a number; empty for anything else. */
export const plain = (value: unknown): string => (typeof value === 'string' ? value : (numberText(value) ?? ''));

/** A name, title or designation of the resource itself. */
export function nameOf({ name, title }: JsonObject): string {
  if (typeof name === 'string') return name;
  if (typeof title === 'string') return title;
  const names = objectsAt({ name }, 'name');
  const usual = names.find(({ use }) => use === 'official') ?? names[0];
  return usual ? humanName(usual) : '';
}

/** As it is written; in Japan the family name comes first. */
export const humanName = ({ text, family, given }: JsonObject): string =>
  plain(text) || [plain(family), ...[given].flat().map(plain)].filter(Boolean).join(' ');

/** CodeableConcepts in words, codes where they have none. */
export const concepts = (of: unknown, name: string): string => list(objectsAt(of, name).map(concept));

/** The codes of CodeableConcepts, `system|code`, for machines. */
export const codes = (of: unknown, name: string): string =>
  objectsAt(of, name)
    .flatMap((one) => objectsAt(one, 'coding'))
    .map(({ system, code }) => `${plain(system)}|${plain(code)}`)
    .join(' ');

/** The first of these references or names that there is, with what it points to called by its name. */
export const references = (of: unknown, name: string, names: Names): string =>
  list(objectsAt(of, name).map((one) => reference(one, names)));

/** `3.20 kg` */
export const quantity = (one: unknown): string => {
  if (!isObject(one)) return '';
  const { comparator, value, unit, code } = one;
  return [`${plain(comparator)}${plain(value)}`, plain(unit) || plain(code)].filter(Boolean).join(' ');
};

export const notes = (of: JsonObject): string => list(objectsAt(of, 'note').map(({ text }) => plain(text)));

/** The value of `value[x]`, or of another choice of types, as text. */
export function choice(of: JsonObject, name: string, names: Names): string {
  const found = Object.keys(of).find((key) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)));
  return found === undefined ? '' : anything(of[found], names);
}

/** The day or time that the resource is about, or else when it was made; empty where it says none. */
export function dateOf(resource: JsonObject): string {
  for (const name of dates) {
    const value = resource[name];
    const found = isObject(value) ? plain(value.start) || plain(value.end) : plain(value);
    if (found !== '') return found;
  }
  return '';
}

// In the order in which they tell best when something was.
const dates = [
  ...['occurrenceDateTime', 'effectiveDateTime', 'effectivePeriod', 'effectiveInstant', 'performedDateTime'],
  ...['performedPeriod', 'onsetDateTime', 'whenHandedOver', 'whenPrepared', 'authoredOn', 'recordedDate', 'authored'],
  ...['started', 'start', 'period', 'sent', 'date', 'dateTime', 'issued', 'recorded', 'dateAsserted', 'created'],
  ...['collectedDateTime', 'birthDate', 'occurrenceString'],
];

/** In one line: what kind of thing the resource is, as well as it says it. */
export function whatOf(resource: JsonObject, names: Names): string {
  for (const name of kinds) {
    const found = concepts(resource, name) || references(resource, name, names) || plain(resource[name]);
    if (found !== '') return found;
  }
  return nameOf(resource);
}

const kinds = [
  ...['vaccineCode', 'medicationCodeableConcept', 'medicationReference', 'code', 'description', 'serviceType', 'title'],
  ...['type', 'subtype', 'category', 'relationship', 'scope', 'questionnaire', 'class'],
];

/** What the resource says of it: a value, a result, a text. */
export function said(resource: JsonObject, names: Names): string {
  const own = choice(resource, 'value', names);
  const parts = objectsAt(resource, 'component').map(
    (one) => `${concepts(one, 'code')} ${choice(one, 'value', names) || concepts(one, 'dataAbsentReason')}`,
  );
  return (
    list([own, ...parts]) ||
    concepts(resource, 'dataAbsentReason') ||
    plain(resource.conclusion) ||
    concepts(resource, 'conclusionCode') ||
    concepts(resource, 'clinicalStatus')
  );
}

function anything(value: unknown, names: Names): string {
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return list(value.map((one) => anything(one, names)));
  if (!isObject(value)) return plain(value);
  if ('coding' in value || ('text' in value && !('family' in value))) return concept(value);
  if ('reference' in value) return reference(value, names);
  if ('numerator' in value) return `${quantity(value.numerator)} / ${quantity(value.denominator)}`;
  if ('low' in value || 'high' in value) return `${quantity(value.low)} – ${quantity(value.high)}`;
  if ('start' in value || 'end' in value) return `${plain(value.start)} – ${plain(value.end)}`;
  if ('value' in value || 'unit' in value) return quantity(value);
  return plain(value.display) || plain(value.code) || humanName(value);
}

function concept(one: JsonObject): string {
  const { text } = one;
  if (typeof text === 'string') return text;
  const codings = objectsAt(one, 'coding');
  const shown = codings.find(({ display }) => typeof display === 'string') ?? codings[0];
  // A Coding stands where a CodeableConcept might.
  return shown ? plain(shown.display) || plain(shown.code) : plain(one.display) || plain(one.code);
}

function reference(one: JsonObject, names: Names): string {
  const { display, reference, identifier } = one;
  return (
    plain(display) ||
    names.get(plain(reference)) ||
    plain(reference) ||
    (isObject(identifier) ? plain(identifier.value) : '')
  );
}

const list = (texts: readonly string[]): string => texts.filter((text) => text.trim() !== '').join('; ');
