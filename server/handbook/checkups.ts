// The check-ups of infants and children, each stage with its findings and what was judged, and the dental findings. What is not
// part of a report is shown by day, so that nothing is lost.

import type { DiagnosticReport, Observation } from '@medplum/fhirtypes';
import { localReference } from '../fhir/references.ts';
import type { Booklet } from './booklet.ts';
import { isIn, type ObservedSet } from './code-words.ts';
import type { Papers } from './papers.ts';
import { byTime, nothing, sayIn, tableOf, writer } from './part.ts';
import { days } from './pregnancy.ts';
import { ageAt, codesOf, conceptWords, dayWords, findingWords, observedAt, shortDay } from './words.ts';

export async function checkupsPart(booklet: Booklet, papers: Papers): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  const observations = new Map(papers.of('Observation').map((one) => [one.id, one]));
  const reports = papers.of('DiagnosticReport').toSorted((a, b) => dateOf(a).localeCompare(dateOf(b)));
  booklet.heading(say('乳幼児健康診査', 'Check-ups'), { onNewPage: true });
  const told = new Set<string | undefined>();
  for (const report of reports) {
    const results = (report.result ?? []).flatMap(({ reference = '' }) => {
      const observation = observations.get(localReference(reference)?.id);
      if (observation) told.add(observation.id);
      return observation ?? [];
    });
    await showReport(booklet, papers, report, results);
  }
  const rest = byTime(papers.of('Observation')).filter(
    (one) => !told.has(one.id) && isIn('infant-checkup-item', codesOf(one)),
  );
  if (reports.length + rest.length === 0) nothing(booklet);
  if (rest.length === 0) return;
  booklet.heading(say('そのほかの健診の項目', 'Other findings of check-ups'), { level: 2 });
  await byDay(booklet, papers, rest);
}

async function showReport(
  booklet: Booklet,
  papers: Papers,
  report: DiagnosticReport,
  results: readonly Observation[],
): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  const date = dateOf(report);
  booklet.heading(`${conceptWords(report.code, language) ?? say('健診', 'Check-up')}`, { level: 2 });
  booklet.facts([
    [say('日', 'Date'), date && dayWords(date, language)],
    [say('年齢', 'Age'), ageAt(papers.patient.birthDate, date, language)],
    [say('実施した所', 'Done by'), report.performer?.flatMap((one) => papers.nameOf(one) ?? []).join(say('、', ', '))],
    [say('判定', 'Judged'), report.conclusionCode?.flatMap((one) => conceptWords(one, language) ?? []).join(' ')],
    [say('まとめ', 'Summary'), report.conclusion],
    [say('記録した人', 'Written by'), writer(booklet, papers, report)],
  ]);
  if (results.length === 0) return;
  await tableOf(
    booklet,
    [
      { title: say('項目', 'Item'), width: 0.4 },
      { title: say('結果', 'Finding'), width: 0.6 },
    ],
    results.map((one) => [conceptWords(one.code, language) ?? '', findingWords(one, language)]),
  );
}

const dateOf = ({ effectiveDateTime, effectivePeriod, issued }: DiagnosticReport): string =>
  effectiveDateTime ?? effectivePeriod?.start ?? issued ?? '';

export async function dentalPart(booklet: Booklet, papers: Papers): Promise<void> {
  booklet.heading(sayIn(booklet.language)('歯の記録', 'Teeth'));
  const found = byTime(papers.of('Observation')).filter((one) => isIn('dental-item', codesOf(one)));
  if (found.length === 0) nothing(booklet);
  else await byDay(booklet, papers, found);
}

async function byDay(booklet: Booklet, papers: Papers, observations: readonly Observation[]): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.15 },
      { title: say('年齢', 'Age'), width: 0.13 },
      { title: say('結果', 'Findings'), width: 0.52 },
      { title: say('記録した人', 'Written by'), width: 0.2 },
    ],
    days(observations).map(([day, of]) => [
      shortDay(day, language),
      ageAt(papers.patient.birthDate, day, language) ?? '',
      of.map((one) => `${conceptWords(one.code, language)} ${findingWords(one, language)}`).join(say('、', '; ')),
      [...new Set(of.map((one) => writer(booklet, papers, one)))].join(say('、', ', ')),
    ]),
  );
}

const SHOWN_ELSEWHERE: readonly ObservedSet[] = [
  'birth-fact',
  'body-measurement',
  'dental-item',
  'infant-checkup-item',
  'newborn-screening',
];
const OF_PREGNANCY: readonly ObservedSet[] = ['pregnancy-checkup-item', 'pregnancy-dating', 'maternal-laboratory-test'];

/** Whatever else was measured or asked. */
export async function otherFindingsPart(booklet: Booklet, papers: Papers): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  const reported = new Set(
    papers
      .of('DiagnosticReport')
      .flatMap(({ result = [] }) => result.map(({ reference = '' }) => localReference(reference)?.id)),
  );
  const rest = byTime(papers.of('Observation')).filter(
    (one) => ![...SHOWN_ELSEWHERE, ...OF_PREGNANCY].some((set) => isIn(set, codesOf(one))) && !reported.has(one.id),
  );
  booklet.heading(say('そのほかの測定と検査', 'Other measurements and tests'));
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.16 },
      { title: say('項目', 'Item'), width: 0.3 },
      { title: say('結果', 'Result'), width: 0.34 },
      { title: say('記録した人', 'Written by'), width: 0.2 },
    ],
    rest.map((one) => [
      shortDay(observedAt(one), language),
      conceptWords(one.code, language) ?? '',
      findingWords(one, language),
      writer(booklet, papers, one),
    ]),
  );
}
