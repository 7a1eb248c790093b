// What becomes of every field of phr-import/1. The tables are also what the mapping knows: a field that is not in them is said
// to be kept only in the original.

import type { SourceField, SourceFormat } from '../fields.ts';

const SOURCE =
  'phr-import/1, Tsumugi’s own form of what MyNa Portal and municipal ledgers show (their schemas are not public)';

const notThePersons = 'The family keeps the Patient; a file never changes it';

const to = (at: string, name: string, ...paths: string[]): SourceField => ({ at, name, to: paths });
const kept = (at: string, name: string, why: string): SourceField => ({ at, name, kept: why });
const dropped = (at: string, name: string, why: string): SourceField => ({ at, name, dropped: why });

/** Beside any list: what kind of file it is. */
const envelope: SourceField[] = [
  kept('format', 'Format (phr-import/1)', 'It says how to read the file'),
  kept('kind', 'Kind of the file', 'It says how to read the file'),
  to('exportedAt', 'When the source made the file', 'the time of the message; the later one stands'),
];

/** A row of a ledger. 7.4 of the PMH conventions: historyKey, isDeleted. */
const ledgerRow = (row: string): SourceField[] => [
  to(`${row}.municipalityCode`, 'Municipality, 6 digits (市区町村コード)', 'identifier'),
  to(`${row}.historyKey`, 'Key of the row in the ledger (履歴番号)', 'identifier'),
  to(`${row}.isDeleted`, 'Withdrawn at the source (削除)', 'status'),
];

const place = (row: string, path: string): SourceField[] => [
  to(`${row}.institutionCode`, 'Institution, 10 digits (実施機関コード)', `${path}.identifier`),
  to(`${row}.institutionName`, 'Institution (実施機関名)', `${path}.display`),
];

export const vaccinationFields: SourceFormat = {
  id: 'myna-vaccination',
  title: 'Vaccinations of a ledger (vaccination-json)',
  source: SOURCE,
  fields: [
    ...envelope,
    to('records[].vaccineKindCode', 'Kind of vaccine (接種種類コード)', 'Immunization.vaccineCode.coding'),
    to('records[].vaccineName', 'Name of the vaccine (ワクチン名)', 'Immunization.vaccineCode'),
    to('records[].dose', 'Number of the dose (回数)', 'Immunization.protocolApplied.doseNumberPositiveInt'),
    to('records[].branch', 'Branch of the dose number (枝番)', 'Immunization.note'),
    to('records[].date', 'Day (実施日)', 'Immunization.occurrenceDateTime'),
    to('records[].category', 'Routine or voluntary (法定区分)', 'Immunization.programEligibility'),
    to('records[].implementationClass', 'How it was carried out (実施区分)', 'Immunization.note'),
    to('records[].lotNumber', 'Lot (ロット番号)', 'Immunization.lotNumber'),
    to('records[].doseQuantity', 'Amount (接種量)', 'Immunization.doseQuantity.value'),
    to('records[].doseUnit', 'Unit of the amount, mL unless given', 'Immunization.doseQuantity.unit'),
    to('records[].manufacturer', 'Maker (メーカー)', 'Immunization.manufacturer.display'),
    ...place('records[]', 'Immunization.performer.actor'),
    to('records[].venue', 'Venue (会場)', 'Immunization.location.display'),
    to('records[].physician', 'Doctor (医師)', 'Immunization.performer.actor.display'),
    to('records[].specialReason', 'Special reason for a late routine dose (特別の事情)', 'Immunization.note'),
    ...ledgerRow('records[]'),
    dropped(
      'records[].addressNumber',
      'Number of the resident (宛名番号)',
      'It tells a municipality’s residents apart; a record of one person has no use for it',
    ),
    kept('records[].ticketNumber', 'Number of the slip (接種券番号)', 'It is of use to the municipality alone'),
  ],
};

const observed = (row: string, name: string, japanese: string): SourceField =>
  to(`${row}.${name}`, japanese, 'Observation.value[x]');

