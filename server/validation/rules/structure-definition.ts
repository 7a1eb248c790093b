// StructureDefinition: that a profile can be worked out, and only narrows what its base allows. FHIR R4,
// https://hl7.org/fhir/R4/profiling.html#limitations ("profiles … cannot break the rules established in the base specification")

import {
  type ElementDefinition,
  type ElementType,
  fixedOf,
  patternOf,
  typeCode,
} from '../../definitions/element-definition.ts';
import { snapshotOf } from '../../definitions/snapshot.ts';
import { SnapshotError } from '../../definitions/snapshot-error.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';

export function structureDefinition(resource: JsonObject, place: Place): void {
  const { derivation, baseDefinition, type } = resource;
  if (derivation !== 'constraint' || typeof baseDefinition !== 'string') return;
  const base = place.definitions.find('StructureDefinition', baseDefinition);
  const at = `${place.path}.baseDefinition`;
  if (base === undefined) {
    place.report('warning', 'not-found', at, `${baseDefinition} is not known here: the differential is not checked`);
    return;
  }
  if (base.type !== type)
    place.report(
      'error',
      'business-rule',
      `${place.path}.type`,
      `A profile is of the type of its base: ${base.type}, not ${type}`,
    );
  const elements = snapshot(resource, place);
  const allowed = elements && snapshot(base, place);
  if (!elements || !allowed) return;
  checkUrl(resource, elements, place);
  const byId = new Map(allowed.map((element) => [element.id, element]));
  for (const [n, said] of differentialOf(resource).entries()) {
    const element = byId.get(String(said.id ?? said.path));
    if (element) checkElement(said, element, `${place.path}.differential.element[${n}]`, place);
  }
}

/** Undefined where there is none; why is told. Bases that are missing or go in a circle leave the profile unchecked. */
function snapshot(definition: JsonObject, place: Place): readonly ElementDefinition[] | undefined {
  try {
    return snapshotOf(definition, place.definitions);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    const isUnchecked = error.fault === 'missing-base' || error.fault === 'unknown-type' || error.fault === 'cyclic';
    place.report(
      isUnchecked ? 'warning' : 'error',
      'business-rule',
      place.path,
      `There is no snapshot: ${error.message}`,
    );
    return undefined;
  }
}

const differentialOf = ({ differential }: JsonObject): ElementDefinition[] =>
  isObject(differential) ? (objects(differential.element) as ElementDefinition[]) : [];

/** "Extension.url … the value of the url is the canonical url of the StructureDefinition": of one that defines an extension. */
function checkUrl({ type, url, abstract }: JsonObject, elements: readonly ElementDefinition[], place: Place): void {
  if (type !== 'Extension' || abstract === true) return;
  const fixed = elements.find(({ id }) => id === 'Extension.url');
  const value = fixed && fixedOf(fixed)?.value;
  if (value !== undefined && value !== url)
    place.report(
      'error',
      'value',
      `${place.path}.url`,
      `Extension.url is fixed to ${value}, which is not the url of the definition`,
    );
}

const STRENGTHS = ['example', 'preferred', 'extensible', 'required'];

/** What the differential says of an element that its base has. */
function checkElement(said: ElementDefinition, base: ElementDefinition, path: string, place: Place): void {
  const fault = (text: string) => place.report('error', 'business-rule', path, `${base.id} ${text}`);
  if (said.min !== undefined && said.min < (base.min ?? 0))
    fault(`needs min ${base.min} or more, as in the base, not ${said.min}`);
  if (said.max !== undefined && isAbove(said.max, base.max))
    fault(`allows max ${base.max} or less, as in the base, not ${said.max}`);
  const fixed = fixedOf(base);
  const other = fixedOf(said) ?? patternOf(said);
  if (fixed && other && JSON.stringify(fixed.value) !== JSON.stringify(other.value))
    fault('is fixed to another value in the base');
  const types = new Set(base.type?.map(typeCode));
  const added = said.type?.map(typeCode).find((code) => types.size > 0 && !isOneOf(code, types));
  if (added !== undefined) fault(`is not of type ${added} in the base, but of ${[...types].join(' or ')}`);
  const [ours, theirs] = [strengthOf(said), strengthOf(base)];
  if (ours >= 0 && ours < theirs) fault(`has a binding that is ${STRENGTHS[theirs]} in the base, and not weaker`);
}

const isAbove = (max: string, base: string | undefined): boolean =>
  base !== undefined && base !== '*' && (max === '*' || Number(max) > Number(base));

const strengthOf = ({ binding }: ElementDefinition): number => (binding ? STRENGTHS.indexOf(binding.strength) : -1);

/** Types that stand for any of their kind, and the special cases of Quantity. */
const GENERAL = new Set(['Resource', 'DomainResource', 'Element', 'BackboneElement', '*']);
const QUANTITIES = new Set(['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity']);

const isOneOf = (code: string, types: ReadonlySet<ElementType['code']>): boolean =>
  types.has(code) || [...types].some((one) => GENERAL.has(one)) || (QUANTITIES.has(code) && types.has('Quantity'));
