// A resource as `parseJson` gives it -> FHIR XML, elements in the order of the definitions.
// FHIR R4, https://hl7.org/fhir/R4/xml.html

import { isObject, type JsonObject, numberText } from './json.ts';
import { type Member, type Shape, shapeOf } from './shapes.ts';
import { divXml, escaped, fhirNamespace } from './xml-narrative.ts';

/** The XML text of a resource, without an XML declaration. Members that its type does not have are left out. */
export function xmlOf(resource: JsonObject, isPretty = false): string {
  const lead = isPretty ? '\n' : '';
  return resourceXml(resource, ` xmlns="${fhirNamespace}"`, lead).slice(lead.length);
}

/**
 * One element of a type: `elementXml('Bundle', 'entry', {…}, '')`. `lead` stands before each tag: empty, or a line break with
 * spaces, which grow inwards. Throws for an element the type does not have.
 */
export function elementXml(type: string, name: string, value: JsonObject, lead: string): string {
  const member = shapeOf(type).members.get(name);
  if (member === undefined) throw new Error(`${type} has no ${name}`);
  return itemXml(member, value, undefined, lead);
}

function resourceXml(resource: JsonObject, namespace: string, lead: string): string {
  const type = String(resource.resourceType);
  return wrapped(type, namespace, contentXml(resource, shapeOf(type), inner(lead)), lead);
}

const inner = (lead: string): string => (lead === '' ? '' : `${lead}  `);

const wrapped = (name: string, attributes: string, content: string, lead: string): string =>
  content === '' ? `${lead}<${name}${attributes}/>` : `${lead}<${name}${attributes}>${content}${lead}</${name}>`;

function contentXml(value: JsonObject, shape: Shape, lead: string): string {
  let text = '';
  for (const member of presentMembers(value, shape)) {
    if (!isAttribute(member.key, shape)) text += memberXml(member, value, lead);
  }
  return text;
}

/** The elements an object has, in the order of its definition. A primitive's two halves are one element. */
function presentMembers(value: JsonObject, shape: Shape): Member[] {
  const ranks = ranksOf(shape);
  const present: Ranked[] = [];
  let isInOrder = true;
  for (const name in value) {
    const ranked = value[name] === undefined ? undefined : ranks.get(name);
    if (ranked === undefined) continue;
    const last = present.at(-1);
    if (last === ranked) continue;
    isInOrder &&= last === undefined || last.rank < ranked.rank;
    present.push(ranked);
  }
  if (!isInOrder) present.sort((one, other) => one.rank - other.rank);
  return present.filter((one, n) => one !== present[n - 1]).map(({ member }) => member);
}

type Ranked = { member: Member; rank: number };

const ranksByShape = new Map<Shape, Map<string, Ranked>>();

/** By JSON name; both names of a primitive give the same. */
function ranksOf(shape: Shape): Map<string, Ranked> {
  const known = ranksByShape.get(shape);
  if (known) return known;
  const ranks = new Map<string, Ranked>();
  for (const [name, member] of shape.members) {
    ranks.set(name, ranks.get(member.key) ?? { member, rank: ranks.size });
  }
  ranksByShape.set(shape, ranks);
  return ranks;
}

/** `id` of all but resources, and `url` of an extension, are attributes. */
function isAttribute(key: string, { type, isResource }: Shape): boolean {
  return !isResource && (key === 'id' || (key === 'url' && type === 'Extension'));
}

function memberXml(member: Member, owner: JsonObject, lead: string): string {
  const value = owner[member.key];
  const half = member.sibling === undefined ? undefined : owner[member.sibling];
  if (!Array.isArray(value) && !Array.isArray(half)) return itemXml(member, value, half, lead);
  const values: unknown[] = Array.isArray(value) ? value : [];
  const halves: unknown[] = Array.isArray(half) ? half : [];
  const length = Math.max(values.length, halves.length);
  return Array.from({ length }, (_, n) => itemXml(member, values[n], halves[n], lead)).join('');
}

/** `half` is the id and extension of a primitive. */
function itemXml(member: Member, value: unknown, half: unknown, lead: string): string {
  const { key, type } = member;
  if (type === 'xhtml') return typeof value === 'string' ? lead + divXml(value) : '';
  if (type === 'Resource') return isObject(value) ? wrapped(key, '', resourceXml(value, '', inner(lead)), lead) : '';
  const text = member.check && value !== undefined && value !== null ? (numberText(value) ?? String(value)) : undefined;
  const object = member.check ? half : value;
  if (!isObject(object)) return text === undefined ? '' : `${lead}<${key}${attribute('value', text)}/>`;
  const attributes = attribute('id', object.id) + (type === 'Extension' ? attribute('url', object.url) : '');
  const content = contentXml(object, shapeOf(member.check ? 'Element' : type), inner(lead));
  return wrapped(key, attributes + attribute('value', text), content, lead);
}

const attribute = (name: string, text: unknown): string =>
  typeof text === 'string' ? ` ${name}="${escaped(text)}"` : '';
