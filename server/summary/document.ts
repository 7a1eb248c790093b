// The International Patient Summary as a document: a Composition first, then the patient, and everything that a section names.
// HL7 IPS 2.0, http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips; FHIR R4, https://hl7.org/fhir/R4/documents.html

import { labelsOf, restricted, veryRestricted } from '../access/labels.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { localReference, referencesOf } from '../fhir/references.ts';
import type { Content } from './content.ts';
import { fitted, labelledR, withoutPlace } from './fitted.ts';
import { narrative } from './narrative.ts';
import { urnOf, withinDocument } from './references.ts';
import { HEADS, rowsOf } from './rows.ts';
import { newestOf, SECTIONS, type Section } from './sections.ts';
import { dayText, objectsIn, textIn } from './texts.ts';
import { GENDERS, NOTES, PERSON, TITLE } from './words.ts';

export type DocumentOf = {
  content: Content;
  /** What is due next; undefined where nothing is. */
  recommendation: JsonObject | undefined;
  language: Language;
  /** An instant, ISO 8601. */
  timestamp: string;
  /** The number of its day in Japan. */
  today: number;
  /** Of the document, a UUID. */
  id: string;
  /** Of the record, without a slash at the end. */
  base: string;
  /** Of the server that puts it together. */
  version: string;
};

const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/';
const LOINC = 'http://loinc.org';
const OTHER: Readonly<Record<Language, Language>> = { ja: 'en', en: 'ja' };

type Entry = { fullUrl: string; resource: JsonObject };
type Made = { node: JsonObject; entries: Entry[] };

/** The Bundle; it shares nothing with the content it is made of. */
export function summaryDocument(of: DocumentOf): JsonObject {
  const { content, language, timestamp, id, base } = of;
  const patient = entryOf(content.patient);
  const sections = SECTIONS.flatMap((section) => sectionOf(section, of) ?? []);
  const author = authorEntry(of.version);
  const told = sections.flatMap((section) => section.entries);
  const named = directoryEntries(content, [patient, ...told]);
  // One resource may stand in two sections.
  const entries = [...new Map([patient, author, ...told, ...named].map((one) => [one.fullUrl, one])).values()];
  const held = new Set(entries.map(({ fullUrl }) => fullUrl));
  for (const { resource } of entries) withinDocument(resource, held, base);
  const security = entries.some(({ resource }) => (labelsOf(resource) & restricted) !== 0) ? [labelledR] : [];
  const composition = {
    resourceType: 'Composition',
    id,
    meta: { profile: [`${IPS}Composition-uv-ips`] },
    language,
    text: headNarrative(of),
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` },
    status: 'final',
    type: { coding: [{ system: LOINC, code: '60591-5', display: 'Patient summary Document' }] },
    subject: { reference: patient.fullUrl },
    date: timestamp,
    author: [{ reference: author.fullUrl, display: 'Tsumugi' }],
    ...translated('title', TITLE, language),
    confidentiality: security.length > 0 ? 'R' : 'N',
    section: sections.map(({ node }) => node),
  };
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${IPS}Bundle-uv-ips`], ...(security.length > 0 && { security }) },
    language,
    identifier: composition.identifier,
    type: 'document',
    timestamp,
    entry: [{ fullUrl: `urn:uuid:${id}`, resource: composition }, ...entries],
  };
}

/** A resource of the record as it stands in the document; it has always a place there, whatever profile it fits. */
function entryOf(resource: JsonObject): Entry {
  return entryWith(resource, fitted(resource) ?? resource);
}

const entryWith = ({ resourceType, id }: JsonObject, resource: JsonObject): Entry => ({
  fullUrl: urnOf(String(resourceType), String(id)),
  resource,
});

function sectionOf(section: Section, of: DocumentOf): Made | undefined {
  const { content, language, today, recommendation } = of;
  const { types, isRequired, newest, isOldestFirst } = section;
  const isClosed = types.every((type) => content.closed.has(type));
  const chosen = section.choose(
    content.resources.filter(({ resourceType }) => types.includes(String(resourceType))),
    today,
  );
  const isPlan = types.includes('ImmunizationRecommendation') && recommendation !== undefined;
  const { kept, older } = newestOf(chosen, newest ?? Number.POSITIVE_INFINITY);
  // Very restricted is what must not leave the house, such as the flag of a protected family.
  const open = kept.filter((one) => (labelsOf(one) & veryRestricted) === 0).map(withoutPlace);
  const copies = (isOldestFirst ? open.toReversed() : open).map((stored) => ({ stored, resource: fitted(stored) }));
  const told: { stored: JsonObject; entry: Entry }[] = copies.flatMap(({ stored, resource }) =>
    resource === undefined ? [] : [{ stored, entry: entryWith(stored, resource) }],
  );
  if (isPlan) told.push({ stored: recommendation, entry: entryWith(recommendation, { ...recommendation }) });
  const entries = told.map(({ entry }) => entry);
  // That something may not be read is told also where there need be nothing.
  if (entries.length === 0 && !isRequired && !isClosed) return undefined;
  const notes = [
    ...(isClosed ? [NOTES.withheld[language]] : []),
    ...(!isClosed && types.some((type) => content.narrowed.has(type)) ? [NOTES.partly[language]] : []),
    ...(!isClosed && entries.length === 0 ? [NOTES.nothing[language]] : []),
    ...(types.includes('MedicationRequest') && entries.length > 0 ? [NOTES.lately[language]] : []),
    ...(older > 0 ? [NOTES.older[language]] : []),
    ...(types.some((type) => content.cut.has(type)) ? [NOTES.cut[language]] : []),
    ...(open.length < kept.length ? [NOTES.closed[language]] : []),
    ...unfitNote(
      copies.flatMap(({ stored, resource }) => (resource === undefined ? [stored] : [])),
      of,
    ),
    ...(isPlan ? [NOTES.plan[language]] : []),
  ];
  const rows = told.flatMap(({ stored, entry }) =>
    rowsOf({ ...stored, ...namesAdded(entry.resource) }, language, content.directory),
  );
  return { node: sectionNode(section, language, { rows, notes, entries, isClosed }), entries };
}

