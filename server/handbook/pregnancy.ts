// The pregnancy: its course and the check-ups by day, as the paper handbook has them on its first pages. From the record of the
// mother, as far as the caller may read that too.

import type { Observation } from '@medplum/fhirtypes';
import { parseDay } from '../forecast/days.ts';
import { japanDate } from '../forecast/facts/calendar-date.ts';
import type { Booklet } from './booklet.ts';
import { isIn } from './code-words.ts';
import type { Papers } from './papers.ts';
import { byTime, nothing, sayIn, tableOf, writer } from './part.ts';
import { codesOf, conceptWords, findingWords, observedAt, periodWords, shortDay } from './words.ts';

/** `around`: the day of birth (day number), where only the pregnancy that ended then is meant. */
export type PregnancyOf = { papers: Papers | undefined; around: number | undefined };

export async function pregnancyPart(booklet: Booklet, { papers, around }: PregnancyOf): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  booklet.heading(say('妊娠の経過', 'Pregnancy'), { onNewPage: true });
  if (papers === undefined) {
    booklet.paragraph(say('母の記録とつながっていません。', 'No record of the mother is joined to this one.'));
    return;
  }
  const isNear = (date: string | undefined) => isInPregnancy(date, around);
  const episodes = papers
    .of('EpisodeOfCare')
    .filter(({ period }) => around === undefined || isNear(period?.end) || isNear(period?.start));
  const observations = byTime(papers.of('Observation').filter((one) => isNear(observedAt(one))));
  const dated = observations.filter((one) => isIn('pregnancy-dating', codesOf(one)));
  const checked = observations.filter((one) => isOfCheckup(one));
  const laboratory = observations.filter((one) => isIn('maternal-laboratory-test', codesOf(one)));
  if (episodes.length + dated.length + checked.length + laboratory.length === 0) {
    nothing(booklet);
    return;
  }
  booklet.facts([
    ...episodes.map(
      ({ period, managingOrganization }) =>
        [
          say('妊娠の期間', 'Pregnancy'),
          [periodWords(period, language), papers.nameOf(managingOrganization)].filter(Boolean).join('　'),
        ] as const,
    ),
    ...dated.map((one) => [nameOf(one, language), findingWords(one, language)] as const),
  ]);
  booklet.heading(say('妊婦健康診査', 'Check-ups in pregnancy'), { level: 2 });
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.16 },
      { title: say('結果', 'Findings'), width: 0.62 },
      { title: say('記録した人', 'Written by'), width: 0.22 },
    ],
    days(checked).map(([day, of]) => [
      shortDay(day, language),
      of.map((one) => `${nameOf(one, language)} ${findingWords(one, language)}`).join(say('、', '; ')),
      [...new Set(of.map((one) => writer(booklet, papers, one)))].join(say('、', ', ')),
    ]),
  );
  booklet.heading(say('妊娠中の検査', 'Tests in pregnancy'), { level: 2 });
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.16 },
      { title: say('検査', 'Test'), width: 0.36 },
      { title: say('結果', 'Result'), width: 0.26 },
      { title: say('記録した人', 'Written by'), width: 0.22 },
    ],
    laboratory.map((one) => [
      shortDay(observedAt(one), language),
      nameOf(one, language),
      findingWords(one, language),
      writer(booklet, papers, one),
    ]),
  );
}

/** The longest pregnancies end with the 44th week; four weeks behind the birth belong to it. */
const BEFORE_DAYS = 308;
const AFTER_DAYS = 28;

function isInPregnancy(date: string | undefined, around: number | undefined): boolean {
  if (around === undefined) return true;
  const day = parseDay(japanDate(date ?? '') ?? '');
  return day !== undefined && day >= around - BEFORE_DAYS && day <= around + AFTER_DAYS;
}

const BLOOD_PRESSURE = 'http://loinc.org|85354-9';

function isOfCheckup(observation: Observation): boolean {
  const codes = codesOf(observation);
  return isIn('pregnancy-checkup-item', codes) || isIn('body-measurement', codes) || codes.includes(BLOOD_PRESSURE);
}

const nameOf = ({ code }: Observation, language: 'ja' | 'en'): string => conceptWords(code, language) ?? '';

/** By the day in Japan, in the order given. */
export function days(observations: readonly Observation[]): [day: string, of: Observation[]][] {
  const found = new Map<string, Observation[]>();
  for (const one of observations) {
    const day = japanDate(observedAt(one) ?? '') ?? '';
    const known = found.get(day) ?? [];
    known.push(one);
    found.set(day, known);
  }
  return [...found];
}
