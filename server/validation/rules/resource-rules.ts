// What is asked beyond StructureDefinitions, by resource type, by data type, and of the texts of some primitive types.

import type { JsonObject } from '../../fhir/json.ts';
import type { Place, ResourceRule } from '../finding.ts';
import { canonical, canonicalUrl } from './absolute.ts';
import { attachment } from './attachment.ts';
import { bundle } from './bundle.ts';
import { codeSystem } from './code-system.ts';
import { coding } from './coding.ts';
import { identifier } from './identifier.ts';
import { measureReport } from './measure-report.ts';
import { narrative } from './narrative.ts';
import { operationDefinition } from './operation-definition.ts';
import { quantity } from './quantity.ts';
import { questionnaire } from './questionnaire.ts';
import { questionnaireResponse } from './questionnaire-response.ts';
import { searchParameter } from './search-parameter.ts';
import { stringText } from './string-text.ts';
import { structureDefinition } from './structure-definition.ts';
import { valueSet } from './value-set.ts';
import { vitalSignsProfiles } from './vital-signs.ts';

/** Asked of every element of that data type, however deep. `path` is where it stands: `Patient.photo[0]`. */
export type DatatypeRule = (value: JsonObject, place: Place, path: string) => void;
/** The same of a primitive's value. */
export type TextRule = (value: string, place: Place, path: string) => void;

export const resourceRules: Readonly<Record<string, readonly ResourceRule[]>> = {
  Bundle: [bundle],
  CodeSystem: [canonicalUrl, codeSystem],
  ConceptMap: [canonicalUrl],
  MeasureReport: [measureReport],
  OperationDefinition: [canonicalUrl, operationDefinition],
  Questionnaire: [canonicalUrl, questionnaire],
  QuestionnaireResponse: [questionnaireResponse],
  SearchParameter: [canonicalUrl, searchParameter],
  StructureDefinition: [canonicalUrl, structureDefinition],
  ValueSet: [canonicalUrl, valueSet],
};

export const datatypeRules: Readonly<Record<string, readonly DatatypeRule[]>> = {
  Attachment: [attachment],
  Coding: [coding],
  Identifier: [identifier],
  Narrative: [narrative],
  ...Object.fromEntries(['Quantity', 'Age', 'Count', 'Distance', 'Duration'].map((type) => [type, [quantity]])),
};

export const textRules: Readonly<Record<string, readonly TextRule[]>> = {
  canonical: [canonical],
  string: [stringText],
};

/** Profiles (canonicals) that a resource has to conform to for what it says, whether it declares them or not. */
export const impliedProfiles: Readonly<Record<string, (resource: JsonObject) => readonly string[]>> = {
  Observation: vitalSignsProfiles,
};
