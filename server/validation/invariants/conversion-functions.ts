// toInteger() and its kin, and the convertsTo… that ask whether they would answer. http://hl7.org/fhirpath/N1/#conversion

import { exactNumber, isObject, numberText } from '../../fhir/json.ts';
import { momentOf } from './dates.ts';
import {
  argument,
  boolean,
  decimal,
  type Evaluate,
  type FunctionTable,
  integer,
  singleText,
  string,
  type Test,
  takes,
} from './functions.ts';
import { type Node, type Nodes, nodeOf, nothing, single } from './node.ts';
import { amountOf } from './quantities.ts';
import { kindOf, primitiveText } from './types.ts';

type Convert = (node: Node) => Nodes;

export const conversions: FunctionTable<Evaluate> = {
  toBoolean: converting(toBoolean),
  toInteger: converting(toInteger),
  toDecimal: converting(toDecimal),
  toString: converting(toText),
  toDate: converting(toDate),
  toDateTime: converting(toDateTime),
  toTime: converting(toTime),
  toQuantity: convertingTo(toQuantity),
};

export const convertible: FunctionTable<Test> = {
  convertsToBoolean: asking(toBoolean),
  convertsToInteger: asking(toInteger),
  convertsToDecimal: asking(toDecimal),
  convertsToString: asking(toText),
  convertsToDate: asking(toDate),
  convertsToDateTime: asking(toDateTime),
  convertsToTime: asking(toTime),
  convertsToQuantity: takes(0, 1, (call) => {
    const convert = convertingTo(toQuantity)(call);
    return (focus, scope) => (call.of(focus, scope).length === 0 ? undefined : convert(focus, scope).length > 0);
  }),
};

function converting(convert: Convert): FunctionTable<Evaluate>[string] {
  return takes(0, 0, ({ of }) => (focus, scope) => {
    const node = single(of(focus, scope));
    return node === undefined ? nothing : convert(node);
  });
}

function convertingTo(convert: (node: Node, unit: string | undefined) => Nodes): FunctionTable<Evaluate>[string] {
  return takes(0, 1, (call) => {
    const unit = argument(call);
    return (focus, scope) => {
      const node = single(call.of(focus, scope));
      return node === undefined ? nothing : convert(node, singleText(unit(focus, scope)));
    };
  });
}

function asking(convert: Convert): FunctionTable<Test>[string] {
  return takes(0, 0, ({ of }) => (focus, scope) => {
    const node = single(of(focus, scope));
    return node === undefined ? undefined : convert(node).length > 0;
  });
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  '1': true,
  '1.0': true,
  false: false,
  f: false,
  no: false,
  n: false,
  '0': false,
  '0.0': false,
};

function toBoolean(node: Node): Nodes {
  const text = primitiveText(node)?.toLowerCase();
  return boolean(text !== undefined && Object.hasOwn(words, text) ? words[text] : undefined);
}

function toInteger(node: Node): Nodes {
  if (node.value === true || node.value === false) return integer(Number(node.value));
  const text = primitiveText(node);
  if (text === undefined || kindOf(node.type) === 'decimal' || !/^[+-]?\d+$/.test(text)) return nothing;
  const value = Number(text);
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? integer(value) : nothing;
}

function toDecimal(node: Node): Nodes {
  if (node.value === true || node.value === false) return decimal(Number(node.value));
  const text = primitiveText(node)?.replace(/^\+/, '');
  return text !== undefined && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
    ? decimal(exactNumber(withoutZeros(text)))
    : nothing;
}

// JSON has no 007.
const withoutZeros = (text: string): string => text.replace(/^(-?)0+(?=\d)/, '$1');

function toText(node: Node): Nodes {
  if (kindOf(node.type) === 'quantity' && isObject(node.value)) {
    const amount = amountOf(node);
    const unit = node.value.unit ?? node.value.code;
    return amount === undefined ? nothing : string(`${amount.value} ${quoted(unit)}`);
  }
  const text = primitiveText(node);
  return text === undefined ? nothing : string(text);
}

const calendarUnit = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/;
const quoted = (unit: unknown): string =>
  typeof unit === 'string' && calendarUnit.test(unit) ? unit : `'${typeof unit === 'string' ? unit : '1'}'`;

function toDate(node: Node): Nodes {
  const day = dated(node)?.split('T')[0];
  return day === undefined ? nothing : [nodeOf('System.Date', day)];
}

function toDateTime(node: Node): Nodes {
  const text = dated(node);
  return text === undefined ? nothing : [nodeOf('System.DateTime', text)];
}

function dated(node: Node): string | undefined {
  const text = typeof node.value === 'string' ? node.value.replace(/^@/, '') : undefined;
  return text !== undefined && momentOf(text)?.from === 0 ? text : undefined;
}

function toTime(node: Node): Nodes {
  const text = typeof node.value === 'string' ? node.value : '';
  return momentOf(text)?.from === 3 ? [nodeOf('System.Time', text.replace(/^T/, ''))] : nothing;
}

const quantityText = /^([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|([a-z]+))?$/;

function toQuantity(node: Node, asked: string | undefined): Nodes {
  const found = quantityOf(node);
  if (found === undefined) return nothing;
  const isAsked = asked === undefined || asked === found.unit;
  return isAsked
    ? [nodeOf('System.Quantity', { value: exactNumber(withoutZeros(found.value)), unit: found.unit })]
    : nothing;
}

function quantityOf(node: Node): { value: string; unit: string } | undefined {
  if (kindOf(node.type) === 'quantity') return amountOf(node);
  if (typeof node.value === 'boolean') return { value: node.value ? '1.0' : '0.0', unit: '1' };
  const number = numberText(node.value);
  if (number !== undefined) return { value: number, unit: '1' };
  const [, value, unit, calendar] = quantityText.exec(String(node.value)) ?? [];
  if (value === undefined || (calendar !== undefined && !calendarUnit.test(calendar))) return undefined;
  return { value: value.replace(/^\+/, ''), unit: unit ?? calendar?.replace(/s$/, '') ?? '1' };
}
