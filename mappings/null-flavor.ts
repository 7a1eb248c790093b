// Why a value is not there. HL7 V3 NullFlavor -> FHIR data-absent-reason, https://hl7.org/fhir/R4/cm-data-absent-reason-v3.html

import type { Coding } from '@medplum/fhirtypes';

const reasons: ReadonlyMap<string, string> = new Map([
  ['ASKU', 'asked-unknown'],
  ['NASK', 'not-asked'],
  ['NAV', 'temp-unknown'],
  ['NA', 'not-applicable'],
  ['MSK', 'masked'],
  ['OTH', 'unsupported'],
  ['NINF', 'negative-infinity'],
  ['PINF', 'positive-infinity'],
]);

/** What says no more than that nothing is known, and what is no null flavor, is `unknown`. */
export const dataAbsentReason = (flavor: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
  code: reasons.get(flavor) ?? 'unknown',
});