/** The English name that a code was given for the document is for people too. */
const namesAdded = ({ vaccineCode }: JsonObject): JsonObject => (vaccineCode === undefined ? {} : { vaccineCode });

function unfitNote(unfit: readonly JsonObject[], { content, language }: DocumentOf): string[] {
  if (unfit.length === 0) return [];
  const rows = unfit.flatMap((one) => rowsOf(one, language, content.directory));
  return [`${NOTES.unfit[language]}${rows.map((row) => row.slice(0, 3).join(' ').trim()).join('; ')}`];
}

function sectionNode(
  { code, display, title }: Section,
  language: Language,
  made: { rows: string[][]; notes: string[]; entries: readonly Entry[]; isClosed: boolean },
): JsonObject {
  const { rows, notes, entries, isClosed } = made;
  return {
    ...(notes.length > 0 && {
      extension: notes.map((text) => ({
        url: 'http://hl7.org/fhir/StructureDefinition/note',
        valueAnnotation: { text },
      })),
    }),
    ...translated('title', title, language),
    code: { coding: [{ system: LOINC, code, display }] },
    text: narrative(language, { heads: HEADS[language], rows, notes }),
    ...(entries.length > 0
      ? { entry: entries.map(({ fullUrl }) => ({ reference: fullUrl })) }
      : { emptyReason: { coding: [isClosed ? WITHHELD : UNAVAILABLE] } }),
  };
}

const EMPTY_REASON = 'http://terminology.hl7.org/CodeSystem/list-empty-reason';
const WITHHELD = { system: EMPTY_REASON, code: 'withheld', display: 'Information Withheld' };
const UNAVAILABLE = { system: EMPTY_REASON, code: 'unavailable', display: 'Unavailable' };

function translated(name: string, words: Readonly<Record<Language, string>>, language: Language): JsonObject {
  const other = OTHER[language];
  return {
    [name]: words[language],
    [`_${name}`]: {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/translation',
          extension: [
            { url: 'lang', valueCode: other },
            { url: 'content', valueString: words[other] },
          ],
        },
      ],
    },
  };
}

function headNarrative({ content, language, timestamp, version }: DocumentOf): JsonObject {
  const { name, birthDate, gender } = content.patient;
  const names = objectsIn(name).map(
    (one) => textIn(one.text) ?? [one.family, one.given].flat().filter(Boolean).join(' '),
  );
  const said: [Readonly<Record<Language, string>>, string][] = [
    [PERSON.name, [...new Set(names)].join(' / ')],
    [PERSON.birthDate, textIn(birthDate) ?? '–'],
    [PERSON.gender, GENDERS[String(gender ?? 'unknown')]?.[language] ?? '–'],
    [PERSON.made, `${dayText(timestamp)} (Tsumugi ${version})`],
  ];
  return narrative(language, {
    heads: said.map(([words]) => words[language]),
    rows: [said.map(([, text]) => text)],
    notes: [PERSON.by[language], ...(content.narrowed.size > 0 ? [NOTES.partly[language]] : [])],
  });
}

/** The server puts the document together; nobody signs for its content. */
function authorEntry(version: string): Entry {
  return {
    fullUrl: urnOf('Device', 'tsumugi'),
    resource: {
      resourceType: 'Device',
      id: 'tsumugi',
      deviceName: [{ name: 'Tsumugi', type: 'model-name' }],
      type: { text: 'Personal health record server' },
      version: [{ value: version }],
    },
  };
}

/** Those that the entries, or one that these name, name. */
function directoryEntries({ directory }: Content, entries: readonly Entry[]): Entry[] {
  const found = new Map<string, Entry>();
  let from = entries;
  while (from.length > 0) {
    const names = from.flatMap(({ resource }) =>
      referencesOf(resource).flatMap(({ reference }) => {
        const local = localReference(reference);
        return local ? [`${local.type}/${local.id}`] : [];
      }),
    );
    from = [...new Set(names)].flatMap((name) => {
      const resource = directory.get(name);
      if (resource === undefined || found.has(name)) return [];
      const entry = entryOf(resource);
      found.set(name, entry);
      return [entry];
    });
  }
  return [...found.values()];
}
