// A resource as `parseJson` gives it -> FHIR XML, elements in the order of the definitions.
// FHIR R4, https://hl7.org/fhir/R4/xml.html

import { isObject, type JsonObject, numberText } from './json.ts';
import { type Member, type Shape, shapeOf } from './shapes.ts';
import { divXml, escaped, fhirNamespace } from './xml-narrative.ts';

/** The XML text of a resource, without an XML declaration. Members that its type does not have are left out. */
export function xmlOf(resource: JsonObject): string {
  return resourceXml(resource, ` xmlns="${fhirNamespace}"`);
}

/** One element of a resource or type: `elementXml('Bundle', 'entry', {…})`. Throws for an element it does not have. */
export function elementXml(type: string, name: string, value: JsonObject): string {
  const member = shapeOf(type).members.get(name);
  if (member === undefined) throw new Error(`${type} has no ${name}`);
  return itemXml(member, value, undefined);
}

function resourceXml(resource: JsonObject, namespace: string): string {
  const type = String(resource.resourceType);
  const content = contentXml(resource, shapeOf(type));
  return content === '' ? `<${type}${namespace}/>` : `<${type}${namespace}>${content}</${type}>`;
}

function contentXml(value: JsonObject, shape: Shape): string {
  return presentMembers(value, shape)
    .filter((member) => !isAttribute(member.key, shape))
    .map((member) => memberXml(member, value))
    .join('');
}

/** The elements an object has, in the order of its definition. A primitive's two halves are one element. */
function presentMembers(value: JsonObject, shape: Shape): Member[] {
  const order = orderOf(shape);
  const present = new Set<string>();
  for (const name in value) {
    const member = value[name] === undefined ? undefined : shape.members.get(name);
    if (member) present.add(member.key);
  }
  const keys = [...present].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0));
  return keys.flatMap((key) => shape.members.get(key) ?? []);
}

const orders = new Map<Shape, Map<string, number>>();

function orderOf(shape: Shape): Map<string, number> {
  const known = orders.get(shape);
  if (known) return known;
  const order = new Map([...shape.members.keys()].map((key, place) => [key, place]));
  orders.set(shape, order);
  return order;
}

/** `id` of all but resources, and `url` of an extension, are attributes. */
function isAttribute(key: string, { type, isResource }: Shape): boolean {
  return !isResource && (key === 'id' || (key === 'url' && type === 'Extension'));
}

function memberXml(member: Member, owner: JsonObject): string {
  const value = owner[member.key];
  const half = member.sibling === undefined ? undefined : owner[member.sibling];
  if (!Array.isArray(value) && !Array.isArray(half)) return itemXml(member, value, half);
  const values: unknown[] = Array.isArray(value) ? value : [];
  const halves: unknown[] = Array.isArray(half) ? half : [];
  const length = Math.max(values.length, halves.length);
  return Array.from({ length }, (_, n) => itemXml(member, values[n], halves[n])).join('');
}

/** `half` is the id and extension of a primitive. */
function itemXml(member: Member, value: unknown, half: unknown): string {
  const { key, type } = member;
  if (type === 'xhtml') return typeof value === 'string' ? divXml(value) : '';
  if (type === 'Resource') return isObject(value) ? `<${key}>${resourceXml(value, '')}</${key}>` : '';
  const shape = shapeOf(member.check ? 'Element' : type);
  const object = member.check ? half : value;
  const text = member.check && value !== undefined && value !== null ? (numberText(value) ?? String(value)) : undefined;
  if (text === undefined && !isObject(object)) return '';
  const inner = isObject(object) ? object : {};
  const attributes = attribute('id', inner.id) + (type === 'Extension' ? attribute('url', inner.url) : '');
  const tag = `${key}${attributes}${attribute('value', text)}`;
  const content = isObject(object) ? contentXml(inner, shape) : '';
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${key}>`;
}

const attribute = (name: string, text: unknown): string =>
  typeof text === 'string' ? ` ${name}="${escaped(text)}"` : '';
