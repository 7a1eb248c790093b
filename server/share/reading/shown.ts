// What the viewer page shows of a FHIR Bundle, as plain words: whose record, its sections, vaccinations with their lots, and every
// other entry. Nothing in it is markup. Runs in the page, and in tests.

import { isRecord } from './base64url.ts';

export type ShownLanguage = 'ja' | 'en';

export type ShownEntry = { when: string; what: string; more: string; json: string };

export type ShownSection = {
  title: string;
  /** What the section says in words, where it has no entries. */
  text: string;
  /** Vaccinations are a table of their own. */
  doses: { when: string; vaccine: string; number: string; lot: string; place: string }[];
  entries: ShownEntry[];
};

export type Shown = {
  title: string;
  person: { name: string; birthDate: string; sex: string };
  sections: ShownSection[];
  notes: string[];
};

type Resource = Record<string, unknown>;

/** `bundle`: parsed JSON, of a stranger. */
export function shownOf(bundle: unknown, language: ShownLanguage): Shown {
  const entries = listIn(bundle, 'entry').filter(isRecord);
  const resources = entries.map(({ resource }) => resource).filter(isRecord);
  const byReference = new Map<string, Resource>();
  for (const { fullUrl, resource } of entries) {
    if (!isRecord(resource)) continue;
    if (typeof fullUrl === 'string') byReference.set(fullUrl, resource);
    byReference.set(`${text(resource.resourceType)}/${text(resource.id)}`, resource);
  }
  const composition = resources.find(({ resourceType }) => resourceType === 'Composition');
  const patient = resources.find(({ resourceType }) => resourceType === 'Patient');
  const sections = composition
    ? sectionsOf(composition, byReference, language)
    : sectionsByType(resources, byReference, language);
  const notes = resources
    .filter(({ resourceType }) => resourceType === 'OperationOutcome')
    .flatMap((one) => listIn(one, 'issue'))
    .map((issue) => (isRecord(issue) && isRecord(issue.details) ? text(issue.details.text) : ''))
    .filter((note) => note !== '');
  return { title: composition ? text(composition.title) : '', person: personOf(patient, language), sections, notes };
}

const typeTitles: Record<string, readonly [ja: string, en: string]> = {
  Immunization: ['予防接種', 'Immunizations'],
  AllergyIntolerance: ['アレルギー', 'Allergies'],
  Condition: ['病気', 'Conditions'],
  MedicationStatement: ['薬', 'Medicines'],
  MedicationRequest: ['処方', 'Prescriptions'],
  Observation: ['測定・検査', 'Measurements and tests'],
  DiagnosticReport: ['検査の報告', 'Test reports'],
  Procedure: ['処置・手術', 'Procedures'],
  ImmunizationRecommendation: ['これからの予防接種', 'Vaccinations due'],
  DocumentReference: ['文書', 'Documents'],
  Encounter: ['受診', 'Visits'],
  Organization: ['医療機関など', 'Organizations'],
  Practitioner: ['医療者', 'Practitioners'],
};

/** Not shown as entries: who it is about is the heading, and notes stand apart. */
const framing = ['Patient', 'OperationOutcome', 'Composition'];

function sectionsByType(
  resources: readonly Resource[],
  byReference: ReadonlyMap<string, Resource>,
  language: ShownLanguage,
): ShownSection[] {
  const types = [...new Set(resources.map(({ resourceType }) => text(resourceType)))];
  const order = Object.keys(typeTitles);
  const rank = (type: string) => (order.includes(type) ? order.indexOf(type) : order.length);
  return types
    .filter((type) => !framing.includes(type))
    .sort((one, other) => rank(one) - rank(other))
    .map((type) => {
      const [ja, en] = typeTitles[type] ?? [type, type];
      const own = resources.filter(({ resourceType }) => resourceType === type);
      return filled({ ja, en }[language], '', own, byReference);
    });
}

function sectionsOf(
  composition: Resource,
  byReference: ReadonlyMap<string, Resource>,
  language: ShownLanguage,
): ShownSection[] {
  return listIn(composition, 'section')
    .filter(isRecord)
    .flatMap((section) => {
      const found = listIn(section, 'entry')
        .map((entry) => (isRecord(entry) ? byReference.get(text(entry.reference)) : undefined))
        .filter((one) => one !== undefined);
      const narrative = isRecord(section.text) ? wordsIn(text(section.text.div)) : '';
      const inner = listIn(section, 'section').length > 0 ? sectionsOf(section, byReference, language) : [];
      return [filled(text(section.title), narrative, found, byReference), ...inner];
    });
}

function filled(
  title: string,
  narrative: string,
  resources: readonly Resource[],
  byReference: ReadonlyMap<string, Resource>,
): ShownSection {
  const newestFirst = (one: { when: string }, other: { when: string }) => (one.when < other.when ? 1 : -1);
  const isDose = ({ resourceType }: Resource) => resourceType === 'Immunization';
  return {
    title,
    text: resources.length === 0 ? narrative : '',
    doses: resources
      .filter(isDose)
      .map((dose) => doseOf(dose, byReference))
      .sort(newestFirst),
    entries: resources
      .filter((one) => !isDose(one))
      .map(entryOf)
      .sort(newestFirst),
  };
}

