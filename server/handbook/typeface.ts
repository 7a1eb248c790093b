// The typeface of every PDF: Noto Sans JP, read once, and in each document a subset of it with the glyphs that were used. Which
// glyph stands for which text is decided here and not by the PDF library, so that whoever copies or searches a name gets the code
// points that were stored: variation sequences (cmap format 14 of ISO/IEC 14496-22), combining marks, half-width kana.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export type Weight = 'regular' | 'bold';

/** What a reader sees as one character, and its width in thousandths of the size. */
export type Cluster = { text: string; advance: number };

/** A text that is not shown as it was written: 〓 in its place, or the usual form of a character for a variant of it. */
export type Unshown = { text: string; how: 'no-glyph' | 'usual-form' };

export type Typeface = {
  clustersOf(text: string): Cluster[];
  /** What PDFDocument.font() takes: it has the members of a fontkit font that pdfkit uses. */
  source: object;
};

/** A typeface for one document. `onUnshown` is called for each text once. */
export function typeface(weight: Weight, onUnshown: (unshown: Unshown) => void): Typeface {
  const font = loaded(weight);
  const scale = 1000 / font.unitsPerEm;
  const shapes: Shape[] = [];
  const known = new Map<string, Placed[]>();
  const placedOf = (cluster: string): Placed[] => {
    const before = known.get(cluster);
    if (before !== undefined) return before;
    const { runs, unshown } = shapesOf(font, cluster);
    if (unshown !== undefined) onUnshown({ text: cluster, how: unshown });
    const placed = runs.map(({ position, ...shape }) => ({ id: shapes.push(shape), position, ...shape }));
    known.set(cluster, placed);
    return placed;
  };
  const layout = (text: string) => {
    const glyphs = clusters(text).flatMap(placedOf);
    const positions = glyphs.map(({ position }) => ({ ...position }));
    const advanceWidth = positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0) * scale;
    return { glyphs, positions, advanceWidth };
  };
  return {
    clustersOf: (text) =>
      clusters(text).map((cluster) => ({
        text: cluster,
        advance: placedOf(cluster).reduce((sum, { position }) => sum + position.xAdvance, 0) * scale,
      })),
    source: { ...figuresOf(font), layout, createSubset: () => subsetOf(font, shapes) },
  };
}

/** A glyph of the font and the text that it stands for. The same glyph for another text is another shape. */
type Shape = { glyph: number; advanceWidth: number; codePoints: number[] };
type Position = { xAdvance: number; yAdvance: number; xOffset: number; yOffset: number };
/** `id`: the place in the list of shapes, counted from 1. */
type Placed = Shape & { id: number; position: Position };

/**
 * Of a font, what pdfkit asks for. It maps every glyph of the subset to one text; a glyph that stands for two (葛 with and without
 * its selector) is therefore in the subset twice.
 */
function subsetOf(font: Font, shapes: readonly Shape[]) {
  const subset = font.createSubset();
  const places = new Map<number, number>();
  return {
    includeGlyph(id: number): number {
      const before = places.get(id);
      if (before !== undefined) return before;
      const place = subset.glyphs.push(shapes[id - 1]?.glyph ?? 0) - 1;
      places.set(id, place);
      return place;
    },
    encode: () => subset.encode(),
  };
}

function figuresOf(font: Font) {
  const { postscriptName, unitsPerEm, ascent, descent, xHeight, capHeight, lineGap, bbox, italicAngle, post, head } =
    font;
  const figures = { postscriptName, unitsPerEm, ascent, descent, xHeight, capHeight, lineGap, bbox, italicAngle };
  return { ...figures, post, head, 'OS/2': font['OS/2'], getGlyph: (id: number) => font.getGlyph(id) };
}

/** Texts of these characters alone have no cluster of more than one. */
const SIMPLE =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u2bff\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uf900-\ufaff\uff00-\uff9d\uffa0-\uffef]*$/;
const graphemes = new Intl.Segmenter('ja', { granularity: 'grapheme' });

