// Allergies, illnesses, medicines and visits to the doctor.

import type { MedicationDispense, MedicationRequest, MedicationStatement } from '@medplum/fhirtypes';
import type { Language } from '../fhir/outcome.ts';
import type { Booklet } from './booklet.ts';
import type { Papers } from './papers.ts';
import { sayIn, tableOf, writer } from './part.ts';
import { conceptWords, periodWords, quantityWords, shortDay } from './words.ts';

export async function healthPart(booklet: Booklet, papers: Papers): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  const writtenBy = { title: say('記録した人', 'Written by'), width: 0.2 };
  booklet.heading(say('アレルギー', 'Allergies'));
  await tableOf(
    booklet,
    [
      { title: say('原因', 'To what'), width: 0.3 },
      { title: say('症状', 'Reaction'), width: 0.28 },
      { title: say('状態・時期', 'State, since'), width: 0.22 },
      writtenBy,
    ],
    papers.of('AllergyIntolerance').map((one) => [
      conceptWords(one.code, language) ?? '',
      (one.reaction ?? [])
        .flatMap(({ manifestation, description }) => [
          ...manifestation.map((what) => conceptWords(what, language)),
          description,
        ])
        .filter(Boolean)
        .join(say('、', ', ')),
      [
        conceptWords(one.clinicalStatus, language),
        conceptWords(one.verificationStatus, language),
        shortDay(one.onsetDateTime ?? one.recordedDate, language),
      ]
        .filter(Boolean)
        .join('\n'),
      writer(booklet, papers, one),
    ]),
  );
  booklet.heading(say('病気とけが', 'Illnesses and injuries'));
  await tableOf(
    booklet,
    [
      { title: say('病名', 'What'), width: 0.38 },
      { title: say('時期', 'When'), width: 0.24 },
      { title: say('状態', 'State'), width: 0.18 },
      writtenBy,
    ],
    papers
      .of('Condition')
      .map((one) => ({ one, from: one.onsetDateTime ?? one.onsetPeriod?.start ?? one.recordedDate }))
      .toSorted((a, b) => (a.from ?? '~').localeCompare(b.from ?? '~'))
      .map(({ one, from }) => [
        [conceptWords(one.code, language), ...(one.note ?? []).map(({ text }) => text)].filter(Boolean).join('\n'),
        periodWords(
          { ...(from && { start: from }), ...(one.abatementDateTime && { end: one.abatementDateTime }) },
          language,
        ) ?? '',
        [conceptWords(one.clinicalStatus, language), conceptWords(one.verificationStatus, language)]
          .filter(Boolean)
          .join('\n'),
        writer(booklet, papers, one),
      ]),
  );
  booklet.heading(say('薬', 'Medicines'));
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.15 },
      { title: say('薬', 'Medicine'), width: 0.3 },
      { title: say('用法・量', 'Use, amount'), width: 0.35 },
      writtenBy,
    ],
    medicines(papers, language).map(({ date, what, use, of }) => [
      shortDay(date, language),
      what,
      use,
      writer(booklet, papers, of),
    ]),
  );
  booklet.heading(say('受診の記録', 'Visits'));
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.22 },
      { title: say('科・理由', 'Department, reason'), width: 0.34 },
      { title: say('場所', 'Where'), width: 0.24 },
      writtenBy,
    ],
    papers
      .of('Encounter')
      .toSorted((a, b) => (a.period?.start ?? '~').localeCompare(b.period?.start ?? '~'))
      .map((one) => [
        periodWords(one.period, language) ?? '',
        [one.serviceType, ...(one.type ?? []), ...(one.reasonCode ?? [])]
          .map((what) => conceptWords(what, language))
          .filter(Boolean)
          .join('\n'),
        papers.nameOf(one.serviceProvider) ?? '',
        writer(booklet, papers, one),
      ]),
  );
}

type Medicine = MedicationDispense | MedicationRequest | MedicationStatement;
type Row = { date: string | undefined; what: string; use: string; of: Medicine };

/** What was prescribed, handed over or taken, by day. */
function medicines(papers: Papers, language: Language): Row[] {
  const say = sayIn(language);
  const rows: Row[] = [
    ...papers.of('MedicationRequest').map((of) => ({
      date: of.authoredOn,
      what: nameOf(of, papers, language),
      use: [say('処方', 'prescribed'), ...(of.dosageInstruction ?? []).map(({ text }) => text)],
      of,
    })),
    ...papers.of('MedicationDispense').map((of) => ({
      date: of.whenHandedOver ?? of.whenPrepared,
      what: nameOf(of, papers, language),
      use: [
        say('調剤', 'dispensed'),
        ...(of.dosageInstruction ?? []).map(({ text }) => text),
        quantityWords(of.quantity),
        ...(of.performer ?? []).map(({ actor }) => papers.nameOf(actor)),
      ],
      of,
    })),
    ...papers.of('MedicationStatement').map((of) => ({
      date: of.effectiveDateTime ?? of.effectivePeriod?.start ?? of.dateAsserted,
      what: nameOf(of, papers, language),
      use: [
        say('使用', 'taken'),
        periodWords(of.effectivePeriod, language),
        ...(of.dosage ?? []).map(({ text }) => text),
      ],
      of,
    })),
  ].map(({ use, ...row }) => ({ ...row, use: use.filter(Boolean).join('\n') }));
  return rows.toSorted((a, b) => (a.date ?? '~').localeCompare(b.date ?? '~'));
}

const nameOf = ({ medicationCodeableConcept, medicationReference }: Medicine, papers: Papers, language: Language) =>
  conceptWords(medicationCodeableConcept, language) ?? papers.nameOf(medicationReference) ?? '';
