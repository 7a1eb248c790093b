// Every format that is mapped, with what becomes of its fields.

import type { SourceFormat } from './fields.ts';
import { hl7v2Fields } from './hl7v2/fields.ts';
import { jahisNotebookFields, jahisPrescriptionFields } from './jahis/fields.ts';

export const formats: readonly SourceFormat[] = [hl7v2Fields, jahisNotebookFields, jahisPrescriptionFields];
