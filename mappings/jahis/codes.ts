// Code tables that both JAHIS formats use, and the names under which their own codes are kept. Notebook Ver.2.6 and
// prescription Ver.1.10; URIs as in JP Core 1.2.0 and the drafts of the e-prescription guide.

import type { CodeableConcept, Coding, Reference } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { GENERIC_ORDER_CODE, HOT9, PRICE_STANDARD_DRUG, RECEIPT_DRUG, systemOf, YJ } from '../code-systems.ts';
import { at, type JahisRecord } from './record.ts';

/** A code of a JAHIS table that has no system of its own, and every code of a kind that is not known. */
export const jahisSystem = (table: string): string => `${CANONICAL}/sid/jahis/${table}`;

/** Codes come full-width, and behind spaces; what is no code even so ('' is returned) stays in the original. */
export function codeText(text: string): string {
  const code = text.normalize('NFKC').trim();
  return /^[0-9A-Za-z.-]{1,40}$/.test(code) ? code : '';
}

/** What stands in the place of a code and is none: it is words. */
export const notCode = (text: string): string => (codeText(text) ? '' : text);

// Kind 1 says "no code", 5 and 8 are not given out: a code that stands there all the same is kept under a name of its own.
const drugSystems: Record<string, string> = {
  '2': RECEIPT_DRUG,
  '3': PRICE_STANDARD_DRUG,
  '4': YJ,
  '7': GENERIC_ORDER_CODE,
};

/** Record 201: kind of code and code, with the name to show beside it (full-width: files come with half-width kana). */
export function drugCoding(kind: string, code: string, name: string): Coding[] {
  const text = codeText(code);
  if (!text) return [];
  const hot = { 7: systemOf('HOT7', ''), 9: HOT9, 13: systemOf('HOT13', '') }[text.length];
  const system = (kind === '6' ? hot : drugSystems[kind]) ?? jahisSystem(`drug-code-${codeText(kind) || 'unknown'}`);
  const display = name.normalize('NFKC');
  return [{ system, code: text, ...(display && { display }) }];
}

/** A drug code that is none stays in the original; the name stands for the drug. */
export function sayUnreadableCode({ problems }: { problems: string[] }, record: JahisRecord, place: number): void {
  if (notCode(at(record, place)))
    problems.push(`Line ${record.line}: the drug code is no code and is kept only in the original.`);
}

const creators: Record<string, string> = { '1': '医療関係者', '2': '患者等', '8': 'その他', '9': '不明' };
const creatorSystem = jahisSystem('creator');

/** Who wrote a record, as a tag: tells what the family entered from what a professional did. Nothing when it is not said. */
export function creatorTag(creator: string): { meta?: { tag: Coding[] } } {
  const display = creators[creator];
  return display ? { meta: { tag: [{ system: creatorSystem, code: creator, display }] } } : {};
}

/** Who wrote a record, in words; undefined when it is not said. */
export const creatorName = (creator: string): string | undefined => creators[creator];

/** Who wrote a record, where FHIR asks for a person. */
export function creatorReference(creator: string): (Reference & { display: string }) | undefined {
  const display = creators[creator];
  return display === undefined ? undefined : { display };
}

/** Prefecture (2), fee table (1) and number (7) -> the ten digits of a medical institution; undefined when one is missing. */
export function institutionNumber(prefecture: string, feeTable: string, code: string): string | undefined {
  const number = `${prefecture.normalize('NFKC').padStart(2, '0')}${feeTable.normalize('NFKC')}${code.normalize('NFKC')}`;
  return /^(?:0[1-9]|[1-3]\d|4[0-7])\d{8}$/.test(number) ? number : undefined;
}

/** A code of one of the JAHIS tables as a concept, with its words. */
export const jahisConcept = (table: string, code: string, text: string): CodeableConcept => ({
  coding: [{ system: jahisSystem(table), code, display: text }],
  text,
});

/** For identifiers: spelling that shops and apps change on the way (width, spaces) makes no other thing. */
export const keyText = (text: string): string => text.normalize('NFKC').replace(/\s/g, '');
