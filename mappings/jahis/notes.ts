// What a JAHIS notebook says besides dispensings: allergies and history (2), OTC drugs (3, 31), memos (4, 601).
// Nothing here was confirmed by a professional of ours, so it is taken as unconfirmed.

import type {
  AllergyIntolerance,
  BundleEntry,
  Communication,
  Condition,
  MedicationStatement,
} from '@medplum/fhirtypes';
import { japaneseDate } from '../japanese-date.ts';
import { businessIdentifier, createEntry } from '../record.ts';
import type { NotebookContext } from './dispense.ts';
import { at, type NotebookRecord } from './records.ts';

const unconfirmed = (kind: 'condition-ver-status' | 'allergyintolerance-verification') => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}`, code: 'unconfirmed' }],
});

/** Record 2: kind 1 allergy, 2 adverse reaction, 3 history; other kinds stay in the original. */
export function mapSpecialNote(context: NotebookContext, record: NotebookRecord): BundleEntry[] {
  const kind = at(record, 1);
  const text = at(record, 2);
  if (!text || !['1', '2', '3'].includes(kind)) {
    context.problems.push(
      `Line ${record.line}: record 2 ${text ? `of kind ${kind || '(none)'}` : 'without text'} is kept only in the original.`,
    );
    return [];
  }
  if (kind === '3') {
    const condition: Condition = {
      resourceType: 'Condition',
      identifier: [businessIdentifier('history', [context.owner, text])],
      verificationStatus: unconfirmed('condition-ver-status'),
      code: { text },
      subject: context.subject,
    };
    return [createEntry(condition)];
  }
  const allergy: AllergyIntolerance = {
    resourceType: 'AllergyIntolerance',
    identifier: [businessIdentifier('allergy', [context.owner, kind, text])],
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    verificationStatus: unconfirmed('allergyintolerance-verification'),
    ...(kind === '1' ? { type: 'allergy' } : { category: ['medication'] }),
    code: { text },
    patient: context.subject,
    ...(kind === '2' && { note: [{ text: '副作用歴として記載' }] }),
  };
  return [createEntry(allergy)];
}

/** Records 3 and 31: drugs bought without prescription, with the ingredients that name their drug by its number. */
export function mapOtc(context: NotebookContext, records: readonly NotebookRecord[]): BundleEntry[] {
  const drugs = records.filter(({ kind }) => kind === '3');
  const ingredients = records.filter(({ kind }) => kind === '31');
  for (const ingredient of ingredients) {
    if (!drugs.some((drug) => at(drug, 5) === at(ingredient, 1))) {
      context.problems.push(`Line ${ingredient.line}: record 31 (ingredient) belongs to no OTC drug (record 3).`);
    }
  }
  return drugs.flatMap((drug) => {
    const name = at(drug, 1);
    if (!name) context.problems.push(`Line ${drug.line}: an OTC drug (record 3) without a name was not taken.`);
    const own = ingredients.filter((ingredient) => at(drug, 5) && at(ingredient, 1) === at(drug, 5));
    return name ? [createEntry(otcStatement(context, drug, own))] : [];
  });
}

/** Records 4 (memo) and 601 (entry by the patient): words of the family, with their date. */
export function mapMemo(context: NotebookContext, record: NotebookRecord): BundleEntry[] {
  const text = at(record, 1);
  const date = japaneseDate(at(record, 2));
  if (!text) return [];
  const memo: Communication = {
    resourceType: 'Communication',
    identifier: [businessIdentifier('memo', [context.owner, record.kind, date ?? '', text])],
    status: 'completed',
    subject: context.subject,
    ...(date && { sent: date }),
    payload: [{ contentString: text }],
  };
  return [createEntry(memo)];
}

function otcStatement(
  context: NotebookContext,
  drug: NotebookRecord,
  ingredients: NotebookRecord[],
): MedicationStatement {
  const name = at(drug, 1);
  const start = japaneseDate(at(drug, 2));
  const end = japaneseDate(at(drug, 3));
  const jan = /^\d{8,14}$/.test(at(drug, 6)) ? at(drug, 6) : '';
  const coding = [{ system: 'https://www.gs1.org/gtin', code: jan, display: name.normalize('NFKC') }];
  return {
    resourceType: 'MedicationStatement',
    identifier: [businessIdentifier('otc', [context.owner, name, start ?? '', end ?? '', jan])],
    status: end ? 'completed' : 'unknown',
    medicationCodeableConcept: { ...(jan && { coding }), text: name },
    subject: context.subject,
    ...((start || end) && { effectivePeriod: { ...(start && { start }), ...(end && { end }) } }),
    ...(ingredients.length > 0 && { note: ingredients.map((item) => ({ text: `成分: ${at(item, 2)}` })) }),
  };
}