export const mchFields: SourceFormat = {
  id: 'myna-mch',
  title: 'Check-ups of mother and child (mch-json)',
  source: SOURCE,
  fields: [
    ...envelope,
    to(
      'pregnancyVisits[].visitDate',
      'Day of the visit (受診日)',
      'Encounter.period',
      'Observation.effectiveDateTime',
      'DiagnosticReport.effectiveDateTime',
    ),
    observed('pregnancyVisits[]', 'gestationalWeek', 'Week of pregnancy (妊娠週数)'),
    observed('pregnancyVisits[]', 'gestationalDay', 'Day of the week of pregnancy'),
    observed('pregnancyVisits[]', 'weightKg', 'Weight (体重)'),
    observed('pregnancyVisits[]', 'prePregnancyWeightKg', 'Weight before pregnancy (非妊時体重)'),
    observed('pregnancyVisits[]', 'heightCm', 'Height (身長)'),
    observed('pregnancyVisits[]', 'fundalHeightCm', 'Fundal height (子宮底長)'),
    observed('pregnancyVisits[]', 'abdominalGirthCm', 'Abdominal girth (腹囲)'),
    to('pregnancyVisits[].systolic', 'Systolic blood pressure (収縮期血圧)', 'Observation.component'),
    to('pregnancyVisits[].diastolic', 'Diastolic blood pressure (拡張期血圧)', 'Observation.component'),
    observed('pregnancyVisits[]', 'edema', 'Oedema (浮腫)'),
    observed('pregnancyVisits[]', 'urineProtein', 'Urine protein (尿蛋白)'),
    observed('pregnancyVisits[]', 'urineSugar', 'Urine sugar (尿糖)'),
    ...[
      'abo',
      'rh',
      'irregularAntibodies',
      'haemoglobin',
      'hematocrit',
      'platelets',
      'glucose',
      'hbsAntigen',
      'hcvAntibody',
      'rubellaAntibody',
      'htlv1',
      'cervicalScreening',
    ].flatMap((name) => [
      observed('pregnancyVisits[]', `tests.${name}`, `Test: ${name}`),
      observed('pregnancyVisits[]', `tests.${name}.value`, `Test: ${name}, value`),
      to(`pregnancyVisits[].tests.${name}.unit`, `Test: ${name}, unit`, 'Observation.valueQuantity.unit'),
    ]),
    ...['hypertensiveDisorder', 'gestationalDiabetes'].map((name) =>
      observed('pregnancyVisits[]', name, `${name} (none or present)`),
    ),
    ...['untreatedCaries', 'calculus', 'gumInflammation'].map((name) =>
      observed('pregnancyVisits[]', `dental.${name}`, `Dental check-up: ${name}`),
    ),
    kept('pregnancyVisits[].dental.gestationalWeek', 'Dental check-up: week', 'The visit has its own day and week'),
    to('pregnancyVisits[].judgement', 'Judgement (判定)', 'DiagnosticReport.conclusionCode'),
    ...place('pregnancyVisits[]', 'DiagnosticReport.performer'),
    ...ledgerRow('pregnancyVisits[]'),
    to(
      'delivery.deliveredAt',
      'Day or time of the delivery (分娩日時)',
      'Procedure.performedDateTime',
      'Observation.effectiveDateTime',
    ),
    observed('delivery', 'gestationWeeks', 'Gestation at birth, weeks (妊娠期間), to the child’s record'),
    observed('delivery', 'gestationDays', 'Gestation at birth, days'),
    to('delivery.course', 'Course (分娩の経過)', 'Procedure.note'),
    to('delivery.method', 'Method (分娩の方法)', 'Procedure.code', 'Observation.valueCodeableConcept'),
    observed('delivery', 'durationHours', 'Duration (分娩所要時間)'),
    observed('delivery', 'bloodLossMl', 'Blood loss (出血量)'),
    observed('delivery', 'transfusion', 'Transfusion (輸血)'),
    ...place('delivery', 'Procedure.performer.actor'),
    ...ledgerRow('delivery'),
    kept('newborn.sex', 'Sex (性別)', notThePersons),
    to('newborn.birthDate', 'Day of birth, where delivery.deliveredAt is not given', 'Observation.effectiveDateTime'),
    observed('newborn', 'plurality', 'Number of children born (出産児数)'),
    observed('newborn', 'birthWeightG', 'Birth weight (出生体重)'),
    observed('newborn', 'birthLengthCm', 'Birth length (出生身長)'),
    observed('newborn', 'headCm', 'Head circumference at birth (頭囲)'),
    observed('newborn', 'chestCm', 'Chest circumference at birth (胸囲)'),
    observed('newborn', 'apgar1', 'Apgar score after 1 minute'),
    observed('newborn', 'apgar5', 'Apgar score after 5 minutes'),
    to('newborn.hearing.method', 'Hearing screening: method (AABR, OAE)', 'Observation.method'),
    to('newborn.hearing.right', 'Hearing screening: right ear', 'Observation.component'),
    to('newborn.hearing.left', 'Hearing screening: left ear', 'Observation.component'),
    to('newborn.hearing.testedOn', 'Hearing screening: day', 'Observation.effectiveDateTime'),
    to(
      'newborn.massScreening.collectedOn',
      'Mass screening: day of the blood (採血日)',
      'Observation.effectiveDateTime',
    ),
    observed('newborn', 'massScreening.result', 'Mass screening: result'),
    ...ledgerRow('newborn'),
    to('infantCheckups[].type', 'Which check-up (健診の種類)', 'DiagnosticReport.code', 'Encounter.type'),
    to(
      'infantCheckups[].date',
      'Day (受診日)',
      'Encounter.period',
      'Observation.effectiveDateTime',
      'DiagnosticReport.effectiveDateTime',
    ),
    kept('infantCheckups[].ageMonths', 'Age in months (月齢)', 'It follows from the birth date, which the Patient has'),
    observed('infantCheckups[]', 'heightCm', 'Height (身長)'),
    observed('infantCheckups[]', 'weightKg', 'Weight (体重)'),
    observed('infantCheckups[]', 'headCm', 'Head circumference (頭囲)'),
    observed('infantCheckups[]', 'chestCm', 'Chest circumference (胸囲)'),
    observed('infantCheckups[]', 'urineProtein', 'Urine protein (尿蛋白)'),
    observed('infantCheckups[]', 'urineSugar', 'Urine sugar (尿糖)'),
    observed('infantCheckups[]', 'urineBlood', 'Blood in urine (尿潜血)'),
    to('infantCheckups[].findings[].system', 'What was looked at (診察項目)', 'Observation.code'),
    observed('infantCheckups[]', 'findings[].result', 'Result (所見)'),
    to('infantCheckups[].findings[].text', 'What was found (所見の内容)', 'Observation.note'),
    to('infantCheckups[].judgement', 'Judgement (総合判定)', 'DiagnosticReport.conclusionCode'),
    to(
      'infantCheckups[].detailedExamDate',
      'Day of the detailed examination (精密検査日)',
      'DiagnosticReport.conclusion',
    ),
    to('infantCheckups[].questionnaire[].itemId', 'Question (問診項目)', 'QuestionnaireResponse.item.linkId'),
    to('infantCheckups[].questionnaire[].text', 'Words of the question', 'QuestionnaireResponse.item.text'),
    to('infantCheckups[].questionnaire[].answer', 'Answer (回答)', 'QuestionnaireResponse.item.answer'),
    kept('infantCheckups[].fiscalYear', 'Fiscal year (年度)', 'It follows from the day'),
    kept('infantCheckups[].insuredNumber', 'Insured number (被保険者番号)', notThePersons),
    ...place('infantCheckups[]', 'DiagnosticReport.performer'),
    ...ledgerRow('infantCheckups[]'),
  ],
};

