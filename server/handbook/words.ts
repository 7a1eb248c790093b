// What a record says, in the words of its reader: days, codes, values. Codes of ours are read from their CodeSystem; of others the
// words that the record has are shown. Nothing is translated that is not known.

import type { CodeableConcept, Coding, Observation, Quantity } from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';
import { numberText } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { civilOf, parseDay } from '../forecast/days.ts';
import { japanDate } from '../forecast/facts/calendar-date.ts';
import { setWords, systemWords, type Words } from './code-words.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The day in Japan, the month or the year of a FHIR dateTime; the text itself where it is none. */
export function dayWords(dateTime: string | undefined, language: Language): string {
  if (dateTime === undefined) return '';
  const [year, month, day] = (japanDate(dateTime) ?? '').split('-');
  if (!year) return dateTime;
  if (language === 'en')
    return [day && String(Number(day)), month && MONTHS[Number(month) - 1], year].filter(Boolean).join(' ');
  return `${year}年${month ? `${Number(month)}月` : ''}${day ? `${Number(day)}日` : ''}`;
}

/** `2027-08-01` in the short form of a table: 2027/8/1, in English 1 Aug 2027. */
export function shortDay(dateTime: string | undefined, language: Language): string {
  if (language === 'en') return dayWords(dateTime, language);
  const date = japanDate(dateTime ?? '');
  return date === undefined ? (dateTime ?? '') : date.split('-').map(Number).join('/');
}

/** Completed years, months and days between two dates; undefined unless both are full dates in order. */
export function ageAt(birthDate: string | undefined, date: string | undefined, language: Language): string | undefined {
  const [born, then] = [parseDay(birthDate ?? ''), parseDay(japanDate(date ?? '') ?? '')];
  if (born === undefined || then === undefined || then < born) return undefined;
  const [from, to] = [civilOf(born), civilOf(then)];
  const months = (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
  const [years, rest] = [Math.floor(months / 12), months % 12];
  if (months === 0) return language === 'ja' ? `${then - born}日` : `${then - born} d`;
  if (language === 'ja') return `${years > 0 ? `${years}歳` : ''}${rest > 0 || years === 0 ? `${rest}か月` : ''}`;
  return [years > 0 ? `${years} y` : '', rest > 0 || years === 0 ? `${rest} mo` : ''].filter(Boolean).join(' ');
}

/** A concept in words; undefined where it has none. In Japanese the record's own text goes first. */
export function conceptWords(concept: CodeableConcept | undefined, language: Language): string | undefined {
  if (concept === undefined) return undefined;
  const { text, coding = [] } = concept;
  const known = coding.flatMap((one) => codingWords(one) ?? [])[0];
  const display = coding.find((one) => one.display)?.display;
  const code = coding.find((one) => one.code)?.code;
  if (language === 'ja') return text ?? known?.ja ?? display ?? code;
  return known?.en ?? (isLatin(display) ? display : undefined) ?? text ?? display ?? code;
}

const isLatin = (text: string | undefined): boolean =>
  text !== undefined && !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);

/** What our CodeSystem or one of our value sets says of a code; undefined where none does. */
export function codingWords({ system, code }: Coding): Words | undefined {
  if (system === undefined || code === undefined) return undefined;
  return system.startsWith(`${CANONICAL}/CodeSystem/`) ? systemWords(system).get(code) : setWords(system, code);
}

export function quantityWords(quantity: Quantity | undefined): string {
  const value = numberText(quantity?.value);
  if (quantity === undefined || value === undefined) return '';
  const unit = quantity.unit ?? quantity.code ?? '';
  return `${quantity.comparator ?? ''}${value}${unit && ` ${unit}`}`;
}

type Valued = Pick<
  Observation,
  | 'valueQuantity'
  | 'valueCodeableConcept'
  | 'valueString'
  | 'valueBoolean'
  | 'valueInteger'
  | 'valueDateTime'
  | 'valueRange'
  | 'valueRatio'
  | 'valuePeriod'
  | 'valueTime'
  | 'dataAbsentReason'
>;

/** What was found, without the components; undefined where nothing is said. */
export function valueWords(of: Valued, language: Language): string | undefined {
  const { valueQuantity, valueCodeableConcept, valueString, valueBoolean, valueInteger, valueDateTime, valueTime } = of;
  if (valueQuantity) return quantityWords(valueQuantity);
  if (valueCodeableConcept) return conceptWords(valueCodeableConcept, language);
  if (valueBoolean !== undefined) return YES_NO[language][valueBoolean ? 0 : 1];
  if (valueDateTime) return dayWords(valueDateTime, language);
  if (of.valueRange) return `${quantityWords(of.valueRange.low)} – ${quantityWords(of.valueRange.high)}`;
  if (of.valueRatio) return `${quantityWords(of.valueRatio.numerator)} / ${quantityWords(of.valueRatio.denominator)}`;
  if (of.valuePeriod) return periodWords(of.valuePeriod, language);
  return valueString ?? valueInteger?.toString() ?? valueTime ?? conceptWords(of.dataAbsentReason, language);
}

const YES_NO: Record<Language, [string, string]> = { ja: ['はい', 'いいえ'], en: ['yes', 'no'] };

/** What was found, its components behind it: 112/68 mmHg, 右耳: 正常、左耳: 要精査. */
export function findingWords(observation: Observation, language: Language): string {
  const { component = [], interpretation = [], note = [] } = observation;
  const pressure = pressureWords(observation);
  const parts = component.map((one) => {
    const value = valueWords(one, language);
    return value === undefined ? '' : `${conceptWords(one.code, language) ?? ''}: ${value}`;
  });
  return [
    valueWords(observation, language),
    pressure ?? parts.filter(Boolean).join(language === 'ja' ? '、' : '; '),
    interpretation.map((one) => conceptWords(one, language)).join(' '),
    ...note.map(({ text }) => text),
  ]
    .filter(Boolean)
    .join(language === 'ja' ? '　' : ' · ');
}

/** 112/68 mmHg. LOINC 8480-6 and 8462-4. */
function pressureWords({ component = [] }: Observation): string | undefined {
  const of = (code: string) =>
    component.find((one) => one.code.coding?.some((coding) => coding.code === code))?.valueQuantity;
  const [systolic, diastolic] = [of('8480-6'), of('8462-4')];
  if (systolic?.value === undefined || diastolic?.value === undefined || component.length > 2) return undefined;
  return `${numberText(systolic.value)}/${quantityWords(diastolic)}`;
}

export function periodWords(
  period: { start?: string; end?: string } | undefined,
  language: Language,
): string | undefined {
  if (period === undefined) return undefined;
  const [start, end] = [shortDay(period.start, language), shortDay(period.end, language)];
  return start === end ? start : `${start}${language === 'ja' ? '〜' : ' – '}${end}`;
}

/** When it was observed, as the record has it. */
export function observedAt({
  effectiveDateTime,
  effectivePeriod,
  effectiveInstant,
  issued,
}: Observation): string | undefined {
  return effectiveDateTime ?? effectivePeriod?.start ?? effectiveInstant ?? issued;
}

/** The codes of an Observation as `system|code`. */
export const codesOf = ({ code }: { code?: CodeableConcept }): string[] =>
  (code?.coding ?? []).map((one) => `${one.system ?? ''}|${one.code ?? ''}`);
