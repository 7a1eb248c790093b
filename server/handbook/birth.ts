// The birth and the first examinations: weight and length at birth, how it went, Apgar scores, newborn screening. The paper
// handbook's pages 出産の状態 and 検査の記録.

import type { Booklet } from './booklet.ts';
import { isIn } from './code-words.ts';
import type { Papers } from './papers.ts';
import { byTime, nothing, sayIn, tableOf, writer } from './part.ts';
import { codesOf, conceptWords, dayWords, findingWords, observedAt, shortDay } from './words.ts';

/** Of the body measures those that are taken at birth. LOINC and JP Core. */
const AT_BIRTH = [
  'http://loinc.org|8339-4',
  'http://loinc.org|89269-5',
  'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS|31002900',
];

export async function birthPart(booklet: Booklet, papers: Papers, mother: Papers | undefined): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  const { patient } = papers;
  const own = byTime(papers.of('Observation'));
  const isAtBirth = (codes: readonly string[]) =>
    isIn('birth-fact', codes) || codes.some((code) => AT_BIRTH.includes(code));
  const facts = own.filter((one) => isAtBirth(codesOf(one)));
  const born = patient.birthDate ?? '~';
  const hers = byTime(mother?.of('Observation') ?? []).filter(
    (one) => isIn('birth-fact', codesOf(one)) && (observedAt(one) ?? '').slice(0, 10) === born,
  );
  const place = patient.extension?.find(({ url }) => url === BIRTH_PLACE)?.valueAddress;
  booklet.heading(say('出産の状態', 'Birth'));
  booklet.facts([
    [say('生年月日', 'Date of birth'), patient.birthDate && dayWords(patient.birthDate, language)],
    [say('出生地', 'Place of birth'), place && (place.text ?? [place.state, place.city].filter(Boolean).join(' '))],
    ...[...facts, ...hers].map((one) => [conceptWords(one.code, language) ?? '', findingWords(one, language)] as const),
  ]);
  if (facts.length + hers.length === 0)
    booklet.paragraph(say('出生時の計測や経過の記録はありません。', 'Nothing is recorded of how the birth went.'));
  booklet.heading(say('新生児の検査', 'Newborn screening'), { level: 2 });
  const screened = own.filter((one) => isIn('newborn-screening', codesOf(one)));
  if (screened.length === 0) nothing(booklet);
  else
    await tableOf(
      booklet,
      [
        { title: say('日', 'Date'), width: 0.16 },
        { title: say('検査', 'Test'), width: 0.24 },
        { title: say('結果', 'Result'), width: 0.4 },
        { title: say('記録した人', 'Written by'), width: 0.2 },
      ],
      screened.map((one) => [
        shortDay(observedAt(one), language),
        [conceptWords(one.code, language), conceptWords(one.method, language)].filter(Boolean).join('　'),
        findingWords(one, language),
        writer(booklet, papers, one),
      ]),
    );
}

const BIRTH_PLACE = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';
