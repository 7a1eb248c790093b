// Security labels as bits. FHIR R4 meta.security with v3-Confidentiality and the sensitivities of v3-ActCode that decision 11
// names. Pure.

import { isObject, type JsonObject } from '../fhir/json.ts';

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const levels = { R: 1, V: 2 };
const sensitivities = { PSY: 4, SDV: 8, HIV: 16, ETH: 32, SEX: 64 };
const bits: Readonly<Record<string, number>> = { ...levels, ...sensitivities };

/** Every bit, the levels, and what the sensitivities are together. */
export const everyLabel = 127;
export const restricted = levels.R;
export const veryRestricted = levels.V;
export const everySensitivity = 124;
export const SDV = sensitivities.SDV;

/** The bit of a code of one of the two systems; 0 for a code that raises nothing. */
export const labelBit = (system: unknown, code: unknown): number => {
  if (typeof code !== 'string' || !Object.hasOwn(bits, code)) return 0;
  const isLevel = code in levels;
  return system === (isLevel ? CONFIDENTIALITY : ACT_CODE) ? (bits[code] ?? 0) : 0;
};

/** The system of a code: that of the levels, or that of the sensitivities. */
export const labelSystem = (code: string): string => (Object.hasOwn(sensitivities, code) ? ACT_CODE : CONFIDENTIALITY);

/** What `meta.security` of a resource says; 0 where it is of level N. A sensitivity without a level is of level R. */
export function labelsOf({ meta }: JsonObject): number {
  const security = isObject(meta) && Array.isArray(meta.security) ? meta.security : [];
  let labels = 0;
  for (const coding of security) if (isObject(coding)) labels |= labelBit(coding.system, coding.code);
  return raised(labels);
}

/** V takes the place of R; a sensitivity alone is R. */
export function raised(labels: number): number {
  if (labels & veryRestricted) return labels & ~restricted;
  return labels & everySensitivity ? labels | restricted : labels;
}
