// The doses as the planner counts them: of what several sources tell of one dose, the record that stands for it.

import type { Immunization } from '@medplum/fhirtypes';
import { ownIdentifier, sourceOf } from '../source-of.ts';
import type { Decision } from '../types.ts';
import { dosesToldAgain, originOf } from './vaccinations.ts';

/**
 * In the order given. Doses without an id, or two of one, are named by their place, which nothing may move: then all are left as they
 * are.
 */
export function countedOnce(
  immunizations: readonly Immunization[],
  decisions: readonly Decision[],
): readonly Immunization[] {
  const ids = new Set(immunizations.map(({ id }) => id));
  if (immunizations.length < 2 || ids.size < immunizations.length || ids.has(undefined)) return immunizations;
  if (decisions.length === 0 && isOneSource(immunizations)) return immunizations;
  const toldAgain = dosesToldAgain(immunizations, decisions);
  if (toldAgain.size === 0) return immunizations;
  return immunizations.filter(({ id }) => !toldAgain.has(`Immunization/${id}`));
}

/** Nothing to be linked: one source, which calls nothing by one name twice. */
function isOneSource(immunizations: readonly Immunization[]): boolean {
  const [first] = immunizations;
  const source = first && sourceOf(first, originOf(first));
  const named = new Set<string>();
  return immunizations.every((one) => {
    const identifier = ownIdentifier(one);
    if (identifier !== undefined && named.has(identifier)) return false;
    if (identifier !== undefined) named.add(identifier);
    return sourceOf(one, originOf(one)) === source;
  });
}