function doseOf(dose: Resource, byReference: ReadonlyMap<string, Resource>): ShownSection['doses'][number] {
  const [protocol] = listIn(dose, 'protocolApplied').filter(isRecord);
  const performers = listIn(dose, 'performer').map((one) =>
    nameBehind(isRecord(one) ? one.actor : undefined, byReference),
  );
  const place = [nameBehind(dose.location, byReference), ...performers].find((name) => name !== '') ?? '';
  return {
    when: text(dose.occurrenceDateTime) || text(dose.occurrenceString),
    vaccine: `${conceptWords(dose.vaccineCode)}${dose.status === 'completed' ? '' : ` (${text(dose.status)})`}`,
    number: text(protocol?.doseNumberPositiveInt ?? protocol?.doseNumberString),
    lot: text(dose.lotNumber),
    place,
  };
}

function nameBehind(reference: unknown, byReference: ReadonlyMap<string, Resource>): string {
  if (!isRecord(reference)) return '';
  const found = byReference.get(text(reference.reference));
  return text(reference.display) || (found ? text(found.name) || nameWords(found.name) : '');
}

const dateMembers = [
  ...['effectiveDateTime', 'occurrenceDateTime', 'onsetDateTime', 'performedDateTime', 'recordedDate', 'authoredOn'],
  ...['issued', 'date', 'dateAsserted', 'start', 'created'],
];

function entryOf(resource: Resource): ShownEntry {
  const periods = ['effectivePeriod', 'performedPeriod', 'period'].map((name) => resource[name]).find(isRecord);
  const member = dateMembers.find((name) => typeof resource[name] === 'string');
  const concept = [resource.code, resource.medicationCodeableConcept, resource.type, resource.class].find(
    (one) => conceptWords(one) !== '',
  );
  return {
    when: member ? text(resource[member]) : text(periods?.start),
    what:
      conceptWords(concept) ||
      text(resource.name) ||
      nameWords(resource.name) ||
      text(resource.description) ||
      text(resource.resourceType),
    more: valueWords(resource),
    json: JSON.stringify(resource, undefined, 2),
  };
}

/** The value of a measurement, or of its components; the vaccines that are due. */
function valueWords(resource: Resource): string {
  const own = oneValue(resource);
  const parts = listIn(resource, 'component')
    .filter(isRecord)
    .map((part) => `${conceptWords(part.code)} ${oneValue(part)}`);
  const due = listIn(resource, 'recommendation').filter(isRecord).map(dueWords);
  return [own, ...parts, ...due].filter((words) => words.trim() !== '').join(' / ');
}

/** A vaccine that is due, and the first of its dates. */
function dueWords({ vaccineCode, dateCriterion }: Resource): string {
  const [first] = (Array.isArray(dateCriterion) ? dateCriterion : []).filter(isRecord);
  return `${conceptWords(vaccineCode)} ${text(first?.value).slice(0, 10)}`.trim();
}

function oneValue({ valueQuantity, valueCodeableConcept, valueString, valueInteger, valueBoolean }: Resource): string {
  if (isRecord(valueQuantity))
    return `${text(valueQuantity.comparator)}${text(valueQuantity.value)} ${text(valueQuantity.unit ?? valueQuantity.code)}`;
  return conceptWords(valueCodeableConcept) || text(valueString ?? valueInteger ?? valueBoolean);
}

function personOf(patient: Resource | undefined, language: ShownLanguage): Shown['person'] {
  const sexes: Record<string, readonly [ja: string, en: string]> = {
    female: ['女', 'female'],
    male: ['男', 'male'],
    other: ['その他', 'other'],
    unknown: ['不明', 'unknown'],
  };
  const [ja, en] = sexes[text(patient?.gender)] ?? ['', ''];
  return { name: nameWords(patient?.name), birthDate: text(patient?.birthDate), sex: { ja, en }[language] };
}

function nameWords(names: unknown): string {
  const words = (Array.isArray(names) ? names : []).filter(isRecord).map((name) => {
    const given = listIn(name, 'given').map(text);
    return text(name.text) || [text(name.family), ...given].filter((part) => part !== '').join(' ');
  });
  return [...new Set(words)].filter((name) => name !== '').join(' / ');
}

function conceptWords(concept: unknown): string {
  if (Array.isArray(concept)) return conceptWords(concept[0]);
  if (!isRecord(concept)) return '';
  const codings = [concept, ...listIn(concept, 'coding')].filter(isRecord);
  const display = codings.map((coding) => text(coding.display)).find((words) => words !== '');
  return text(concept.text) || display || codings.map((coding) => text(coding.code)).find((code) => code !== '') || '';
}

/** A narrative without its markup: each block is a line. */
function wordsIn(div: string): string {
  const lines = div.replace(/<(?:br|\/p|\/li|\/tr|\/h\d|\/div)\b[^>]*>/gi, '\n').replace(/<[^>]*>/g, ' ');
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', amp: '&' };
  const plain = lines.replace(/&(#x[\da-f]{1,6}|#\d{1,7}|\w{1,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
  return plain
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

const listIn = (value: unknown, member: string): unknown[] => {
  const list = isRecord(value) ? value[member] : undefined;
  return Array.isArray(list) ? list : [];
};

const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