export const drugFields: SourceFormat = {
  id: 'myna-drug',
  title: 'Dispensed drugs (drug-xml, drug-csv)',
  source: SOURCE,
  fields: [
    ...envelope,
    to('items[].prescribedOn', 'Day of the prescription (処方日)', 'MedicationRequest.authoredOn'),
    to('items[].dispensedOn', 'Day or month of dispensing (調剤日)', 'MedicationDispense.whenHandedOver'),
    to('items[].institutionCode', 'Prescribing institution, 10 digits', 'MedicationRequest.requester.identifier'),
    to('items[].institutionName', 'Prescribing institution (医療機関名)', 'MedicationRequest.requester.display'),
    to('items[].pharmacyName', 'Pharmacy (薬局名)', 'MedicationDispense.performer.actor.display'),
    to(
      'items[].drugCodeKind',
      'Kind of the code (receipt, YJ, HOT, none)',
      'MedicationDispense.medicationCodeableConcept.coding.system',
    ),
    to('items[].drugCode', 'Code of the drug (薬品コード)', 'MedicationDispense.medicationCodeableConcept.coding.code'),
    to('items[].drugName', 'Name of the drug (薬品名)', 'MedicationDispense.medicationCodeableConcept.text'),
    to('items[].genericName', 'Generic name (一般名)', 'MedicationDispense.note'),
    to('items[].amount', 'Amount dispensed in all (数量)', 'MedicationDispense.quantity.value'),
    to('items[].unit', 'Unit of the amount (単位)', 'MedicationDispense.quantity.unit'),
    to('items[].days', 'For how many days (日数)', 'MedicationDispense.daysSupply'),
    to('items[].usageText', 'Usage (用法)', 'MedicationDispense.dosageInstruction.text'),
    to('items[].usageCode', 'Usage, JAMI code of 16 digits', 'MedicationDispense.dosageInstruction.timing.code'),
    to('items[].historyKey', 'Key of the row at the source', 'MedicationDispense.identifier'),
    to('items[].isDeleted', 'Withdrawn at the source', 'MedicationDispense.status'),
  ],
};

export const manifestFields: SourceFormat = {
  id: 'myna-manifest',
  title: 'The manifest of an export (manifest.json)',
  source: SOURCE,
  fields: [
    kept('format', 'Format (phr-import/1)', 'It says how to read the files'),
    to('exportedAt', 'When the export was made', 'the time of each message; the later one stands'),
    kept('source', 'Who made it (mynaportal, municipality, …)', 'The Provenance names who delivered it'),
    ...['nameIDE', 'nameSYL', 'birthDate', 'sex'].map((name) =>
      dropped(
        `subject.${name}`,
        `Person: ${name}`,
        'A person is named by who imports, never chosen by name or birth date',
      ),
    ),
    to('consent.scope[]', 'What the person agreed to hand over', 'whether sensitive items are taken'),
    kept('consent.grantedAt', 'Since when', 'It concerns the source’s own consent'),
    to('consent.expiresAt', 'Until when', 'whether sensitive items are taken'),
    kept('files[].path', 'A file', 'It says what to read'),
    kept('files[].kind', 'Its kind', 'It says how to read it'),
    kept('files[].sha256', 'Its digest', 'The file is refused when it is another'),
  ],
};
