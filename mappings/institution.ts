// The institution that a source names, by its ten-digit number and its name. What is no such number is no identifier.

import type { Organization, Reference } from '@medplum/fhirtypes';
import { INSTITUTION } from './code-systems.ts';

/** Prefecture, kind and seven digits with a check digit; JP Core names Organizations by it. */
export const isInstitutionNumber = (code: string): boolean => /^\d{10}$/.test(code);

/** Undefined when the source says neither; '' stands for what it does not say. */
export function institutionReference(name: string, code: string): Reference<Organization> | undefined {
  const identifier = isInstitutionNumber(code) && { identifier: { system: INSTITUTION, value: code } };
  if (!name && !identifier) return undefined;
  return { type: 'Organization', ...identifier, ...(name && { display: name }) };
}
