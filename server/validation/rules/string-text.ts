// Text that looks like markup. FHIR lets a string hold any text, but what shows it as HTML without care would run it.
// FHIR R4, https://hl7.org/fhir/R4/security.html#narrative

import type { Place } from '../finding.ts';

/** A note, since `a <b` is as good a text as any; markdown is not asked, which may hold HTML. */
export function stringText(value: string, place: Place, path: string): void {
  if (value.includes('<') && /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?>/i.test(value))
    place.report('information', 'invalid', path, 'The text looks as if it held HTML: show it as text only');
}
