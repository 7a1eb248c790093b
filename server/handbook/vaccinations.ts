// The vaccinations, each event once, in the order of our list of vaccines (routine ones by age first): product, day, maker, lot, place,
// and who wrote it down.

import type { Immunization } from '@medplum/fhirtypes';
import { vaccineName } from '../../profiles/vaccine.ts';
import { VACCINE_SYSTEM } from '../fhir/canonical.ts';
import type { Language } from '../fhir/outcome.ts';
import { vaccineCodeOf } from '../forecast/facts/given-doses.ts';
import type { Booklet } from './booklet.ts';
import { systemWords } from './code-words.ts';
import type { Papers } from './papers.ts';
import { sayIn, tableOf, writer } from './part.ts';
import { ageAt, conceptWords, shortDay } from './words.ts';

export async function vaccinationsPart(booklet: Booklet, papers: Papers): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  booklet.heading(say('予防接種の記録', 'Vaccinations'), { onNewPage: true });
  const doses = dosesOf(papers);
  await tableOf(
    booklet,
    [
      { title: say('ワクチン', 'Vaccine'), width: 0.27 },
      { title: say('接種日', 'Date'), width: 0.14 },
      { title: say('年齢', 'Age'), width: 0.1 },
      { title: say('メーカー・ロット', 'Maker, lot'), width: 0.17 },
      { title: say('接種した所', 'Where'), width: 0.18 },
      { title: say('記録した人', 'Written by'), width: 0.14 },
    ],
    doses.map((dose) => [
      productWords(dose, language),
      shortDay(dateOf(dose), language),
      ageAt(papers.patient.birthDate, dateOf(dose), language) ?? '',
      makerAndLot(dose, papers),
      placeOf(dose, papers),
      [writer(booklet, papers, dose), conceptWords(dose.reportOrigin, language)].filter(Boolean).join('\n'),
    ]),
  );
  const missed = papers.of('Immunization').filter(({ status }) => status === 'not-done');
  if (missed.length === 0) return;
  booklet.heading(say('見合わせた接種', 'Not given'), { level: 2 });
  await tableOf(
    booklet,
    [
      { title: say('ワクチン', 'Vaccine'), width: 0.4 },
      { title: say('日', 'Date'), width: 0.2 },
      { title: say('理由', 'Reason'), width: 0.4 },
    ],
    missed.map((dose) => [
      productWords(dose, language),
      shortDay(dateOf(dose), language),
      conceptWords(dose.statusReason, language) ?? '',
    ]),
  );
}

/** What was given, by vaccine and day. */
export function dosesOf(papers: Papers): Immunization[] {
  const places = new Map([...systemWords(VACCINE_SYSTEM).keys()].map((code, n) => [code, n]));
  const placeIn = ({ vaccineCode }: Immunization) => places.get(vaccineCodeOf(vaccineCode) ?? '') ?? places.size;
  return papers
    .of('Immunization')
    .filter(({ status }) => status === 'completed')
    .toSorted((a, b) => placeIn(a) - placeIn(b) || (dateOf(a) ?? '~').localeCompare(dateOf(b) ?? '~'));
}

export const dateOf = ({ occurrenceDateTime, occurrenceString }: Immunization): string | undefined =>
  occurrenceDateTime ?? occurrenceString;

/** The vaccine, and the product where the record names that too. */
export function productWords(dose: Immunization, language: Language): string {
  const code = vaccineCodeOf(dose.vaccineCode);
  const written = conceptWords(dose.vaccineCode, language);
  const number = dose.protocolApplied?.flatMap(({ doseNumberPositiveInt, doseNumberString }) => {
    return doseNumberPositiveInt?.toString() ?? doseNumberString ?? [];
  })[0];
  const name = code === undefined ? (written ?? '') : vaccineName(code)[language];
  const product = dose.vaccineCode?.text;
  const nth = number === undefined ? '' : sayIn(language)(` ${number}回目`, `, dose ${number}`);
  return `${name}${nth}${product !== undefined && product !== name ? `\n${product}` : ''}`;
}

export function makerAndLot({ manufacturer, lotNumber }: Immunization, papers: Papers): string {
  return [papers.nameOf(manufacturer), lotNumber].filter(Boolean).join('\n');
}

/** The places and people that gave it, as far as the record names them. */
export function placeOf({ performer = [], location }: Immunization, papers: Papers): string {
  const names = [...performer.map(({ actor }) => papers.nameOf(actor)), papers.nameOf(location)];
  return [...new Set(names.filter(Boolean))].join('\n');
}
