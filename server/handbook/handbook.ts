// The handbook of a child as a PDF, its parts in the order that families know from the paper 母子健康手帳; of one child or of several,
// one after the other.

import type { Access } from '../access/access.ts';
import type { Language } from '../fhir/outcome.ts';
import { parseDay } from '../forecast/days.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import type { Fhir } from '../interaction/request.ts';
import { coverPage, nameOf, sourcesPart, unshownPart } from './about.ts';
import { birthPart } from './birth.ts';
import { type Booklet, openBooklet } from './booklet.ts';
import { checkupsPart, dentalPart, otherFindingsPart } from './checkups.ts';
import { growthPart, type MeasuredOf } from './growth-part.ts';
import { healthPart } from './health.ts';
import { notesPart } from './notes.ts';
import { type Papers, papersOf } from './papers.ts';
import { sayIn } from './part.ts';
import { pdfBytes } from './pdf-bytes.ts';
import { pregnancyPart } from './pregnancy.ts';
import { vaccinationsPart } from './vaccinations.ts';

export type HandbookOf = {
  access: Access;
  language: Language;
  /** Whose; of several, one after the other. `mother`: the id of the mother's Patient, where the caller may read it. */
  of: readonly { patient: string; mother?: string | undefined }[];
};
export type HandbookFhir = Pick<Fhir, 'reader' | 'decisionsOf' | 'nowMs' | 'base'>;

/** The bytes of the PDF. The caller has checked that these patients may be read, and left the audit rows. */
export async function* handbookBytes(
  fhir: HandbookFhir,
  { access, language, of }: HandbookOf,
  measuredOf: MeasuredOf,
): AsyncGenerator<Uint8Array> {
  const [first] = of;
  const firstPapers = first && (await papersOf(fhir, access, first.patient));
  const madeMs = fhir.nowMs();
  const say = sayIn(language);
  const name = firstPapers && of.length === 1 ? nameOf(firstPapers, language) : undefined;
  const title = say('母子健康手帳の記録', 'Mother and child handbook') + (name ? say(`　${name}`, ` · ${name}`) : '');
  const booklet = openBooklet({ language, title, madeMs, footer: title });
  yield* pdfBytes(booklet, async () => {
    for (const [n, { patient, mother }] of of.entries()) {
      const papers = n === 0 ? firstPapers : await papersOf(fhir, access, patient);
      if (papers === undefined) continue;
      const hers = mother === undefined ? undefined : await papersOf(fhir, access, mother, OF_MOTHER);
      await writeOne(booklet, { fhir, papers, hers, measuredOf, madeMs, isFirst: n === 0 });
    }
    unshownPart(booklet, booklet.sheet.unshown);
  });
}

const OF_MOTHER = ['EpisodeOfCare', 'Observation'] as const;
/** From this age on a record is read as a mother's own. */
const ADULT_YEARS = 16;

type One = {
  fhir: HandbookFhir;
  papers: Papers;
  hers: Papers | undefined;
  measuredOf: MeasuredOf;
  madeMs: number;
  isFirst: boolean;
};

async function writeOne(booklet: Booklet, { fhir, papers, hers, measuredOf, madeMs, isFirst }: One): Promise<void> {
  const today = todayInJapan(madeMs);
  if (!isFirst) booklet.newPage();
  coverPage(booklet, papers);
  booklet.contentsHere();
  const { birthDate } = papers.patient;
  const isAdult = birthDate !== undefined && Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) >= ADULT_YEARS;
  const pregnancy = hers ?? (isAdult ? papers : undefined);
  const around = hers === undefined ? undefined : parseDay(birthDate ?? '');
  await pregnancyPart(booklet, { papers: pregnancy, around });
  await birthPart(booklet, papers, hers);
  await growthPart(booklet, papers, measuredOf, today);
  await checkupsPart(booklet, papers);
  await vaccinationsPart(booklet, papers);
  await dentalPart(booklet, papers);
  await healthPart(booklet, papers);
  await otherFindingsPart(booklet, papers);
  await notesPart(booklet, papers);
  sourcesPart(booklet, papers, { madeMs, base: fhir.base });
}
