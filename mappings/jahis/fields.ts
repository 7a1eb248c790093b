// The tables of fields of the two JAHIS formats, for their pages and for the check that no field of a sample is passed over.

import type { SourceFormat } from '../fields.ts';
import { fieldOf } from './field-row.ts';
import { notebookRows } from './notebook-fields.ts';
import { prescriptionRows } from './prescription-fields.ts';

/** The medication notebook: file, parts, text of QR codes. */
export const jahisNotebookFields: SourceFormat = {
  id: 'jahis-notebook',
  title: '電子版お薬手帳 Medication notebook (JAHISTC01 to 08)',
  source: 'JAHIS technical document 24-104, electronic medication notebook data format Ver.2.6',
  fields: notebookRows.map(fieldOf),
};

/** The prescription's 2D code. */
export const jahisPrescriptionFields: SourceFormat = {
  id: 'jahis-prescription',
  title: '院外処方箋２次元シンボル Prescription 2D code (JAHIS1 to 10)',
  source: 'JAHIS technical document 24-103, out-of-hospital prescription 2D symbol Ver.1.10',
  fields: prescriptionRows.map(fieldOf),
};
