// How far a token reaches where its scopes must name what is asked. That they do not is told, with the scope that is lacking:
// it says something about the token and nothing about the data. RFC 6750, section 3.1; SMART App Launch 2.2, "Scopes". Pure.

import { insufficientScope } from '../fhir/outcome.ts';
import { type Access, type Interaction, type Reach, reachOf } from './access.ts';
import { letters } from './scopes.ts';

/** `reachOf`, but throws 403 (insufficient_scope) where that is nothing. `why`: what else is to be said, behind a comma. */
export function namedReach(access: Access, interaction: Interaction, type: string, why = ''): Reach {
  const reach = reachOf(access, interaction, type);
  if (reach.kind === 'none') throw notNamed(access, interaction, type, why);
  return reach;
}

/** The refusal of a token whose scopes do not name an interaction on a type; `*` for every type. */
export const notNamed = (access: Access, interaction: Interaction, type: string, why = '') =>
  insufficientScope(
    `${interaction} of ${type === '*' ? 'all types' : type} is not in the scopes of this token${why && `, ${why}`}`,
    neededScope(access, interaction, type),
  );

/** In the context that tokens like this one have. */
export function neededScope({ patient, caller }: Access, interaction: Interaction, type: string): string {
  const context = patient !== undefined ? 'patient' : caller?.user !== undefined ? 'user' : 'system';
  const letter = letters.find(([, name]) => name === interaction)?.[0];
  return `${context}/${type}.${letter}`;
}
