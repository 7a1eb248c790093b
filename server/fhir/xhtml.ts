// The XHTML of a narrative: a well-formed div with the elements and attributes that R4 lists, and nothing active in it.
// "The narrative SHALL contain only the basic html formatting elements and attributes described in chapters 7-11 (except section 4
// of chapter 9) and 15 of the HTML 4.0 standard, <a> elements (either name or href), images and internally contained style
// attributes" (txt-1). FHIR R4, https://hl7.org/fhir/R4/narrative.html#xhtml

import { xhtmlNamespace } from './xml-narrative.ts';

/** Deprecated ones (font, center, u, …) are out: "SHALL NOT contain … deprecated elements". */
const ELEMENTS = new Set(
  (
    'p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo kbd sub ' +
    'sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area'
  ).split(' '),
);
const ATTRIBUTES = new Set(
  (
    'title style class id lang xml:lang xml:space dir accesskey tabindex span width align valign char charoff abbr axis headers ' +
    'scope rowspan colspan xmlns'
  ).split(' '),
);
const OWN_ATTRIBUTES: Readonly<Record<string, ReadonlySet<string>>> = {
  a: new Set(['href', 'name', 'charset', 'type', 'hreflang', 'rel', 'rev', 'shape', 'coords', 'target']),
  img: new Set(['src', 'alt', 'longdesc', 'height', 'usemap', 'ismap', 'border']),
  map: new Set(['name']),
  area: new Set(['shape', 'coords', 'href', 'nohref', 'alt']),
  table: new Set(['summary', 'border', 'frame', 'rules', 'cellspacing', 'cellpadding', 'bgcolor']),
  td: new Set(['nowrap', 'bgcolor', 'height']),
  th: new Set(['nowrap', 'bgcolor', 'height']),
  tr: new Set(['bgcolor']),
  ul: new Set(['type', 'compact']),
  ol: new Set(['type', 'compact', 'start']),
  li: new Set(['type', 'value']),
  hr: new Set(['noshade', 'size']),
  br: new Set(['clear']),
  blockquote: new Set(['cite']),
  q: new Set(['cite']),
};

// One piece: comment, tag, reference, text. A piece that is none of these is a lone < or &, and ends the reading: what comes behind
// it is not tried again and again. HTML ends a comment at <!--> and <!--->, XML does not: there is none that begins so.
const PIECE =
  /<!--(?!-?>)[\s\S]*?-->|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*')){0,100})\s*(\/?)>|&(?:#\d+|#x[\da-fA-F]+|[A-Za-z][A-Za-z\d]*);|[<&]|[^<&]+/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** As many as FHIR XML may have here. */
const MOST_LEVELS = 200;

type Tag = { name: string; attributes: [name: string, value: string][] };

/** Says what is wrong ("must …"), without quoting text; undefined when it is right. */
export function xhtmlProblem(text: string): string | undefined {
  const open: string[] = [];
  let isClosed = false;
  for (const [piece, slash, name, attributes = '', single] of text.trim().matchAll(PIECE)) {
    if (name === undefined) {
      if (isLone(piece)) return 'must be well-formed XHTML: a < or & stands alone';
      if (piece.startsWith('<!--')) {
        if (piece.slice(4, -3).includes('--')) return 'must be well-formed XHTML: a comment holds --';
        continue;
      }
      if (isClosed || open.length === 0) return 'must be one XHTML <div> element';
    } else if (slash) {
      if (open.pop() !== name) return `must be well-formed XHTML: </${shortened(name)}> closes no element`;
      isClosed = open.length === 0;
    } else {
      if (isClosed || (open.length === 0 && name !== 'div')) return 'must be one XHTML <div> element';
      const problem = tagProblem({ name, attributes: attributesOf(attributes) });
      if (problem !== undefined) return problem;
      if (!single && open.push(name) > MOST_LEVELS)
        return `must not have elements nested more than ${MOST_LEVELS} levels deep`;
      if (single) isClosed = open.length === 0;
    }
  }
  if (open.length > 0) return `must be well-formed XHTML: <${open.at(-1)}> is not closed`;
  return isClosed ? undefined : 'must be one XHTML <div> element';
}

const isLone = (piece: string): boolean => piece === '<' || piece === '&';

