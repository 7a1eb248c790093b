// Bindings: codes of a value set, by their strength. FHIR R4, https://hl7.org/fhir/R4/terminologies.html#strength

import type { Coded } from '../terminology/terminology.ts';
import { codedIn, isMember } from './coded.ts';
import type { Binding } from './demands.ts';
import { note, type Walk } from './walk.ts';

/** Holds a code, Coding, CodeableConcept or Quantity against a binding; values of other types have no code. */
export function checkBinding(
  binding: Binding,
  { value, type }: { value: unknown; type: string },
  walk: Walk,
  source?: string,
): void {
  const coded = codedIn(value, type);
  if (coded === undefined) return;
  const { strength, valueSet, most } = binding;
  const by = source === undefined ? '' : ` (${source})`;
  const rule = source === undefined ? 'binding' : 'profile';
  const checks = coded.map((one) => walk.terminology.inValueSet(valueSet, one));
  if (checks.some(({ result }) => result === true)) return;
  if (most !== undefined && coded.length > 0 && isMember(coded, most, walk.terminology) === false) {
    const kind = source === undefined ? 'beyond' : 'profile';
    note(
      walk,
      'error',
      'code-invalid',
      `${namesOf(coded, type)} must be one of the value set ${most} at most${by}`,
      [],
      kind,
    );
    return;
  }
  const open = checks.find(({ result }) => result === undefined);
  if (open) {
    // What cannot be looked up is said where a code of the set has to be there.
    const why = open.message ?? 'the value set cannot be expanded here';
    if (strength === 'required')
      note(
        walk,
        'warning',
        'not-found',
        `could not be held against the value set ${valueSet}: ${why}${by}`,
        [],
        'binding',
      );
  } else if (strength === 'required') {
    const isEmpty = coded.length === 0;
    note(
      walk,
      'error',
      isEmpty ? 'required' : 'code-invalid',
      `${isEmpty ? 'must have a code' : `${namesOf(coded, type)} must be one`} of the value set ${valueSet}${by}`,
      [],
      source === undefined ? undefined : rule,
    );
  } else if (coded.length > 0) {
    const severity = strength === 'extensible' ? 'warning' : 'information';
    note(
      walk,
      severity,
      'code-invalid',
      `${namesOf(coded, type)} is none of the value set ${valueSet} (${strength})${by}`,
      [],
      rule,
    );
  }
}

/** Codes and systems are no secrets of a person; a text that is bound to a value set, as the state of an address, may be. */
function namesOf(coded: readonly Coded[], type: string): string {
  if (TEXTS.has(type)) return 'what it says';
  return coded
    .slice(0, 5)
    .map(({ system, code }) => (system === undefined ? `"${code.slice(0, 64)}"` : `${system}|${code.slice(0, 64)}`))
    .join(', ');
}

const TEXTS: ReadonlySet<string> = new Set(['string', 'markdown', 'uri', 'url']);
