// The notes on a growth chart as codings, from code-systems/growth-note.json.

import type { CodeableConcept, CodeSystem } from '@medplum/fhirtypes';
import { CANONICAL } from '../server/fhir/canonical.ts';
import codeSystem from './code-systems/growth-note.json' with { type: 'json' };

const system = `${CANONICAL}/CodeSystem/growth-note`;

/** A note with its words; the text is Japanese, the display English. */
export function growthNote(code: string): CodeableConcept {
  const found = (codeSystem as CodeSystem).concept?.find((one) => one.code === code);
  const { display = code, designation = [] } = found ?? {};
  const text = designation.find(({ language }) => language === 'ja')?.value ?? display;
  return { coding: [{ system, code, display }], text };
}