function tagProblem({ name, attributes }: Tag): string | undefined {
  if (!ELEMENTS.has(name))
    return `must not hold the element ${shortened(name)}: text formatting only, no scripts, forms or frames (txt-1)`;
  if (new Set(attributes.map(([attribute]) => attribute)).size < attributes.length)
    return `must be well-formed XHTML: an attribute of ${name} is there twice`;
  for (const [attribute, value] of attributes) {
    if (!ATTRIBUTES.has(attribute) && !OWN_ATTRIBUTES[name]?.has(attribute))
      return `must not have the attribute ${shortened(attribute)} on ${name} (txt-1)`;
    if (attribute === 'xmlns' && value !== xhtmlNamespace) return `must be in the namespace ${xhtmlNamespace}`;
    if (LINKS.has(attribute) && isActive(value))
      return `must not have ${name}.${attribute} with active content (javascript:, data: of markup)`;
    if (attribute === 'style' && isActiveStyle(value))
      return `must not have ${name}.style with active content (expression(), behavior, javascript:, @import)`;
    if (BARE.test(value)) return `must be well-formed XHTML: a & stands alone in ${name}.${shortened(attribute)}`;
  }
  return undefined;
}

const BARE = /&(?!#\d+;|#x[\da-fA-F]+;|[A-Za-z][A-Za-z\d]*;)/;
const LINKS = new Set(['href', 'src', 'cite', 'longdesc', 'usemap']);

/** An SVG image is markup too. */
const isActive = (url: string): boolean => /^(?:(?:java|vb)script:|data:(?!image\/(?!svg)))/i.test(unescaped(url));

/** CSS has escapes of its own, and comments that part a word. */
function isActiveStyle(style: string): boolean {
  const plain = unescaped(style)
    .split('*/')
    .map((part) => part.split('/*', 1)[0])
    .join('')
    .replace(/\\([\da-f]{1,6})/gi, (_, hex) => character(Number.parseInt(hex, 16)))
    .replaceAll('\\', '');
  return /expression\(|behaviou?r:|-moz-binding|(?:java|vb)script:|@import|url\(["']?data:(?!image\/(?!svg))/i.test(
    plain,
  );
}

/** As browsers read it: letters written as references, even unfinished ones, and control characters and spaces left out. */
function unescaped(text: string): string {
  return text
    .replace(/&#(?:x([\da-f]+)|(\d+));?/gi, (_, hex, decimal) =>
      character(hex ? Number.parseInt(hex, 16) : Number(decimal)),
    )
    .replace(/&(?:Tab|NewLine|colon|lpar|bsol|sol|ast);/gi, (name) => NAMED[name.slice(1, -1).toLowerCase()] ?? '')
    .replace(/[^!-~]+/g, '');
}

const NAMED: Readonly<Record<string, string>> = { colon: ':', lpar: '(', bsol: '\\', sol: '/', ast: '*' };

const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');

/** "The narrative SHALL have some non-whitespace content" (txt-2); an image is content. */
export function isBlankXhtml(text: string): boolean {
  for (const [piece, , name] of text.matchAll(PIECE))
    if (isLone(piece)) break;
    else if (name === 'img' || (name === undefined && !piece.startsWith('<!--') && /\S/.test(piece))) return false;
  return true;
}

/** What a narrative links to by `#…`, and what can be linked to in it: ids, and the names of anchors. */
export function xhtmlLinks(text: string): { links: string[]; targets: string[] } {
  const links: string[] = [];
  const targets: string[] = [];
  for (const [piece, , name, attributes = ''] of text.matchAll(PIECE)) {
    if (isLone(piece)) break;
    for (const [attribute, value] of attributesOf(attributes)) {
      if (attribute === 'id' || (attribute === 'name' && name === 'a')) targets.push(value);
      if (attribute === 'href' && value.startsWith('#') && value.length > 1) links.push(value.slice(1));
    }
  }
  return { links, targets };
}

const attributesOf = (text: string): Tag['attributes'] =>
  text === ''
    ? []
    : [...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [name, double ?? single ?? '']);

const shortened = (name: string): string => (name.length > 32 ? `${name.slice(0, 31)}…` : name);
