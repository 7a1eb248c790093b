// The code that an operation is about: apart, as a Coding, or the codings of a CodeableConcept.
// FHIR R4, https://hl7.org/fhir/R4/valueset-operation-validate-code.html

import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { Coded } from '../terminology/terminology.ts';
import type { AskedParameters, Kind } from './asked-parameters.ts';

export const codeKinds: Record<string, Kind> = { code: 'text', coding: 'Coding', codeableConcept: 'CodeableConcept' };

type Apart = { system: string | undefined; version: string | undefined; display: string | undefined };

/** One code, or all of a CodeableConcept. Throws OperationOutcomeError 400 where none or several are given, or one has no code. */
export function askedCodes(asked: AskedParameters, { system, version, display }: Apart): Coded[] {
  const code = asked.text('code');
  const coding = asked.object('coding');
  const concept = asked.object('codeableConcept');
  if ([code, coding, concept].filter((one) => one !== undefined).length !== 1)
    throw badRequest('Give one of code, coding and codeableConcept', 'required', ['code']);
  if (code !== undefined) return [coded({ code, system, version, display }, 'code')];
  if (coding) return [coded(coding, 'coding')];
  const codings = Array.isArray(concept?.coding) ? concept.coding.filter(isObject) : [];
  if (codings.length === 0) throw badRequest('The codeableConcept has no coding', 'required', ['codeableConcept']);
  return codings.map((one) => coded(one, 'codeableConcept'));
}

function coded({ system, version, code, display }: JsonObject, name: string): Coded {
  if (typeof code !== 'string' || code === '') throw badRequest(`"${name}" needs a code`, 'required', [name]);
  return {
    code,
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof display === 'string' ? { display } : {}),
  };
}
