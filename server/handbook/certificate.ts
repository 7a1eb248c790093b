// The vaccinations of a record as a certificate in English, in the shape of the International Certificate of Vaccination or
// Prophylaxis (International Health Regulations 2005, annex 6), which it says not to be: that one a designated centre issues.

import type { Access } from '../access/access.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { GENDERS, nameOf, unshownPart } from './about.ts';
import type { Passport } from './asked.ts';
import { openBooklet } from './booklet.ts';
import type { HandbookFhir } from './handbook.ts';
import { papersOf } from './papers.ts';
import { nothing, writer } from './part.ts';
import { pdfBytes } from './pdf-bytes.ts';
import { dateOf, dosesOf, makerAndLot, placeOf, productWords } from './vaccinations.ts';
import { dayWords, quantityWords } from './words.ts';

/** The caller has checked that this patient may be read, and left the audit row. */
export async function* certificateBytes(
  fhir: HandbookFhir,
  access: Access,
  patient: string,
  passport: Passport,
): AsyncGenerator<Uint8Array> {
  const papers = await papersOf(fhir, access, patient, ['Immunization']);
  if (papers === undefined) return;
  const madeMs = fhir.nowMs();
  const title = 'Record of vaccinations';
  const booklet = openBooklet({ language: 'en', title, madeMs, footer: `${title} · not an official ICVP` });
  yield* pdfBytes(booklet, async () => {
    booklet.heading(title);
    booklet.paragraph(NOT_OFFICIAL, { size: 9, weight: 'bold' });
    const { birthDate, gender } = papers.patient;
    booklet.facts([
      ['Name', nameOf(papers, 'en')],
      ['Name as in passport', passport.name && `${passport.name} (as given by who asked for this print)`],
      ['Date of birth', birthDate && dayWords(birthDate, 'en')],
      ['Sex', GENDERS[gender ?? '']?.en],
      ['Passport number', passport.number && `${passport.number} (as given by who asked for this print)`],
    ]);
    const doses = dosesOf(papers);
    if (doses.length === 0) nothing(booklet);
    else
      await booklet.table(
        [
          { title: 'Vaccine or prophylaxis', width: 0.29 },
          { title: 'Date', width: 0.13 },
          { title: 'Manufacturer and batch no.', width: 0.19 },
          { title: 'Administering centre, clinician', width: 0.23 },
          { title: 'Written by', width: 0.16 },
        ],
        doses.map((dose) => [
          [productWords(dose, 'en'), quantityWords(dose.doseQuantity)].filter(Boolean).join('\n'),
          dayWords(dateOf(dose), 'en'),
          makerAndLot(dose, papers),
          placeOf(dose, papers),
          writer(booklet, papers, dose),
        ]),
      );
    if (papers.hidden.length > 0 || papers.narrowed)
      booklet.paragraph('Only what who asked for this print has a right to see is shown; there may be more.');
    booklet.paragraph(
      `Made on ${dayWords(todayInJapan(madeMs), 'en')} from the record at ${fhir.base}. “Family or unnamed”: no organization stands for the entry.`,
      { size: 8 },
    );
    booklet.heading('Confirmed by', { level: 3 });
    for (const line of ['Clinician, signature', 'Date', 'Stamp of the centre']) booklet.blank(line);
    unshownPart(booklet, booklet.sheet.unshown);
  });
}

const NOT_OFFICIAL =
  'This is a print of a personal health record. It is not the International Certificate of Vaccination or Prophylaxis (ICVP), which ' +
  'only a designated centre issues and stamps, and does not replace it where a country requires one (yellow fever, poliomyelitis).';
