// Every format that is mapped, with what becomes of its fields: what the pages under /docs/mappings show.

import { ccdaFields } from './ccda/fields.ts';
import { checkupCdaFields } from './checkup-cda/fields.ts';
import { fhirDocumentFields } from './fhir-document/fields.ts';
import type { SourceFormat } from './fields.ts';
import { hl7v2Fields } from './hl7v2/fields.ts';
import { jahisNotebookFields, jahisPrescriptionFields } from './jahis/fields.ts';
import {
  municipalityBirthFields,
  municipalityCheckupFields,
  municipalityVaccinationFields,
} from './municipality/fields.ts';
import { drugFields, manifestFields, mchFields, vaccinationFields } from './myna/fields.ts';
import { ssmix2Fields } from './ssmix2/fields.ts';

export const formats: readonly SourceFormat[] = [
  hl7v2Fields,
  jahisNotebookFields,
  jahisPrescriptionFields,
  vaccinationFields,
  mchFields,
  drugFields,
  manifestFields,
  checkupCdaFields,
  municipalityBirthFields,
  municipalityVaccinationFields,
  municipalityCheckupFields,
  ccdaFields,
  fhirDocumentFields,
  ssmix2Fields,
];