function clusters(text: string): string[] {
  if (SIMPLE.test(text)) return text.split('');
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

type Shown = { runs: (Shape & { position: Position })[]; unshown?: Unshown['how'] };

/** Joiners, marks of direction, soft hyphens and the selectors of emoji: they are kept as text and have no shape. */
const INVISIBLE = /^[\p{Cc}\p{Default_Ignorable_Code_Point}]$/u;
const GETA = 0x3013;

function shapesOf(font: Font, cluster: string): Shown {
  const all = codePoints(cluster);
  const seen = all.filter((one) => isSelector(one) || !INVISIBLE.test(String.fromCodePoint(one)));
  const [base, second] = seen;
  if (base === undefined || isSelector(base)) return { runs: [shape(font, font.glyphForCodePoint(0x20).id, all, 0)] };
  const glyphOf = (code: number) => (font.hasGlyphForCodePoint(code) ? font.glyphForCodePoint(code).id : undefined);
  const one = (glyph: number): Shown => ({ runs: [shape(font, glyph, all)] });
  const own = glyphOf(base);
  if (seen.length === 2 && second !== undefined && isSelector(second) && own !== undefined) {
    const { variant, isUsual } = variantOf(font, base, second);
    return variant === undefined && !isUsual ? { ...one(own), unshown: 'usual-form' } : one(variant ?? own);
  }
  if (seen.length === 1 && own !== undefined) return one(own);
  const text = String.fromCodePoint(...seen);
  const [composed = 0, more] = codePoints(text.normalize('NFC'));
  const composedGlyph = more === undefined && seen.length > 1 ? glyphOf(composed) : undefined;
  if (composedGlyph !== undefined) return one(composedGlyph);
  const run = own === undefined ? undefined : font.layout(text);
  if (run === undefined || run.glyphs.some(({ id }) => id === 0))
    return { runs: [shape(font, font.glyphForCodePoint(GETA).id, all)], unshown: 'no-glyph' };
  if (run.glyphs.length === 1) return one(run.glyphs[0]?.id ?? 0);
  return {
    runs: run.glyphs.map(({ id, codePoints: of }, n) => {
      const { xAdvance, yAdvance, xOffset, yOffset } = run.positions[n] ?? still;
      return { ...shape(font, id, of), position: { xAdvance, yAdvance, xOffset, yOffset } };
    }),
  };
}

const still: Position = { xAdvance: 0, yAdvance: 0, xOffset: 0, yOffset: 0 };
const codePoints = (text: string): number[] =>
  Array.from(text.toWellFormed(), (character) => character.codePointAt(0) ?? 0);

function shape(font: Font, glyph: number, of: number[], width?: number): Shown['runs'][number] {
  const advanceWidth = width ?? font.getGlyph(glyph).advanceWidth;
  return { glyph, advanceWidth, codePoints: of, position: { ...still, xAdvance: advanceWidth } };
}

/** Of ideographs: U+FE00 to FE0D and the supplement. U+FE0E and FE0F choose between text and emoji. */
const isSelector = (code: number): boolean =>
  (code >= 0xfe00 && code <= 0xfe0d) || (code >= 0xe0100 && code <= 0xe01ef);

function variantOf(font: Font, base: number, selector: number): { variant?: number; isUsual: boolean } {
  const { usual, others } = variantsOf(font).get(selector) ?? { usual: [], others: new Map<number, number>() };
  const variant = others.get(base);
  const isUsual = usual.some(([from, to]) => base >= from && base <= to);
  return { isUsual, ...(variant !== undefined && { variant }) };
}

type Variants = Map<number, { usual: [from: number, to: number][]; others: Map<number, number> }>;
const variantsRead = new WeakMap<Font, Variants>();

/** By selector: the characters whose usual glyph is that variant, and the glyphs of the others. */
function variantsOf(font: Font): Variants {
  const before = variantsRead.get(font);
  if (before !== undefined) return before;
  const table = font.cmap.tables.map((one) => one.table).find(({ version }) => version === 14);
  const read: Variants = new Map(
    (table?.varSelectors?.toArray() ?? []).map(({ varSelector, defaultUVS, nonDefaultUVS }) => [
      varSelector,
      {
        usual: Array.from(defaultUVS ?? [], ({ startUnicodeValue: from, additionalCount }) => [
          from,
          from + additionalCount,
        ]),
        others: new Map(Array.from(nonDefaultUVS ?? [], ({ unicodeValue, glyphID }) => [unicodeValue, glyphID])),
      },
    ]),
  );
  variantsRead.set(font, read);
  return read;
}

/** Of a fontkit font, what is used here and by pdfkit. https://github.com/foliojs/fontkit#font-objects */
type Font = {
  [figure in 'unitsPerEm' | 'ascent' | 'descent' | 'xHeight' | 'capHeight' | 'lineGap' | 'italicAngle']: number;
} & {
  postscriptName: string;
  bbox: { minX: number; minY: number; maxX: number; maxY: number };
  post: object;
  head: object;
  'OS/2': object;
  cmap: { tables: { table: { version: number; varSelectors?: { toArray(): Selector[] } } }[] };
  hasGlyphForCodePoint(code: number): boolean;
  glyphForCodePoint(code: number): Glyph;
  getGlyph(id: number): Glyph;
  layout(text: string): { glyphs: Glyph[]; positions: Position[] };
  createSubset(): { glyphs: number[]; encode(): Uint8Array };
};
type Glyph = { id: number; advanceWidth: number; codePoints: number[] };
type Selector = {
  varSelector: number;
  defaultUVS: Iterable<{ startUnicodeValue: number; additionalCount: number }> | null;
  nonDefaultUVS: Iterable<{ unicodeValue: number; glyphID: number }> | null;
};

const FILES: Record<Weight, string> = {
  regular: '400Regular/NotoSansJP_400Regular.ttf',
  bold: '700Bold/NotoSansJP_700Bold.ttf',
};
const fonts = new Map<Weight, Font>();

/** The font that pdfkit's own reader makes of the file; some 20 ms for each weight, once in a process. */
function loaded(weight: Weight): Font {
  const before = fonts.get(weight);
  if (before !== undefined) return before;
  const ours = createRequire(import.meta.url);
  const fontkit = createRequire(ours.resolve('pdfkit'))('fontkit') as { create(file: Uint8Array): Font };
  const font = fontkit.create(readFileSync(ours.resolve(`@expo-google-fonts/noto-sans-jp/${FILES[weight]}`)));
  fonts.set(weight, font);
  return font;
}
