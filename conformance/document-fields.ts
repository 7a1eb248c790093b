// Which fields a document has, in the words of the tables of fields: so that no field of a sample is passed over in silence.

import { isStatement } from '../mappings/ccda/section.ts';
import type { SourceFormat } from '../mappings/fields.ts';
import { childElements, element, readXml, textOf, type XmlElement } from '../mappings/xml.ts';
import { isObject, type JsonObject } from '../server/fhir/json.ts';

/** The fields with a value, each once, that no row of the format names. */
export function unnamedFields(format: SourceFormat, fields: Iterable<string>): string[] {
  const named = new Set(format.fields.map(({ at }) => at));
  return [...new Set(fields)].filter((field) => !prefixesOf(field).some((prefix) => named.has(prefix)));
}

// `a/b/c` is named by `a/b/c`, `a/b` and `a`.
function prefixesOf(field: string): string[] {
  const parts = field.split('/');
  return parts.map((_, n) => parts.slice(0, n + 1).join('/'));
}

/** The elements of a CDA document that say something: from the document, the section or the statement they stand in. */
export function ccdaFieldsOf(bytes: Uint8Array): string[] {
  const found = new Set<string>();
  const root = readXml(bytes);
  walk(root, root.name === 'component' ? '' : root.name, found);
  return [...found];
}

const structural = new Set([
  'classCode',
  'moodCode',
  'typeCode',
  'nullFlavor',
  'inversionInd',
  'determinerCode',
  'contextConductionInd',
]);

function walk(of: XmlElement, path: string, found: Set<string>): void {
  for (const name of of.attributes.keys()) {
    if (name.startsWith('{') || structural.has(name) || path === '') continue;
    if (name === 'negationInd' && of.attributes.get(name) === 'false') continue;
    found.add(name === 'negationInd' ? `${path}/@${name}` : path);
  }
  if (path === 'section/text') {
    found.add(path);
    return;
  }
  for (const child of childElements(of)) {
    const starts = child.name === 'section' || (isStatement(child) && isStatementPlace(of));
    walk(child, starts ? child.name : isHolder(child, path) ? path : join(path, child.name), found);
  }
  // Words beside the elements of a section or a statement are no field.
  if (path.includes('/') && of.content.some((item) => typeof item === 'string' && item.trim() !== '')) found.add(path);
}

const join = (path: string, name: string): string => (path === '' ? '' : `${path}/${name}`);
const isStatementPlace = ({ name }: XmlElement): boolean => ['entry', 'entryRelationship', 'component'].includes(name);
// What only holds statements or sections has no field of its own.
const isHolder = (child: XmlElement, path: string): boolean =>
  ['entry', 'entryRelationship'].includes(child.name) ||
  (child.name === 'component' &&
    (path === 'organizer' || path === 'section' || element(child, 'section') !== undefined)) ||
  (child.name === 'structuredBody' && textOf(child) !== '');

/** The parts of a Bundle: its own elements, the types of its resources, the sections of its Compositions. */
export function fhirFieldsOf(bundle: JsonObject): string[] {
  const entries = Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  const resources = entries.flatMap(({ resource }) => (isObject(resource) ? [resource] : []));
  const own = Object.keys(bundle).filter((name) => !['resourceType', 'id', 'type', 'entry', 'total'].includes(name));
  return [
    ...own.map((name) => `Bundle.${name}`),
    ...resources.map(({ resourceType }) => String(resourceType)),
    ...resources.flatMap(({ resourceType, section }) => (resourceType === 'Composition' ? sectionsOf(section) : [])),
  ];
}

// Of the Japanese documents, whose sections are numbered; other documents name theirs by LOINC.
function sectionsOf(sections: unknown): string[] {
  if (!Array.isArray(sections)) return [];
  return sections.filter(isObject).flatMap(({ code, section }) => {
    const codings = isObject(code) && Array.isArray(code.coding) ? code.coding.filter(isObject) : [];
    const own = codings.filter(({ system }) => String(system).startsWith('http://jpfhir.jp/'));
    return [...own.map(({ system, code: is }) => `Composition.section[${system}|${is}]`), ...sectionsOf(section)];
  });
}
