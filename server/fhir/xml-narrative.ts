// The narrative's div, the one piece of XML that FHIR JSON holds as text: kept letter for letter both ways, because what
// people read is not ours to rewrite. FHIR R4, https://hl7.org/fhir/R4/narrative.html#xhtml

import { SaxesParser, type SaxesTagNS } from 'saxes';
import { invalid, type OperationOutcomeError } from './outcome.ts';

export const fhirNamespace = 'http://hl7.org/fhir';
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';

/** A div that is being read: where its text starts, and what the parser meets inside it. */
export type Div = {
  start: number;
  open(tag: SaxesTagNS): void;
  /** True for the end of the div itself. */
  close(): boolean;
};

/** Throws 422 for a div that would mean something else once it stands alone: it has to declare its namespace itself. */
export function openDiv(tag: SaxesTagNS, start: number, place: string): Div {
  let depth = 1;
  if (tag.attributes.xmlns?.value !== xhtmlNamespace) throw refused(place);
  check(tag);
  return {
    start,
    open: (inner) => {
      depth++;
      check(inner);
    },
    close: () => --depth === 0,
  };

  function check({ prefix, uri, attributes }: SaxesTagNS): void {
    const isPlain = Object.values(attributes).every((one) => ['', 'xml', 'xmlns'].includes(one.prefix));
    if (prefix !== '' || uri !== xhtmlNamespace || !isPlain) throw refused(place);
  }
}

/**
 * The div as it can stand in XML: as it is, or, when it is not well-formed or not XHTML, as a div that shows its source.
 * HTML's own entities, which FHIR forbids but JSON cannot keep out, become characters.
 */
export function divXml(text: string): string {
  const div = text.trim();
  if (isDiv(div)) return div;
  const mended = withNamespace(div.replaceAll('&nbsp;', '&#160;'));
  if (isDiv(mended)) return mended;
  return `<div xmlns="${xhtmlNamespace}">${escaped(div)}</div>`;
}

const withNamespace = (div: string): string =>
  /^<div[^>]*\sxmlns\s*=/.test(div) ? div : div.replace(/^<div\b/, `<div xmlns="${xhtmlNamespace}"`);

function isDiv(text: string): boolean {
  const parser = new SaxesParser({ xmlns: true, position: false });
  let isPlain = true;
  let div: Div | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    isPlain = false;
  });
  parser.on('opentag', (tag) => {
    if (tag.local !== 'div' && div === undefined) isPlain = false;
    if (div) div.open(tag);
    else div = openDiv(tag, 0, '');
  });
  try {
    parser.write(text).close();
    return isPlain && div !== undefined && text.startsWith('<div') && text.endsWith('>');
  } catch {
    return false;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters XML 1.0 has no place for
const OUTSIDE_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above
const UNUSUAL = /[&<>"\0-\x1f\ud800-\udfff\ufffe\uffff]/;
const SPECIAL = /[&<>"\t\n\r]/g;
const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text for an attribute in double quotes, or between tags. What XML 1.0 cannot hold at all becomes U+FFFD. */
export function escaped(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  return text
    .toWellFormed()
    .replace(OUTSIDE_XML, '\ufffd')
    .replace(SPECIAL, (character) => references[character] ?? character);
}

function refused(place: string): OperationOutcomeError {
  const diagnostics = `${place} must be a div with xmlns="${xhtmlNamespace}" that uses no prefixes`;
  return invalid([{ severity: 'error', code: 'structure', expression: [place], diagnostics }]);
}
