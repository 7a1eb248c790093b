// + - * / div mod &. Also a date and an amount of time. http://hl7.org/fhirpath/N1/#math

import type { BinaryOperator } from '../../fhir/fhirpath-syntax.ts';
import { exactNumber, numberText } from '../../fhir/json.ts';
import { movedMoment } from './date-arithmetic.ts';
import { plainText, tidy } from './decimals.ts';
import { decimal, type Evaluate, integer, string } from './functions.ts';
import { type Node, type Nodes, nodeOf, nothing, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import { amountOf } from './quantities.ts';
import { type Kind, kindOf, primitiveText, textOf } from './types.ts';

export type Arithmetic = Extract<BinaryOperator, '*' | '/' | 'div' | 'mod' | '+' | '-' | '&'>;

export function isArithmetic(op: BinaryOperator): op is Arithmetic {
  return ['*', '/', 'div', 'mod', '+', '-', '&'].includes(op);
}

/** Empty where a side is, but for & where that is no text. The evaluation throws NotEvaluable for types that do not go together. */
export function arithmetic(op: Arithmetic, left: Evaluate, right: Evaluate): Evaluate {
  return (focus, scope) => {
    const one = single(left(focus, scope));
    const other = single(right(focus, scope));
    if (op === '&') return string(written(one) + written(other));
    return one === undefined || other === undefined ? nothing : calculated(op, one, other);
  };
}

function written(node: Node | undefined): string {
  const text = node === undefined ? '' : (textOf(node) ?? (node.value === undefined ? '' : undefined));
  if (text === undefined) throw new NotEvaluable('& joins Strings');
  return text;
}

function calculated(op: Arithmetic, left: Node, right: Node): Nodes {
  const kind = kindOf(left.type);
  const other = kindOf(right.type);
  if ((op === '+' || op === '-') && isMoment(kind) && other === 'quantity')
    return moved(left, right, op === '-' ? -1 : 1);
  if (kind === 'quantity' || other === 'quantity') return ofQuantities(op, left, right);
  const [a, b] = [primitiveText(left), primitiveText(right)];
  if (a === undefined || b === undefined) return nothing;
  if (op === '+' && kind === 'string' && other === 'string') return string(a + b);
  if (!isNumber(kind) || !isNumber(other)) throw new NotEvaluable(`${op} is not for values of these types`);
  const result = ofNumbers(op, Number(a), Number(b));
  if (result === undefined || !Number.isFinite(result)) return nothing;
  if (op === 'div' || (op !== '/' && kind === 'integer' && other === 'integer')) return integer(result);
  return decimal(exactNumber(plainText(tidy(result))));
}

function ofNumbers(op: Arithmetic, left: number, right: number): number | undefined {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
    case 'div':
      return right === 0 ? undefined : Math.trunc(tidy(left / right));
    case 'mod':
      return right === 0 ? undefined : tidy(left % right);
    case '&':
      return undefined;
  }
}

// Amounts of one unit are added; a number times or by a quantity keeps its unit.
function ofQuantities(op: Arithmetic, left: Node, right: Node): Nodes {
  const one = amountOf(left);
  const other = amountOf(right);
  if (one === undefined || other === undefined) return nothing;
  const adds = (op === '+' || op === '-') && one.unit === other.unit;
  const scales = (op === '*' && (one.unit === '1' || other.unit === '1')) || (op === '/' && other.unit === '1');
  if (!adds && !scales) throw new NotEvaluable('quantities of these units are not calculated with');
  const result = ofNumbers(op, Number(one.value), Number(other.value));
  if (result === undefined) return nothing;
  const unit = one.unit === '1' ? other.unit : one.unit;
  return [nodeOf('System.Quantity', { value: exactNumber(plainText(tidy(result))), unit })];
}

function moved(moment: Node, by: Node, sign: 1 | -1): Nodes {
  const amount = amountOf(by);
  const text = primitiveText(moment);
  if (amount === undefined || text === undefined) return nothing;
  const result = movedMoment(text, sign * Number(amount.value), amount.unit);
  if (result === undefined) throw new NotEvaluable('a date is moved by years, months, weeks, days, or parts of a day');
  return [nodeOf(moment.type, result)];
}

const isNumber = (kind: Kind): boolean => kind === 'integer' || kind === 'decimal';
const isMoment = (kind: Kind): boolean => kind === 'date' || kind === 'dateTime' || kind === 'time';
/** The text of a number node. */
export const numberOf = (node: Node): number | undefined => {
  const text = numberText(node.value);
  return text === undefined ? undefined : Number(text);
};
