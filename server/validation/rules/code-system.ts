// CodeSystem: its count, its properties and the values its concepts have of them. That its codes are unique is csd-1's to say.
// FHIR R4, https://hl7.org/fhir/R4/codesystem.html#properties

import { type JsonObject, numberText } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { choiceOf } from './form.ts';

const STANDARD = 'http://hl7.org/fhir/concept-properties#';

/** Code -> type of the properties that HL7 defines, https://hl7.org/fhir/R4/codesystem-concept-properties.html */
const STANDARD_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    inactive: 'boolean',
    deprecated: 'dateTime',
    deprecationDate: 'dateTime',
    retirementDate: 'dateTime',
    effectiveDate: 'dateTime',
    notSelectable: 'boolean',
    parent: 'code',
    child: 'code',
    partOf: 'code',
    status: 'code',
    synonym: 'code',
    comment: 'string',
    itemWeight: 'decimal',
  }),
);

export function codeSystem(resource: JsonObject, place: Place): void {
  checkCount(resource, place);
  checkProperties(resource, place);
  const types = new Map(objects(resource.property).map(({ code, type }) => [code, type]));
  checkConcepts(resource, types, place.path, place);
  if (resource.content === 'supplement') checkSupplement(resource, place);
}

/** "The total number of concepts defined by the code system": of a complete one it can be counted. */
function checkCount({ count, content, concept }: JsonObject, { path, report }: Place): void {
  const told = numberText(count);
  if (told === undefined || content !== 'complete') return;
  const counted = codesOf(concept).length;
  if (counted !== Number(told))
    report(
      'error',
      'invalid',
      `${path}.count`,
      `The code system is complete with ${counted} concepts, but its count is ${told}`,
    );
}

function codesOf(concepts: unknown): unknown[] {
  return objects(concepts).flatMap(({ code, concept }) => [code, ...codesOf(concept)]);
}

function checkProperties({ property }: JsonObject, place: Place): void {
  const codes = new Set<unknown>();
  const uris = new Set<unknown>();
  for (const [n, { code, uri, type }] of objects(property).entries()) {
    const at = `${place.path}.property[${n}]`;
    const fault = (text: string) => place.report('error', 'business-rule', at, text);
    if (codes.has(code)) fault(`The property "${code}" is there twice`);
    if (uri !== undefined && uris.has(uri)) fault(`Two properties have the uri ${uri}`);
    codes.add(code);
    uris.add(uri);
    const isStandard = typeof uri === 'string' && uri.startsWith(STANDARD);
    const name = isStandard ? uri.slice(STANDARD.length) : String(code);
    const asked = STANDARD_TYPES.get(name);
    if (asked === undefined) continue;
    if (isStandard && code !== name) fault(`The uri ${uri} is that of the property "${name}", not of "${code}"`);
    if (asked !== type)
      place.report(
        isStandard ? 'error' : 'warning',
        'business-rule',
        at,
        `The property "${name}" of HL7 is of type ${asked}, not ${type}`,
      );
  }
}

/** Every value is of the type that its property says; a Coding among them names a code that is there. */
function checkConcepts(owner: JsonObject, types: ReadonlyMap<unknown, unknown>, path: string, place: Place): void {
  for (const [n, concept] of objects(owner.concept).entries()) {
    const at = `${path}.concept[${n}]`;
    for (const [m, property] of objects(concept.property).entries()) {
      const value = choiceOf(property, 'value');
      const type = value && value.type.charAt(0).toLowerCase() + value.type.slice(1);
      const asked = types.get(property.code) ?? STANDARD_TYPES.get(String(property.code));
      const below = `${at}.property[${m}]`;
      if (asked === undefined)
        place.report(
          'warning',
          'business-rule',
          below,
          `The code system does not define the property "${property.code}"`,
        );
      else if (type !== undefined && asked !== type && !(asked === 'Coding' && type === 'coding'))
        place.report(
          'error',
          'business-rule',
          below,
          `The property "${property.code}" is of type ${asked}, not ${type}`,
        );
    }
    checkConcepts(concept, types, at, place);
  }
}

/** A supplement adds to codes that are there: "a supplement … does not define any codes". */
function checkSupplement({ supplements, concept }: JsonObject, place: Place): void {
  if (typeof supplements !== 'string') {
    place.report('error', 'business-rule', place.path, 'A supplement has to say what it supplements');
    return;
  }
  const base = place.definitions.find('CodeSystem', supplements);
  if (base?.content !== 'complete') return;
  const codes = new Set(codesOf(base.concept));
  for (const [n, { code }] of objects(concept).entries())
    if (!codes.has(code))
      place.report(
        'error',
        'code-invalid',
        `${place.path}.concept[${n}].code`,
        `${supplements} has no code "${code}" to supplement`,
      );
}
