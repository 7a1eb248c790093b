// An extension against its definition: what it may hold, and where it may stand.
// FHIR R4, https://hl7.org/fhir/R4/defining-extensions.html

import { typeDefinition } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import type { Profiles } from './profile/profiles.ts';
import { note, type Walk } from './walk.ts';

/** Of an extension by itself; those inside an extension have relative urls and are of their owner's definition. */
export function checkExtensionDefinition(extension: JsonObject, profiles: Profiles, walk: Walk): void {
  const { url } = extension;
  if (typeof url !== 'string' || !ABSOLUTE.test(url)) return;
  const definition = walk.definitions.find('StructureDefinition', url);
  if (definition === undefined || definition.type !== 'Extension') {
    const isModifier = walk.path.at(-2) === 'modifierExtension' || walk.path.at(-1) === 'modifierExtension';
    note(
      walk,
      isModifier ? 'warning' : 'information',
      'extension',
      `is an extension that is not known here: ${url.slice(0, 200)}`,
      [],
      'unknown-extension',
    );
    return;
  }
  const contexts = contextsOf(definition, walk);
  // In Parameters a value stands by itself, wherever it comes from.
  const isPlaced =
    contexts.length === 0 ||
    walk.scope.resource.resourceType === 'Parameters' ||
    contexts.some((one) => isContext(one, walk));
  if (!isPlaced) {
    const places = [...new Set(contexts.map(({ expression }) => expression))].join(', ');
    note(walk, 'error', 'extension', `must not stand here: ${url} is defined for ${places}`, [], 'beyond');
  }
  profiles.report({ value: extension, sibling: undefined, type: 'Extension', index: undefined }, url, walk);
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;

type Context = { type: string; expression: string };

const knownContexts = new WeakMap<JsonObject, readonly Context[]>();

/** Where R4 and the extensions pack both define it, what either allows: the pack has narrowed some since. */
function contextsOf(definition: JsonObject, { definitions }: Walk): readonly Context[] {
  const known = knownContexts.get(definition);
  if (known) return known;
  const { url, version } = definition;
  const older = version === '4.0.1' ? undefined : definitions.find('StructureDefinition', `${url}|4.0.1`);
  const found = [definition, older]
    .flatMap((one) => (Array.isArray(one?.context) ? one.context : []))
    .filter(isObject) as unknown as Context[];
  knownContexts.set(definition, found);
  return found;
}

/** A condition in FHIRPath is not looked at. */
function isContext({ type, expression }: Context, walk: Walk): boolean {
  if (type === 'fhirpath' || expression === 'Element') return true;
  if (type === 'extension') return walk.extensions.includes(expression);
  const owner = walk.types.at(-2) ?? '';
  return isKind(owner, expression) || isPath(walk, expression);
}

/** A type, or what it is a kind of. Of a backbone element also the type it is part of: R4 gives few of them a context of their own. */
function isKind(type: string, expression: string): boolean {
  for (let one: string | undefined = type; one !== undefined; one = typeDefinition(one)?.base)
    if (one === expression) return true;
  if (type.startsWith(`${expression}.`)) return true;
  // The extensions pack calls by R5's names what R4 knows as resources with a url.
  const isCanonical = expression === 'CanonicalResource' || expression === 'MetadataResource';
  return isCanonical && typeDefinition(type)?.elements.has('url') === true;
}

/** The element that has the extension by its path from one of the types around: `Patient.name`, `HumanName.family`, `Extension.value[x]`. */
function isPath({ types, path }: Walk, expression: string): boolean {
  const names = path.filter((part) => typeof part === 'string').slice(0, -1);
  for (let back = 1; back < types.length; back++) {
    const around = types[types.length - 1 - back] ?? '';
    const way = back === 1 ? '' : names.slice(1 - back).join('.');
    if (way !== '' && (expression === `${around}.${way}` || expression === `${around}.${way}[x]`)) return true;
    if (back > 1 && isPrimitiveOf(around, names.slice(1 - back), expression)) return true;
  }
  return false;
}

/** `date` for `Patient.birthDate`. */
function isPrimitiveOf(owner: string, way: readonly string[], expression: string): boolean {
  const [name = '', ...more] = way;
  return more.length === 0 && typeDefinition(owner)?.elements.get(name)?.types.includes(expression) === true;
}
