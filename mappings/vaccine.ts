// vaccineCode for a dose that a sender described. Names and codes are looked up in profiles/vaccine.ts.

import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { codedVaccine, namedVaccine, type Vaccine } from '../profiles/vaccine.ts';
import { VACCINE_SYSTEM } from '../server/fhir/canonical.ts';

/** Our coding first when the vaccine is known, then what was sent, as it was sent. */
export function vaccineConcept(sent: readonly Coding[], text: string | undefined): CodeableConcept {
  const known = findVaccine(sent, text);
  const coding: Coding[] = known ? [{ system: VACCINE_SYSTEM, code: known.code, display: known.ja }] : [];
  coding.push(...sent.filter((item) => item.system !== VACCINE_SYSTEM || item.code !== known?.code));
  const name = text || sent.find((item) => item.display)?.display || sent[0]?.code;
  return { ...(coding.length > 0 && { coding }), ...(name && { text: name }) };
}

/** By our code, by CVX, by name, or by a code that is one of our names; undefined when not certain. */
export function findVaccine(sent: readonly Coding[], text: string | undefined): Vaccine | undefined {
  const coded = codedVaccine(sent);
  if (coded) return coded;
  for (const name of [text, ...sent.map(({ display }) => display), ...sent.map(({ code }) => code)]) {
    const found = name ? namedVaccine(name) : undefined;
    if (found) return found;
  }
  return undefined;
}
