// A resource as a row of its section's table: what, when, more about it, and who says so. What a family or nobody named has typed is
// never shown as an organization's.

import type { JsonObject } from '../fhir/json.ts';
import { isObject, numberText } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { isReportedByFamily } from './fitted.ts';
import { codingsOf, conceptText, dayText, objectsIn, quantityText, textIn, valueText, whenText } from './texts.ts';

export const HEADS: Readonly<Record<Language, readonly string[]>> = {
  ja: ['名称', '日付', '内容', '記録した人・機関'],
  en: ['Name', 'Date', 'Details', 'Recorded by'],
};

type Directory = ReadonlyMap<string, JsonObject>;

/** The resource as it is stored; `directory` by reference. An ImmunizationRecommendation is a row for each vaccine. */
export function rowsOf(resource: JsonObject, language: Language, directory: Directory): string[][] {
  if (resource.resourceType === 'ImmunizationRecommendation')
    return objectsIn(resource.recommendation).map((one) => dueRow(one, language));
  const [what, when, details] = ROWS[String(resource.resourceType)]?.(resource, language, directory) ?? ['', '', []];
  const more = details.filter((one) => one !== '').join(', ');
  return [[what, when, more, sourceText(resource, language, directory)]];
}

type Row = [what: string, when: string, details: string[]];

const ROWS: Readonly<Record<string, (resource: JsonObject, language: Language, directory: Directory) => Row>> = {
  AllergyIntolerance: (one, language) => [
    conceptText(one.code, language),
    whenText(one, ['onsetDateTime', 'onsetPeriod', 'onsetAge', 'onsetString', 'recordedDate'], language),
    [
      codeText(one.clinicalStatus, language),
      codeText(one.verificationStatus, language),
      textIn(one.criticality) === undefined ? '' : `${WORDS.criticality[language]} ${word(one.criticality, language)}`,
      ...objectsIn(one.reaction).flatMap((reaction) =>
        [
          ...objectsIn(reaction.manifestation).map((sign) => conceptText(sign, language)),
          word(reaction.severity, language),
        ].filter((text) => text !== ''),
      ),
    ],
  ],
  Condition: (one, language) => [
    conceptText(one.code, language),
    whenText(one, ['onsetDateTime', 'onsetPeriod', 'onsetAge', 'onsetString', 'recordedDate'], language),
    [
      codeText(one.clinicalStatus, language),
      conceptText(one.severity, language),
      ended(
        whenText(one, ['abatementDateTime', 'abatementPeriod', 'abatementAge', 'abatementString'], language),
        language,
      ),
    ],
  ],
  MedicationStatement: medicationRow,
  MedicationRequest: medicationRow,
  MedicationDispense: medicationRow,
  Immunization: (one, language) => [
    conceptText(one.vaccineCode, language),
    whenText(one, ['occurrenceDateTime', 'occurrenceString'], language),
    [
      ...objectsIn(one.protocolApplied).map((applied) => doseText(applied, language)),
      textIn(one.lotNumber) === undefined ? '' : `${WORDS.lot[language]} ${String(one.lotNumber)}`,
      isObject(one.manufacturer) ? (textIn(one.manufacturer.display) ?? '') : '',
      isObject(one.doseQuantity) ? quantityText(one.doseQuantity, language) : '',
      conceptText(one.route, language),
      conceptText(one.site, language),
    ],
  ],
  Observation: (one, language) => [
    conceptText(one.code, language),
    whenText(one, ['effectiveDateTime', 'effectivePeriod', 'effectiveInstant'], language),
    [
      valueText(one, language),
      ...objectsIn(one.referenceRange).map(
        (range) =>
          `(${WORDS.reference[language]} ${textIn(range.text) ?? [range.low, range.high].map((end) => (isObject(end) ? quantityText(end, language) : '')).join('–')})`,
      ),
      one.status === 'preliminary' ? WORDS.preliminary[language] : '',
    ],
  ],
  Procedure: (one, language) => [
    conceptText(one.code, language),
    whenText(one, ['performedDateTime', 'performedPeriod', 'performedString'], language),
    [conceptText(one.bodySite, language), conceptText(one.outcome, language)],
  ],
  DeviceUseStatement: (one, language, directory) => [
    nameAt(one.device, directory, language),
    whenText(one, ['timingDateTime', 'timingPeriod', 'recordedOn'], language),
    [word(one.status, language), conceptText(one.bodySite, language)],
  ],
  Flag: (one, language) => [
    conceptText(one.code, language),
    whenText(one, ['period'], language),
    objectsIn(one.category).map((category) => conceptText(category, language)),
  ],
  CarePlan: (one, language) => [
    textIn(one.title) ?? objectsIn(one.category).map((category) => conceptText(category, language))[0] ?? '',
    whenText(one, ['period', 'created'], language),
    [textIn(one.description) ?? ''],
  ],
};

function medicationRow(one: JsonObject, language: Language, directory: Directory): Row {
  const dosage = objectsIn(one.dosage ?? one.dosageInstruction);
  return [
    one.medicationReference === undefined
      ? conceptText(one.medicationCodeableConcept, language)
      : nameAt(one.medicationReference, directory, language),
    whenText(one, ['effectivePeriod', 'effectiveDateTime', 'authoredOn', 'whenHandedOver', 'whenPrepared'], language),
    [word(one.status, language), ...dosage.map(({ text }) => textIn(text) ?? '')],
  ];
}

