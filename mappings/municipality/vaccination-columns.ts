// The columns of a municipal vaccination ledger. Their names are those of vaccination records in the standardised municipal
// health-management systems; no national CSV layout of them is public, so the layout (a header row with these names) is ours.

import type { Column } from './column.ts';

export const vaccinationColumns = [
  {
    key: 'childId',
    ja: '対象者番号',
    en: 'Number of the person vaccinated, in the municipality’s system of numbers for this record',
    required: true,
    to: ['Immunization.patient'],
  },
  {
    key: 'historyKey',
    ja: '履歴番号',
    en: 'Key of this dose in the ledger; the same when the dose is corrected or withdrawn',
    required: true,
    to: ['Immunization.identifier'],
  },
  {
    key: 'municipalityCode',
    ja: '市区町村コード',
    en: 'Municipality code, 6 digits; the ledger’s key is unique within it. May be given for the whole file instead',
    to: ['Immunization.identifier'],
  },
  { key: 'vaccineKindCode', ja: '接種種類コード', en: 'Kind of vaccination', to: ['Immunization.vaccineCode.coding'] },
  { key: 'vaccineNameCode', ja: 'ワクチン名コード', en: 'Vaccine, as a code', to: ['Immunization.vaccineCode.coding'] },
  {
    key: 'vaccineName',
    ja: 'ワクチン名',
    en: 'Vaccine, as a name',
    required: true,
    to: ['Immunization.vaccineCode.text', 'Immunization.vaccineCode.coding'],
  },
  {
    key: 'manufacturerCode',
    ja: 'メーカーコード',
    en: 'Manufacturer, as a code',
    to: ['Immunization.manufacturer.identifier'],
  },
  {
    key: 'manufacturerName',
    ja: 'メーカー名',
    en: 'Manufacturer, as a name',
    to: ['Immunization.manufacturer.display'],
  },
  { key: 'dose', ja: '回数', en: 'Number of the dose', to: ['Immunization.protocolApplied.doseNumber[x]'] },
  {
    key: 'branch',
    ja: '枝番',
    en: 'Branch of the dose number',
    kept: 'It tells two rows of one dose number apart in the ledger; the history key does so here.',
  },
  { key: 'date', ja: '実施日', en: 'Day of the vaccination', required: true, to: ['Immunization.occurrence[x]'] },
  {
    key: 'implementationClass',
    ja: '実施区分',
    en: 'How it was carried out: given, not given, postponed',
    to: ['Immunization.status', 'Immunization.statusReason'],
  },
  {
    key: 'vaccinationClass',
    ja: '接種区分',
    en: 'Individual or group vaccination',
    kept: 'It says how the session was organised, nothing about the dose.',
  },
  {
    key: 'legalClass',
    ja: '法定区分',
    en: 'Routine (category A or B), temporary or voluntary',
    to: ['Immunization.programEligibility'],
  },
  { key: 'lotNumber', ja: 'ロット番号', en: 'Lot number', to: ['Immunization.lotNumber'] },
  { key: 'doseQuantity', ja: '接種量', en: 'Amount in mL', to: ['Immunization.doseQuantity'] },
  {
    key: 'institutionCode',
    ja: '実施機関コード',
    en: 'Institution, 10 digits',
    to: ['Immunization.performer.actor.identifier'],
  },
  { key: 'institutionName', ja: '実施機関名', en: 'Institution', to: ['Immunization.performer.actor.display'] },
  { key: 'venue', ja: '会場', en: 'Venue', to: ['Immunization.location.display'] },
  { key: 'physician', ja: '医師', en: 'Physician', to: ['Immunization.performer.actor.display'] },
  {
    key: 'specialReason',
    ja: '特別の事情',
    en: 'Special reason for a late routine dose',
    to: ['Immunization.note.text'],
  },
  {
    key: 'voucherNumber',
    ja: '接種券番号',
    en: 'Voucher number',
    kept: 'It is good for billing this one vaccination; nothing in a record of health asks for it.',
  },
  {
    key: 'addressNumber',
    ja: '宛名番号',
    en: 'Address number',
    dropped:
      'The municipality’s internal number of a resident joins all its systems and must not leave it; it is blanked in the kept row.',
  },
  { key: 'deleted', ja: '削除フラグ', en: 'Withdrawn: 1', to: ['Immunization.status'] },
  {
    key: 'updatedAt',
    ja: '更新日時',
    en: 'When the row was last changed in the ledger; decides which of two rows of one dose stands',
    to: ['Provenance.occurred[x]'],
  },
] as const satisfies readonly Column[];

export type VaccinationKey = (typeof vaccinationColumns)[number]['key'];
