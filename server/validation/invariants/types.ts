// Types in FHIRPath: what kind of System value a FHIR primitive stands for, and what `is`, `as` and ofType() ask.
// http://hl7.org/fhirpath/N1/#types-and-reflection, https://hl7.org/fhir/R4/fhirpath.html#types

import { typeDefinition } from '../../fhir/definitions.ts';
import { numberText } from '../../fhir/json.ts';
import type { Node } from './node.ts';

export type Kind = 'string' | 'boolean' | 'integer' | 'decimal' | 'date' | 'dateTime' | 'time' | 'quantity' | 'complex';

const kinds: Readonly<Record<string, Kind>> = {
  boolean: 'boolean',
  integer: 'integer',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  decimal: 'decimal',
  date: 'date',
  dateTime: 'dateTime',
  instant: 'dateTime',
  time: 'time',
  Quantity: 'quantity',
  Age: 'quantity',
  Count: 'quantity',
  Distance: 'quantity',
  Duration: 'quantity',
  SimpleQuantity: 'quantity',
  'System.String': 'string',
  'System.Boolean': 'boolean',
  'System.Integer': 'integer',
  'System.Decimal': 'decimal',
  'System.Date': 'date',
  'System.DateTime': 'dateTime',
  'System.Time': 'time',
  'System.Quantity': 'quantity',
};
const kindsByType = new Map<string, Kind>(Object.entries(kinds));

/** The System type that values of a type are taken for; `complex` for what has elements. */
export function kindOf(type: string): Kind {
  const known = kindsByType.get(type);
  if (known !== undefined) return known;
  const definition = typeDefinition(type);
  const kind = definition?.kind === 'primitive-type' ? 'string' : 'complex';
  if (definition !== undefined) kindsByType.set(type, kind);
  return kind;
}

/** The text of a node that is a String, also of uri, code and the like; undefined of anything else and of one without value. */
export function textOf(node: Node): string | undefined {
  return typeof node.value === 'string' && kindOf(node.type) === 'string' ? node.value : undefined;
}

/** The text of a primitive of any type, a number as it was sent. */
export function primitiveText({ value }: Node): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : numberText(value);
}

/** Whether a node has a value of its own: hasValue() of FHIR. */
export function hasValue(node: Node): boolean {
  return kindOf(node.type) !== 'complex' && primitiveText(node) !== undefined;
}

/**
 * Whether a node is of a type or one derived from it. A name without `FHIR.` or `System.` may mean either, and a System type also
 * means the FHIR primitive of its name: the invariants of FHIR say `is Boolean` of a boolean.
 */
export function isOfType(node: Node, asked: string): boolean {
  const { namespace, name } = named(asked);
  if (node.type.startsWith('System.')) return namespace !== 'FHIR' && node.type === `System.${name}`;
  if (namespace === 'System') return false;
  if (namespace === undefined && systemTypes.has(name) && typeDefinition(name) === undefined) {
    return node.type === name.charAt(0).toLowerCase() + name.slice(1);
  }
  for (let type: string | undefined = node.type; type !== undefined; type = typeDefinition(type)?.base) {
    if (type === name) return true;
  }
  return false;
}

/**
 * Whether `as` and ofType() take a node for a type: primitives only as what they are (a code is no string), anything else also as
 * what its type derives from.
 */
export function isExactly(node: Node, asked: string): boolean {
  if (!isOfType(node, asked)) return false;
  const { name } = named(asked);
  return typeDefinition(name)?.kind !== 'primitive-type' || node.type === name;
}

/** The type itself. Throws a SyntaxError for one that neither FHIR R4 nor FHIRPath has. */
export function requireType(asked: string): string {
  const { namespace, name } = named(asked);
  const isFhir = typeDefinition(name) !== undefined || name === 'SimpleQuantity';
  const isKnown = (namespace !== 'FHIR' && systemTypes.has(name)) || (namespace !== 'System' && isFhir);
  if (isKnown && (namespace === undefined || namespace === 'FHIR' || namespace === 'System')) return asked;
  throw new SyntaxError(`${asked} is no type of FHIR R4 or FHIRPath`);
}

const systemTypes: ReadonlySet<string> = new Set([
  'String',
  'Boolean',
  'Integer',
  'Decimal',
  'Date',
  'DateTime',
  'Time',
  'Quantity',
  'Any',
]);

function named(asked: string): { namespace?: string; name: string } {
  const dot = asked.indexOf('.');
  return dot < 0 ? { name: asked } : { namespace: asked.slice(0, dot), name: asked.slice(dot + 1) };
}
