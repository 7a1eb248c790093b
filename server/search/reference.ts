// Search parameters of type reference, and canonical ones. FHIR R4 search, section reference.

import { isObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { localReference } from '../fhir/references.ts';
import { tokenFacts } from './token.ts';

/** What a reference leaves to be found by: `>Type/id`, `>url` (canonicals with and without version), `>:` and the facts
 * of its identifier as a token. */
export function referenceFacts({ value }: TypedValue): string[] {
  if (typeof value === 'string') return urlFacts(value);
  if (!isObject(value)) return [];
  const facts = typeof value.reference === 'string' ? urlFacts(value.reference) : [];
  if (isObject(value.identifier)) {
    const { system, value: number } = value.identifier;
    const token = {
      ...(typeof system === 'string' ? { system } : {}),
      ...(typeof number === 'string' ? { code: number } : {}),
    };
    facts.push(...tokenFacts(token).map((fact) => `>:${fact}`));
  }
  return facts;
}

/** The facts that a search value may mean; more than one when only an id is given and several types are allowed. */
export function askedReferences(text: string, targets: readonly string[], base: string): string[] {
  const local = localReference(text, base);
  if (local) return [`>${local.type}/${local.id}`];
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(text)) return targets.map((type) => `>${type}/${text}`);
  return [`>${text}`];
}

function urlFacts(url: string): string[] {
  const local = localReference(url);
  if (local) return [`>${local.type}/${local.id}`];
  if (url.startsWith('#')) return [];
  const bar = url.indexOf('|');
  return bar > 0 ? [`>${url}`, `>${url.slice(0, bar)}`] : [`>${url}`];
}
