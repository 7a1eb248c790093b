// Narrative: that it says it is XHTML, that its text is not blank, and that what it links to by #id is there, as a reader expects.
// FHIR R4, https://hl7.org/fhir/R4/narrative.html#xhtml

import { isObject, type JsonObject } from '../../fhir/json.ts';
import { isBlankXhtml, xhtmlLinks } from '../../fhir/xhtml.ts';
import type { Place } from '../finding.ts';

/** A link within the resource leads to an id of its narrative or of an element, a contained resource, or another of the Bundle. */
export function narrative({ div }: JsonObject, place: Place, path: string): void {
  if (typeof div !== 'string') return;
  const at = `${path}.div`;
  // Without it an XML reader takes the div for an element of FHIR's own namespace.
  if (!/^\s*<[^>]*\sxmlns\s*=/.test(div))
    place.report(
      'error',
      'invalid',
      at,
      'The div has to be in the namespace of XHTML: xmlns="http://www.w3.org/1999/xhtml"',
    );
  if (isBlankXhtml(div))
    place.report('error', 'invariant', at, 'The narrative has no content other than white space (txt-2)');
  for (const link of new Set(xhtmlLinks(div).links)) {
    const isThere = targetsOf(place.root).has(link) || (place.outer !== undefined && targetsOf(place.outer).has(link));
    if (!isThere)
      place.report('warning', 'invalid', at, `The narrative links to #${link}, which nothing here has for its id`);
  }
}

/** Every id below a resource, and every id and anchor of the narratives in it. Gathered once. */
function targetsOf(resource: JsonObject): ReadonlySet<string> {
  const known = targets.get(resource);
  if (known) return known;
  const found = new Set<string>();
  gather(resource, found, 0);
  targets.set(resource, found);
  return found;
}

const targets = new WeakMap<JsonObject, ReadonlySet<string>>();

/** What is nested deeper is refused by the check of the structure. */
const MOST_LEVELS = 200;

function gather(value: unknown, found: Set<string>, level: number): void {
  if (level > MOST_LEVELS) return;
  if (Array.isArray(value)) for (const one of value) gather(one, found, level + 1);
  else if (isObject(value)) {
    if (typeof value.id === 'string') found.add(value.id);
    if (typeof value.div === 'string') for (const target of xhtmlLinks(value.div).targets) found.add(target);
    for (const name in value) gather(value[name], found, level + 1);
  }
}
