// The tables in which a family and their doctor read a record: what is in each, and its columns. The CSV files of an archive and
// its page are made of the same rows.

import { isObject, type JsonObject } from '../fhir/json.ts';
import {
  choice,
  codes,
  concepts,
  dateOf,
  type Names,
  notes,
  objectsAt,
  plain,
  quantity,
  references,
  said,
  whatOf,
} from './cells.ts';

export type Words = { ja: string; en: string };
/** `key` is for machines and never changes. */
export type Column = Words & {
  key: string;
  of: (resource: JsonObject, names: Names) => string;
  /** The page has it among everything else that a resource says. */
  isOnlyInCsv?: true;
};
export type Table = {
  /** Of its CSV file. */
  name: string;
  title: Words;
  columns: readonly Column[];
  holds: (resource: JsonObject) => boolean;
};

const column = (key: string, ja: string, en: string, of: Column['of']): Column => ({ key, ja, en, of });

const date = column('date', '日付', 'Date', dateOf);
const what = column('what', '内容', 'What', whatOf);
const value = column('value', '値・結果', 'Value or result', said);
const status = column('status', '状態', 'Status', (one) => plain(one.status));
const note = column('note', 'メモ', 'Note', notes);
const performer = column('performer', '実施者・記録者', 'By', (one, names) =>
  [
    ...objectsAt(one, 'performer').map((by) => references(by, 'actor', names) || references({ by }, 'by', names)),
    ...['serviceProvider', 'location', 'requester', 'informationSource', 'recorder'].map((name) =>
      references(one, name, names),
    ),
  ]
    .filter(Boolean)
    .join('; '),
);
const kind = column('type', '種類 (FHIR)', 'Kind (FHIR)', (one) => plain(one.resourceType));
const inCsv = { isOnlyInCsv: true } as const;
const id: Column = { ...column('id', '番号', 'Id', (one) => `${one.resourceType}/${one.id}`), ...inCsv };
const codesOf = (name: string): Column => ({
  ...column('codes', 'コード', 'Codes', (one) => codes(one, name)),
  ...inCsv,
});

const ofType = (...types: string[]): Table['holds'] => {
  const held = new Set(types);
  return ({ resourceType }) => held.has(String(resourceType));
};

/** Observations of one of these categories, in the code system of HL7 or of JP Core. */
const observed =
  (...categories: string[]): Table['holds'] =>
  (one) =>
    one.resourceType === 'Observation' &&
    objectsAt(one, 'category').some((category) =>
      objectsAt(category, 'coding').some(({ code }) => categories.includes(String(code))),
    );

const dose = (name: string) => (one: JsonObject, names: Names) =>
  objectsAt(one, 'protocolApplied')
    .map((applied) => choice(applied, name, names))
    .filter(Boolean)
    .join('; ');

const dosage = (one: JsonObject): string =>
  [...objectsAt(one, 'dosageInstruction'), ...objectsAt(one, 'dosage')]
    .map((given) => plain(given.text) || concepts(given, 'additionalInstruction'))
    .filter(Boolean)
    .join('; ');

const supplied = (member: string) => (one: JsonObject) =>
  quantity(one[member]) || quantity(isObject(one.dispenseRequest) ? one.dispenseRequest[member] : undefined);

const measurements = observed('vital-signs', 'body-measurement');
const labs = observed('laboratory');
const checkups = observed('exam', 'survey', 'social-history', 'procedure', 'therapy', 'imaging', 'activity');

