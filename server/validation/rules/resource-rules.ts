// What is asked beyond StructureDefinitions, by resource type and by data type.

import type { JsonObject } from '../../fhir/json.ts';
import type { Place, ResourceRule } from '../finding.ts';
import { attachment } from './attachment.ts';
import { bundle } from './bundle.ts';
import { narrative } from './narrative.ts';
import { questionnaireResponse } from './questionnaire-response.ts';

/** Asked of every element of that data type, however deep. `path` is where it stands: `Patient.photo[0]`. */
export type DatatypeRule = (value: JsonObject, place: Place, path: string) => void;

export const resourceRules: Readonly<Record<string, readonly ResourceRule[]>> = {
  Bundle: [bundle],
  QuestionnaireResponse: [questionnaireResponse],
};

export const datatypeRules: Readonly<Record<string, readonly DatatypeRule[]>> = {
  Attachment: [attachment],
  Narrative: [narrative],
};
