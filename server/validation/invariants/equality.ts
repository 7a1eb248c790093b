// =, ~ and the order of values. http://hl7.org/fhirpath/N1/#equality and #comparison

import { isObject, numberText } from '../../fhir/json.ts';
import { compareMoments, momentOf } from './dates.ts';
import { compareNumbers, decimalPlaces } from './decimals.ts';
import { type Node, type Nodes, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import { compareQuantities, sameQuantity } from './quantities.ts';
import { kindOf, primitiveText } from './types.ts';

/** `=`; undefined where a side is empty, or where the precision of two dates leaves it open. */
export function equal(left: Nodes, right: Nodes): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  if (left.length !== right.length) return false;
  let open = false;
  for (let n = 0; n < left.length; n++) {
    const found = equalNodes(left[n] as Node, right[n] as Node);
    if (found === false) return false;
    open ||= found === undefined;
  }
  return open ? undefined : true;
}

/** `=` of two values. */
export function equalNodes(left: Node, right: Node): boolean | undefined {
  const kind = kindOf(left.type);
  const other = kindOf(right.type);
  if (kind === 'complex' || other === 'complex') return kind === other && sameJson(left.value, right.value);
  if (kind === 'quantity' || other === 'quantity') return sameQuantity(left, right);
  const a = primitiveText(left);
  const b = primitiveText(right);
  if (a === undefined || b === undefined) return a === b && sameJson(left.sibling, right.sibling);
  if (isNumber(kind) && isNumber(other)) return compareNumbers(a, b) === 0;
  if (isMoment(kind) && isMoment(other)) {
    if ((kind === 'time') !== (other === 'time')) return false;
    const order = compareTexts(a, b);
    return order === undefined ? undefined : order === 0;
  }
  // A date of FHIR is text beside text.
  return (kind === other || kind === 'string' || other === 'string') && a === b;
}

/** `~`: case, white space, order and precision make no difference; two empty collections are equivalent. */
export function equivalent(left: Nodes, right: Nodes): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every((node) => {
    const at = rest.findIndex((other) => equivalentNodes(node, other));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

function equivalentNodes(left: Node, right: Node): boolean {
  const kind = kindOf(left.type);
  const other = kindOf(right.type);
  const a = primitiveText(left);
  const b = primitiveText(right);
  if (a === undefined || b === undefined || kind === 'quantity' || other === 'quantity') {
    return equalNodes(left, right) === true;
  }
  if (isNumber(kind) && isNumber(other)) {
    const places = Math.min(decimalPlaces(a), decimalPlaces(b));
    return Number(a).toFixed(places) === Number(b).toFixed(places);
  }
  if (isMoment(kind) && isMoment(other)) return compareTexts(a, b) === 0;
  return kind === other && normal(a) === normal(b);
}

const normal = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** Negative, 0 or positive; undefined where a side is empty or the order is open. Throws NotEvaluable for what has no order. */
export function compare(left: Nodes, right: Nodes): number | undefined {
  const one = single(left);
  const other = single(right);
  if (one === undefined || other === undefined) return undefined;
  const kind = kindOf(one.type);
  const otherKind = kindOf(other.type);
  if (kind === 'quantity' || otherKind === 'quantity') return compareQuantities(one, other);
  const a = primitiveText(one);
  const b = primitiveText(other);
  if (a === undefined || b === undefined) return undefined;
  if (isNumber(kind) && isNumber(otherKind)) return compareNumbers(a, b);
  if (isMoment(kind) && isMoment(otherKind)) return compareTexts(a, b);
  if (kind === 'string' && otherKind === 'string') return a < b ? -1 : a > b ? 1 : 0;
  throw new NotEvaluable('values of these types have no order');
}

const isNumber = (kind: string): boolean => kind === 'integer' || kind === 'decimal';
const isMoment = (kind: string): boolean => kind === 'date' || kind === 'dateTime' || kind === 'time';

function compareTexts(left: string, right: string): number | undefined {
  // Dates of one precision are in order as texts.
  if (left.length === right.length && left.length <= 'YYYY-MM-DD'.length)
    return left < right ? -1 : left > right ? 1 : 0;
  const one = momentOf(left);
  const other = momentOf(right);
  return one === undefined || other === undefined ? undefined : compareMoments(one, other);
}

/** Equal JSON, whatever the order of members and the text of numbers. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const number = numberText(left);
  if (number !== undefined) {
    const other = numberText(right);
    return other !== undefined && compareNumbers(number, other) === 0;
  }
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((one, n) => sameJson(one, right[n]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => sameJson(left[name], right[name]));
}

/** The values without those that are equal to one before them. */
export function distinct(nodes: Nodes, scope: { step(): void }): Node[] {
  const texts = new Set<string>();
  const others: Node[] = [];
  return nodes.filter((node) => {
    scope.step();
    if (typeof node.value === 'string' && kindOf(node.type) === 'string') {
      if (texts.has(node.value)) return false;
      texts.add(node.value);
      return true;
    }
    if (hasEqual(others, node, scope)) return false;
    others.push(node);
    return true;
  });
}

/** Whether one of the values is equal to a node. */
export function hasEqual(nodes: Nodes, node: Node, scope: { step(): void }): boolean {
  return nodes.some((other) => {
    scope.step();
    return equalNodes(other, node) === true;
  });
}
