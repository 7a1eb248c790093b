// XML files of other systems -> a tree of elements, read without trusting them: no document type (and so no entities but XML's
// own five), and limits of size and depth. XML 1.0 (fifth edition) and Namespaces in XML 1.0.

import { SaxesParser, type SaxesTagNS } from 'saxes';
import { type Charset, decode } from './charset.ts';
import { UnreadableInput } from './record.ts';

export type XmlElement = {
  /** Local name. */
  name: string;
  /** '' when the element is in none. */
  namespace: string;
  /** By local name; of an attribute with a prefix the whole name as it stands in `{namespace}local`. */
  attributes: ReadonlyMap<string, string>;
  /** Elements and text in their order. */
  content: readonly (XmlElement | string)[];
};

export type XmlLimits = { bytes: number; depth: number; elements: number };

/** Far above what a health record of one person needs. */
export const xmlLimits: XmlLimits = { bytes: 32 * 1024 * 1024, depth: 100, elements: 500_000 };

const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/**
 * The root of a document. Throws UnreadableInput for what is no well-formed XML, for a document type, for a character set
 * that is not known, and beyond the limits; it names lines and columns and quotes nothing.
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits = xmlLimits): XmlElement {
  if (bytes.length > limits.bytes)
    throw new UnreadableInput(`The XML is larger than ${limits.bytes} bytes, the most that is read.`);
  const parser = new SaxesParser({ xmlns: true, position: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const open: Open[] = [];
  let root: Open | undefined;
  let elements = 0;
  parser.on('error', () => {
    throw new UnreadableInput(`The file is not well-formed XML: fault at line ${parser.line} column ${parser.column}.`);
  });
  parser.on('doctype', () => {
    throw new UnreadableInput('The XML has a document type (DOCTYPE), which is not read.');
  });
  parser.on('opentag', (tag) => {
    if (open.length >= limits.depth)
      throw new UnreadableInput(`The XML is nested deeper than ${limits.depth} elements.`);
    if (++elements > limits.elements) throw new UnreadableInput(`The XML has more than ${limits.elements} elements.`);
    const element = { name: tag.local, namespace: tag.uri, attributes: attributesOf(tag), content: [] };
    root ??= element;
    open.at(-1)?.content.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const addText = (text: string) => void open.at(-1)?.content.push(text);
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(textOfBytes(bytes)).close();
  if (root === undefined) throw new UnreadableInput('The file holds no XML element.');
  return root;
}

type Open = XmlElement & { content: (XmlElement | string)[] };

/** The elements of this name directly inside, in the namespace of the element around them unless another is named. */
export function elements(parent: XmlElement, name: string, namespace: string = parent.namespace): XmlElement[] {
  return parent.content.filter(
    (item): item is XmlElement => typeof item !== 'string' && item.name === name && item.namespace === namespace,
  );
}

/** Every element directly inside. */
export function childElements(parent: XmlElement): XmlElement[] {
  return parent.content.filter((item) => typeof item !== 'string');
}

/** The first element down this path; undefined when there is none. */
export function element(parent: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  let at = parent;
  for (const name of path) {
    if (at === undefined) return undefined;
    const { content, namespace }: XmlElement = at;
    at = content.find(
      (item): item is XmlElement => typeof item !== 'string' && item.name === name && item.namespace === namespace,
    );
  }
  return at;
}

/** An attribute without white space around it; undefined when it is not there or empty. */
export function attribute(of: XmlElement | undefined, name: string): string | undefined {
  return of?.attributes.get(name)?.trim() || undefined;
}

/** The type that `xsi:type` gives, without its prefix; undefined when it gives none. */
export function xsiType(of: XmlElement | undefined): string | undefined {
  return attribute(of, `{${INSTANCE}}type`)?.replace(/^.*:/, '');
}

/** All the text inside, that of the elements in it too, with white space between words as one space. */
export function textOf(of: XmlElement | undefined): string {
  const parts: string[] = [];
  if (of) collectText(of, parts);
  return parts
    .join(' ')
    .replace(/[ \t\r\n]+/g, ' ')
    .trim();
}

// As deep as the limit at most.
function collectText({ content }: XmlElement, parts: string[]): void {
  for (const item of content) {
    if (typeof item === 'string') parts.push(item);
    else collectText(item, parts);
  }
}

function attributesOf({ attributes }: SaxesTagNS): Map<string, string> {
  const read = new Map<string, string>();
  for (const { prefix, local, uri, value } of Object.values(attributes)) {
    if (prefix === 'xmlns' || (prefix === '' && local === 'xmlns')) continue;
    read.set(uri === '' ? local : `{${uri}}${local}`, value);
  }
  return read;
}

/** By byte order mark, then by the XML declaration, else UTF-8. XML 1.0 appendix F. */
function textOfBytes(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return textOfUtf16(bytes, first === 0xff);
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const named = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(head)?.[1];
  const charset = named === undefined ? 'utf-8' : charsets[named.toLowerCase()];
  if (charset === undefined) throw new UnreadableInput('The XML declaration names a character set that is not read.');
  return decode(bytes, charset, named === undefined ? 'the XML names no other' : 'the XML declaration says so');
}

const charsets: Record<string, Charset | undefined> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  shift_jis: 'shift_jis',
  'shift-jis': 'shift_jis',
  sjis: 'shift_jis',
  'windows-31j': 'shift_jis',
  'iso-2022-jp': 'iso-2022-jp',
  'iso-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
};

function textOfUtf16(bytes: Uint8Array, isLittle: boolean): string {
  try {
    return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableInput('The bytes are not valid UTF-16, expected because of the byte order mark.');
  }
}
