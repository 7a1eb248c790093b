// The tables of fields of the municipal files, for their pages.

import type { SourceFormat } from '../fields.ts';
import { birthColumns } from './birth-columns.ts';
import { checkupColumns } from './checkup-columns.ts';
import { fieldsOf } from './column.ts';
import { vaccinationColumns } from './vaccination-columns.ts';

const LAYOUT = `A CSV file with a header row of Japanese headings or machine names, in any order. No national CSV layout is public
for these records: the item names are those of the standardised municipal health-management systems, the layout is Tsumugi’s own.`;

export const municipalityBirthFields: SourceFormat = {
  id: 'municipality-births',
  title: '出生 Municipal birth list (CSV)',
  source: LAYOUT,
  fields: fieldsOf(birthColumns),
};

export const municipalityVaccinationFields: SourceFormat = {
  id: 'municipality-vaccinations',
  title: '予防接種台帳 Municipal vaccination ledger (CSV)',
  source: LAYOUT,
  fields: fieldsOf(vaccinationColumns),
};

export const municipalityCheckupFields: SourceFormat = {
  id: 'municipality-checkups',
  title: '健診 Municipal check-ups of mothers, infants and their teeth (CSV)',
  source: LAYOUT,
  fields: fieldsOf(checkupColumns),
};
