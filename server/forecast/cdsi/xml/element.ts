// An XML document as a tree of elements, as far as CDC's supporting data need it: no attributes, no mixed content.
import { SaxesParser } from 'saxes';

export type Element = { name: string; text: string; children: Element[] };

/** The root of a document. Throws an `Error` that says where the text is no XML. */
export function parseElement(xml: string): Element {
  const root: Element = { name: '', text: '', children: [] };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('has a document type, which these files do not need');
  });
  parser.on('opentag', ({ name }) => {
    const element: Element = { name, text: '', children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  const [first] = root.children;
  if (first === undefined) throw new Error('holds no element');
  return first;
}

/** The children of a name that hold something. */
export function all({ children }: Element, name: string): Element[] {
  return children.filter((child) => child.name === name && isFilled(child));
}

/** Text of a child, white space between words as one space; undefined where it is absent, empty or `n/a`. */
export function textAt(element: Element, ...path: string[]): string | undefined {
  const [name, ...rest] = path;
  if (name === undefined)
    return isFilled(element) && element.children.length === 0 ? element.text.trim().replaceAll(/\s+/g, ' ') : undefined;
  const child = element.children.find((one) => one.name === name);
  return child && textAt(child, ...rest);
}

/** A row without the members that are undefined or empty lists. */
export function row(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}

function isFilled({ text, children }: Element): boolean {
  if (children.length > 0) return children.some(isFilled);
  const word = text.trim();
  return word !== '' && word.toLowerCase() !== 'n/a';
}
