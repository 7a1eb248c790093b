// FHIR XML -> the value `parseJson` gives for the same resource in JSON, driven by the tables of shapes.ts.
// FHIR R4, https://hl7.org/fhir/R4/xml.html and https://hl7.org/fhir/R4/json.html

import { SaxesParser, type SaxesTagNS } from 'saxes';
import { resourceTypes } from './definitions.ts';
import { exactNumber, type JsonObject } from './json.ts';
import { invalid, malformed, type OperationOutcomeError, tooDeep } from './outcome.ts';
import { type Member, type Shape, shapeOf } from './shapes.ts';
import { type Div, fhirNamespace, openDiv, xhtmlNamespace } from './xml-narrative.ts';

/** Elements inside elements, those of a narrative included; a resource that is nested deeper is refused. */
const MAX_DEPTH = 200;
const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** What an open element becomes. `place` is its path in FHIR's words: `Patient.name[1]`. */
type Open = {
  place: string;
  parent: Open | undefined;
  /** What the element is in its parent; undefined for a resource, which has no element name of its own. */
  member: Member | undefined;
  shape: Shape;
  value: JsonObject;
  /** Of a primitive: its value, when it has one. */
  primitive: unknown;
  /** How many of each repeating element were read. */
  counts: Map<string, number>;
};

/**
 * Reads one resource. The order of different elements is not checked; comments, processing instructions and schema
 * locations are ignored. Throws 400 for what is no XML or has a DOCTYPE, 422 for XML that is no FHIR; names elements and
 * positions, quotes nothing.
 */
