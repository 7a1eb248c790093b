// What a JAHIS notebook says besides dispensings: special notes (2), OTC drugs (3, 31), memos (4), what shops and families wrote
// about a dispensing (411, 421, 601), the family pharmacist (701). Nothing here was confirmed by a professional of ours.

import type {
  AllergyIntolerance,
  BundleEntry,
  CareTeam,
  Communication,
  Condition,
  Medication,
  MedicationStatement,
  Reference,
} from '@medplum/fhirtypes';
import { japaneseDate } from '../japanese-date.ts';
import { businessIdentifier, createEntry } from '../record.ts';
import { person } from './agents.ts';
import { codeText, creatorReference, creatorTag, jahisConcept, jahisSystem, keyText } from './codes.ts';
import type { NotebookContext } from './context.ts';
import type { Block } from './dispense.ts';
import { at, type JahisRecord } from './record.ts';

const unconfirmed = (kind: 'condition-ver-status' | 'allergyintolerance-verification') => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}`, code: 'unconfirmed' }],
});

/** Record 2: kind 1 allergy, 2 adverse reaction, 3 history; everything else (9 other) as the words it is. */
export function mapSpecialNote(context: NotebookContext, record: JahisRecord): BundleEntry[] {
  const [kind, text, creator] = [at(record, 1), at(record, 2), at(record, 3)];
  const author = creatorReference(creator);
  if (!text) {
    context.problems.push(`Line ${record.line}: record 2 without text is kept only in the original.`);
    return [];
  }
  if (kind === '3') {
    const condition: Condition = {
      resourceType: 'Condition',
      ...creatorTag(creator),
      identifier: [businessIdentifier('history', [context.owner, keyText(text)])],
      verificationStatus: unconfirmed('condition-ver-status'),
      code: { text },
      subject: context.subject,
      ...(author && { asserter: author as Reference<never> }),
    };
    return [createEntry(condition)];
  }
  if (kind !== '1' && kind !== '2')
    return [createEntry(message(context, record, { text, creator, topic: 'その他の特記' }))];
  const allergy: AllergyIntolerance = {
    resourceType: 'AllergyIntolerance',
    ...creatorTag(creator),
    identifier: [businessIdentifier('allergy', [context.owner, kind, keyText(text)])],
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    verificationStatus: unconfirmed('allergyintolerance-verification'),
    ...(kind === '1' ? { type: 'allergy' } : { category: ['medication'] }),
    code: { text },
    patient: context.subject,
    ...(author && { asserter: author as Reference<never> }),
    ...(kind === '2' && { note: [{ text: '副作用歴として記載' }] }),
  };
  return [createEntry(allergy)];
}

/** Records 3 and 31: drugs bought without prescription, with the ingredients that name their drug by its number. */
export function mapOtc(context: NotebookContext, records: readonly JahisRecord[]): BundleEntry[] {
  const drugs = records.filter(({ kind }) => kind === '3');
  const numbers = new Set(drugs.map((drug) => at(drug, 5)));
  const ingredients = Map.groupBy(
    records.filter(({ kind }) => kind === '31'),
    (ingredient) => at(ingredient, 1),
  );
  for (const [number, [first]] of ingredients) {
    if (number && numbers.has(number)) continue;
    context.problems.push(`Line ${first?.line}: record 31 (ingredient) belongs to no OTC drug (record 3).`);
  }
  return drugs.flatMap((drug) => {
    if (!at(drug, 1)) {
      context.problems.push(`Line ${drug.line}: an OTC drug (record 3) without a name was not taken.`);
      return [];
    }
    const statement = otcStatement(context, drug, (at(drug, 5) && ingredients.get(at(drug, 5))) || []);
    return [createEntry(statement)];
  });
}

/** Record 4: words of the handbook, with their day. */
export function mapMemo(context: NotebookContext, record: JahisRecord): BundleEntry[] {
  const text = at(record, 1);
  const sent = japaneseDate(at(record, 2));
  return text ? [createEntry(message(context, record, { text, sent, creator: at(record, 3), topic: '手帳メモ' }))] : [];
}

const topics: Record<string, string> = { '421': '残薬確認', '601': '患者等記入' };
const informationKinds: Record<string, string> = {
  '30': '入院中の副作用',
  '31': '退院後に必要な服薬情報',
  '99': '医療機関等提供情報',
};

/** Records 411, 421 and 601, about the drugs of their dispensing. What is not about a dispensing has no block. */
export function mapMessage(
  context: NotebookContext,
  record: JahisRecord,
  block: Block | undefined,
  drugs: readonly BundleEntry[],
): BundleEntry[] {
  const text = at(record, 1);
  if (!text) return [];
  const isInformation = record.kind === '411';
  const topic = isInformation
    ? (informationKinds[at(record, 2)] ?? (informationKinds['99'] as string))
    : (topics[record.kind] ?? record.kind);
  // An entry by the patient says its own day and has no creator, because it can only be one.
  const [creator, sent] =
    record.kind === '601' ? ['2', japaneseDate(at(record, 2))] : [at(record, isInformation ? 3 : 2), block?.date];
  const about = drugs.map(({ fullUrl }) => ({ reference: fullUrl ?? '' }));
  return [createEntry(message(context, record, { text, sent, creator, topic, about }))];
}

/** Record 701: the pharmacist whom the family chose. */
export function mapFamilyPharmacist(context: NotebookContext, record: JahisRecord): BundleEntry[] {
  const [name, shop, contact, creator] = [at(record, 1), at(record, 2), at(record, 3), at(record, 6)];
  if (!name && !shop) return [];
  const [start, end] = [japaneseDate(at(record, 4)), japaneseDate(at(record, 5))];
  const { reference, contained } = person('pharmacist', name || shop, contact);
  const team: CareTeam = {
    resourceType: 'CareTeam',
    ...creatorTag(creator),
    ...(contained.length > 0 && { contained }),
    identifier: [businessIdentifier('family-pharmacist', [context.owner, keyText(name), keyText(shop), start ?? ''])],
    status: end ? 'inactive' : 'active',
    name: 'かかりつけ薬剤師',
    subject: context.subject,
    ...period(start, end),
    participant: [
      {
        role: [jahisConcept('record', '701', 'かかりつけ薬剤師')],
        member: reference,
        ...(shop && name && { onBehalfOf: { display: shop } }),
      },
    ],
  };
  return [createEntry(team)];
}

function message(
  context: NotebookContext,
  record: JahisRecord,
  said: {
    text: string;
    topic: string;
    creator: string;
    sent?: string | undefined;
    about?: readonly Reference[];
  },
): Communication {
  const { text, topic, creator, sent, about = [] } = said;
  const sender = creatorReference(creator);
  return {
    resourceType: 'Communication',
    ...creatorTag(creator),
    identifier: [businessIdentifier('memo', [context.owner, record.kind, sent ?? '', keyText(text)])],
    status: 'completed',
    category: [jahisConcept('record', record.kind, topic)],
    subject: context.subject,
    ...(about.length > 0 && { about: [...about] }),
    ...(sent && { sent }),
    ...(sender && { sender: sender as Reference<never> }),
    payload: [{ contentString: text }],
  };
}

/** Start and end; an end before the start is a slip of the pen, and only the start is believed. */
function period(start: string | undefined, end: string | undefined): { period?: { start?: string; end?: string } } {
  if (!start && !end) return {};
  const isTurned = start !== undefined && end !== undefined && end < start;
  return { period: { ...(start && { start }), ...(end && !isTurned && { end }) } };
}

function otcStatement(
  context: NotebookContext,
  drug: JahisRecord,
  ingredients: readonly JahisRecord[],
): MedicationStatement {
  const [name, creator] = [at(drug, 1), at(drug, 4)];
  const [start, end] = [japaneseDate(at(drug, 2)), japaneseDate(at(drug, 3))];
  const { period: effectivePeriod } = period(start, end);
  const jan = codeText(at(drug, 6));
  const system = /^\d{8,14}$/.test(jan) ? 'https://www.gs1.org/gtin' : jahisSystem('jan');
  const coding = [{ system, code: jan, display: name.normalize('NFKC') }];
  const source = creatorReference(creator);
  return {
    resourceType: 'MedicationStatement',
    ...creatorTag(creator),
    ...(ingredients.length > 0 && { contained: [mixture(name, ingredients)] }),
    identifier: [businessIdentifier('otc', [context.owner, keyText(name), start ?? '', jan])],
    status: end ? 'completed' : 'unknown',
    medicationCodeableConcept: { ...(jan && { coding }), text: name },
    subject: context.subject,
    ...(effectivePeriod && { effectivePeriod }),
    ...(source && { informationSource: source as Reference<never> }),
    ...(ingredients.length > 0 && { derivedFrom: [{ reference: '#ingredients' }] }),
  };
}

/** Record 31: what is in the drug, for the checks of allergies. The codes' own kinds are not public, so they keep their number. */
function mixture(name: string, ingredients: readonly JahisRecord[]): Medication {
  return {
    resourceType: 'Medication',
    id: 'ingredients',
    code: { text: name },
    ingredient: ingredients.map((record) => {
      const [text, kind, code] = [at(record, 2), codeText(at(record, 3)), codeText(at(record, 4))];
      const coding = [{ system: jahisSystem(`ingredient-code-${kind || 'unknown'}`), code }];
      return { itemCodeableConcept: { ...(code && { coding }), text: text || code || '不明' } };
    }),
  };
}