const WORDS = {
  criticality: { ja: '重大さ', en: 'criticality' },
  lot: { ja: '製造番号', en: 'lot' },
  reference: { ja: '基準', en: 'reference' },
  preliminary: { ja: '速報', en: 'preliminary' },
  family: { ja: '本人・家族の申告', en: 'as told by the patient or family' },
  copied: { ja: '接種した機関の記録ではない', en: 'not from the record of who gave it' },
  unnamed: {
    ja: '家族の入力、または記録元の記載なし',
    en: 'entered by the family, or no source stated',
  },
} as const;

const ended = (when: string, language: Language): string =>
  when === '' ? '' : language === 'ja' ? `${when}まで` : `until ${when}`;

function doseText({ series, doseNumberPositiveInt: number, doseNumberString: text }: JsonObject, language: Language) {
  const dose = numberText(number) ?? textIn(text);
  const named = dose === undefined ? '' : language === 'ja' ? `${dose}回目` : `dose ${dose}`;
  return [textIn(series) ?? '', named].filter((one) => one !== '').join(' ');
}

/** LOINC codes of ImmDS: the earliest day, the recommended one, and the last. */
const DAYS: readonly [code: string, words: Readonly<Record<Language, string>>][] = [
  ['30981-5', { ja: '最短', en: 'earliest' }],
  ['30980-7', { ja: 'おすすめ', en: 'recommended' }],
  ['59777-3', { ja: '最終', en: 'latest' }],
];

function dueRow(one: JsonObject, language: Language): string[] {
  const criteria = objectsIn(one.dateCriterion);
  const days = DAYS.flatMap(([code, words]) => {
    const found = criteria.find(
      ({ code: of }) => isObject(of) && objectsIn(of.coding).some((coding) => coding.code === code),
    );
    const day = dayText(found?.value);
    return day === '' ? [] : [`${words[language]} ${day}`];
  });
  const dose = numberText(one.doseNumberPositiveInt);
  return [
    conceptText(objectsIn(one.vaccineCode)[0] ?? one.targetDisease, language),
    days.join(' / '),
    [
      dose === undefined ? '' : doseText({ doseNumberPositiveInt: one.doseNumberPositiveInt }, language),
      statusText(one, language),
    ]
      .filter((text) => text !== '')
      .join(', '),
    '',
  ];
}

/** R4's own word, or the one of the schedule for families. */
function statusText({ forecastStatus }: JsonObject, language: Language): string {
  const known = codingsOf(forecastStatus).find(({ system }) => String(system).endsWith('recommendation-status'));
  const text = isObject(forecastStatus) ? textIn(forecastStatus.text) : undefined;
  return (language === 'ja' ? text : undefined) ?? textIn(known?.display) ?? '';
}

/** A status or a degree, which records have as a code alone. */
const codeText = (concept: unknown, language: Language): string => word(codingsOf(concept)[0]?.code, language);
const word = (code: unknown, language: Language): string =>
  language === 'ja' ? (IN_JAPANESE[String(code)] ?? textIn(code) ?? '') : (textIn(code) ?? '');

const IN_JAPANESE: Readonly<Record<string, string>> = {
  active: '継続中',
  recurrence: '再発',
  relapse: '再燃',
  inactive: '活動なし',
  remission: '寛解',
  resolved: '治癒・解消',
  confirmed: '確認済み',
  unconfirmed: '未確認',
  provisional: '暫定',
  differential: '鑑別中',
  completed: '終了',
  intended: '予定',
  stopped: '中止',
  'on-hold': '休止中',
  'in-progress': '実施中',
  unknown: '不明',
  low: '低',
  high: '高',
  'unable-to-assess': '判断不能',
  mild: '軽度',
  moderate: '中等度',
  severe: '重度',
};

function nameAt(reference: unknown, directory: Directory, language: Language): string {
  if (!isObject(reference)) return '';
  const local = localReference(textIn(reference.reference) ?? '');
  const found = local && directory.get(`${local.type}/${local.id}`);
  if (found === undefined) return textIn(reference.display) ?? '';
  if (typeof found.name === 'string') return found.name;
  const [name] = objectsIn(found.name ?? found.deviceName);
  const person = name && (textIn(name.text) ?? textIn(name.name) ?? [name.family, name.given].flat().join(' ').trim());
  return person || conceptText(found.code ?? found.type, language) || (textIn(reference.display) ?? '');
}

/** Whom the resource names, and how far that is their word. */
function sourceText(resource: JsonObject, language: Language, directory: Directory): string {
  const { meta, identifier, primarySource } = resource;
  if (isReportedByFamily(resource)) return WORDS.family[language];
  const actors = [
    ...objectsIn(resource.performer).map((one) => one.actor ?? one),
    ...['requester', 'recorder', 'asserter', 'informationSource', 'author', 'source'].flatMap(
      (name) => resource[name] ?? [],
    ),
  ];
  const names = [...new Set(actors.map((one) => nameAt(one, directory, language)).filter((name) => name !== ''))];
  // An organization stands for what it writes, or has it delivered under a number of its own.
  const isTyped = !(isObject(meta) && meta.source !== undefined) && objectsIn(identifier).length === 0;
  const marks = [
    ...(primarySource === false ? [WORDS.copied[language]] : []),
    ...(isTyped ? [WORDS.unnamed[language]] : []),
  ];
  return [names.join(', '), ...marks.map((one) => `[${one}]`)].filter((one) => one !== '').join(' ');
}