export function parseXml(text: string): JsonObject {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const parser = new SaxesParser({ xmlns: true, position: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  let open: Open | undefined;
  let div: Div | undefined;
  let root: JsonObject | undefined;
  let depth = 0;

  parser.on('error', () => {
    throw malformed(`The body is not well-formed XML: fault at line ${parser.line} column ${parser.column}`);
  });
  parser.on('doctype', () => {
    throw malformed('The body has a DOCTYPE, which FHIR XML must not have');
  });
  parser.on('xmldecl', ({ encoding = 'utf-8' }) => {
    if (!/^(?:utf-?8|us-ascii)$/i.test(encoding))
      throw malformed('The XML declaration must name UTF-8 as its encoding');
  });
  parser.on('opentag', (tag) => {
    if (++depth > MAX_DEPTH) throw tooDeep(MAX_DEPTH);
    if (div) div.open(tag);
    else if (open?.member?.type === 'xhtml') throw refused(open.place, 'has no elements but those of XHTML');
    else {
      open = open === undefined ? openResource(tag, undefined) : openIn(tag, open);
      if (open.member?.type === 'xhtml') div = openDiv(tag, source.lastIndexOf('<', parser.position - 1), open.place);
      else readAttributes(tag, open);
    }
  });
  parser.on('closetag', () => {
    depth--;
    if (open === undefined || (div && !div.close())) return;
    if (div) open.primitive = source.slice(div.start, parser.position);
    div = undefined;
    if (open.parent === undefined) root = open.value;
    close(open);
    open = open.parent;
  });
  const noText = (characters: string) => {
    if (!div && /[^ \t\r\n]/.test(characters))
      throw refused(open?.place ?? '', 'must not have text between its elements');
  };
  parser.on('text', noText);
  parser.on('cdata', noText);
  parser.write(source).close();
  if (root === undefined) throw malformed('The body holds no XML element');
  return root;
}

function openIn(tag: SaxesTagNS, parent: Open): Open {
  if (parent.member?.type === 'Resource') return openResource(tag, parent);
  const { shape, place } = parent;
  const member = tag.local.startsWith('_') ? undefined : shape.members.get(tag.local);
  const namespace = member?.type === 'xhtml' ? xhtmlNamespace : fhirNamespace;
  if (tag.uri !== namespace)
    throw refused(place, `holds an element outside the namespace ${member ? namespace : fhirNamespace}`);
  if (member === undefined) throw refused(`${place}.${shortened(tag.local)}`, `is not an element of ${shape.type}`);
  if (isAttribute(member, shape)) throw refused(`${place}.${member.name}`, 'has to be an attribute in XML');
  const count = parent.counts.get(member.key) ?? 0;
  if (count > 0 && !member.isArray) throw refused(`${place}.${member.name}`, 'may be there only once');
  parent.counts.set(member.key, count + 1);
  return {
    place: member.isArray ? `${place}.${member.name}[${count}]` : `${place}.${member.name}`,
    parent,
    member,
    shape: shapeOf(member.check ? 'Element' : member.type),
    value: {},
    primitive: undefined,
    counts: new Map(),
  };
}

/** A resource: the root, or the one element inside contained, Bundle.entry.resource, Parameters.parameter.resource. */
function openResource(tag: SaxesTagNS, parent: Open | undefined): Open {
  const place = parent?.place ?? '';
  if (tag.uri !== fhirNamespace) throw refused(place, `must be a resource in the namespace ${fhirNamespace}`);
  if (!resourceTypes.has(tag.local)) throw refused(place, 'must be a resource type of FHIR R4', 'not-supported');
  if (parent?.value.resourceType !== undefined) throw refused(place, 'must hold one resource only');
  const value: JsonObject = parent?.value ?? {};
  value.resourceType = tag.local;
  return {
    place: place || tag.local,
    parent,
    member: undefined,
    shape: shapeOf(tag.local),
    value,
    primitive: undefined,
    counts: new Map(),
  };
}

/** `id` of all but resources, and `url` of an extension, are attributes. */
function isAttribute({ key }: Member, { type, isResource }: Shape): boolean {
  return !isResource && (key === 'id' || (key === 'url' && type === 'Extension'));
}

function readAttributes({ attributes }: SaxesTagNS, open: Open): void {
  const { shape, member, place, value } = open;
  const isContainer = member?.type === 'Resource';
  for (const { prefix, local, uri, value: text } of Object.values(attributes)) {
    if (prefix === 'xmlns' || (prefix === '' && local === 'xmlns') || uri === INSTANCE) continue;
    const attribute = uri === '' && !isContainer ? shape.members.get(local) : undefined;
    if (attribute && isAttribute(attribute, shape)) value[local] = text;
    else if (uri === '' && local === 'value' && member?.check) open.primitive = primitiveOf(text, member.type, place);
    else throw refused(place, `must not have the attribute ${shortened(local)}`);
  }
}

function primitiveOf(text: string, type: string, place: string): unknown {
  if (type === 'boolean') {
    if (text !== 'true' && text !== 'false') throw refused(place, 'must be true or false', 'value');
    return text === 'true';
  }
  if (!numeric.has(type)) return text;
  const number = Number(text);
  if (String(number) === text && Number.isFinite(number)) return number;
  if (!JSON_NUMBER.test(text)) throw refused(place, 'must be a number', 'value');
  return exactNumber(text);
}

const numeric = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Puts what was read into its parent. */
function close({ place, parent, member, shape, value, primitive, counts }: Open): void {
  for (const [key, count] of counts) fill(value, key, shape.members.get(key)?.sibling, count);
  // A resource is one object with the element around it.
  if (parent === undefined || member === undefined) return;
  const { key, sibling } = member;
  if (sibling === undefined) {
    if (member.type === 'Resource' && value.resourceType === undefined) throw refused(place, 'must hold a resource');
    put(parent, member, key, value);
    return;
  }
  const hasSibling = Object.keys(value).length > 0;
  if (primitive === undefined && !hasSibling) throw refused(place, 'must have a value, an id or an extension');
  if (primitive !== undefined) put(parent, member, key, primitive);
  if (hasSibling) put(parent, member, sibling, value);
}

function put({ value, counts }: Open, { isArray, key: counted }: Member, key: string, item: unknown): void {
  if (!isArray) value[key] = item;
  else {
    const items = arrayAt(value, key);
    pad(items, (counts.get(counted) ?? 1) - 1);
    items.push(item);
  }
}

/** "null values are used to fill out both arrays": of a repeating primitive that has both. */
function fill(value: JsonObject, key: string, sibling: string | undefined, count: number): void {
  if (sibling === undefined || !Array.isArray(value[sibling])) return;
  pad(arrayAt(value, sibling), count);
  if (value[key] !== undefined) pad(arrayAt(value, key), count);
}

function arrayAt(value: JsonObject, key: string): unknown[] {
  const known = value[key];
  if (Array.isArray(known)) return known;
  const items: unknown[] = [];
  value[key] = items;
  return items;
}

function pad(items: unknown[], length: number): void {
  while (items.length < length) items.push(null);
}

function refused(place: string, problem: string, code = 'structure'): OperationOutcomeError {
  const diagnostics = `${place || 'The body'} ${problem}`;
  return invalid([{ severity: 'error', code, diagnostics, ...(place ? { expression: [place] } : {}) }]);
}

const shortened = (name: string): string => (name.length > 64 ? `${name.slice(0, 63)}…` : name);