/** In the order of the page. A resource is in the first table that holds it. */
export const tables: readonly Table[] = [
  {
    name: 'vaccinations',
    title: { ja: '予防接種', en: 'Vaccinations' },
    holds: ofType('Immunization'),
    columns: [
      date,
      column('vaccine', 'ワクチン', 'Vaccine', whatOf),
      column('dose', '回', 'Dose', dose('doseNumber')),
      column('lot', 'ロット番号', 'Lot', (one) => plain(one.lotNumber)),
      column('manufacturer', '製造会社', 'Manufacturer', (one, names) => references(one, 'manufacturer', names)),
      column('expiry', '有効期限', 'Expiry', (one) => plain(one.expirationDate)),
      column('quantity', '接種量', 'Quantity', (one) => quantity(one.doseQuantity)),
      column('site', '部位', 'Site', (one) => concepts(one, 'site')),
      column('route', '方法', 'Route', (one) => concepts(one, 'route')),
      performer,
      status,
      column('reason', '理由', 'Reason', (one) => concepts(one, 'statusReason') || concepts(one, 'reasonCode')),
      note,
      codesOf('vaccineCode'),
      id,
    ],
  },
  {
    name: 'measurements',
    title: { ja: '身体計測・バイタルサイン', en: 'Measurements and vital signs' },
    holds: measurements,
    columns: [date, what, value, performer, status, note, codesOf('code'), id],
  },
  {
    name: 'checkups',
    title: { ja: '健診・所見', en: 'Check-ups and findings' },
    holds: (one) =>
      checkups(one) ||
      ofType('DiagnosticReport', 'Encounter', 'EpisodeOfCare', 'QuestionnaireResponse', 'RiskAssessment')(one),
    columns: [date, kind, what, value, performer, status, note, codesOf('code'), id],
  },
  {
    name: 'medications',
    title: { ja: 'くすり', en: 'Medication' },
    holds: ofType('MedicationStatement', 'MedicationRequest', 'MedicationDispense', 'MedicationAdministration'),
    columns: [
      date,
      kind,
      column('drug', '薬', 'Drug', whatOf),
      column('dosage', '用法', 'How to take', dosage),
      column('quantity', '量', 'Quantity', supplied('quantity')),
      column('days', '日数', 'Days', (one) => supplied('daysSupply')(one) || supplied('expectedSupplyDuration')(one)),
      performer,
      status,
      note,
      codesOf('medicationCodeableConcept'),
      id,
    ],
  },
  {
    name: 'labs',
    title: { ja: '検査', en: 'Laboratory' },
    holds: labs,
    columns: [
      date,
      what,
      value,
      column('range', '基準値', 'Reference range', (one) =>
        objectsAt(one, 'referenceRange')
          .map((range) => plain(range.text) || `${quantity(range.low)} – ${quantity(range.high)}`)
          .join('; '),
      ),
      column('interpretation', '判定', 'Interpretation', (one) => concepts(one, 'interpretation')),
      performer,
      status,
      note,
      codesOf('code'),
      id,
    ],
  },
  {
    name: 'conditions',
    title: { ja: '病気・アレルギー', en: 'Illnesses and allergies' },
    holds: ofType('Condition', 'AllergyIntolerance', 'FamilyMemberHistory', 'Procedure', 'AdverseEvent'),
    columns: [date, kind, what, value, performer, note, codesOf('code'), id],
  },
];

/** Every resource, with the place of its whole text. */
export const everything: Omit<Table, 'holds'> = {
  name: 'everything',
  title: { ja: 'その他すべて', en: 'Everything else' },
  columns: [date, kind, what, value, performer, status, id],
};

/** Who looked at the record and when. */
export const accessLog: Table = {
  name: 'access-log',
  title: { ja: 'だれがいつ記録を見たか', en: 'Who looked at the record' },
  holds: ofType('AuditEvent'),
  columns: [
    column('recorded', '日時', 'When', (one) => plain(one.recorded)),
    column('what', '内容', 'What', (one) => concepts({ of: objectsAt(one, 'subtype') }, 'of') || concepts(one, 'type')),
    column('who', 'だれが', 'Who', (one, names) =>
      objectsAt(one, 'agent')
        .filter(({ requestor }) => requestor === true)
        .map((agent) => references(agent, 'who', names) || plain(agent.name))
        .filter(Boolean)
        .join('; '),
    ),
    column('data', '対象', 'Of what', (one) =>
      objectsAt(one, 'entity')
        .flatMap((entity) => objectsAt(entity, 'what'))
        .map(({ reference }) => plain(reference))
        .filter((text) => text !== '' && !text.startsWith('Patient/'))
        .join('; '),
    ),
    id,
  ],
};
