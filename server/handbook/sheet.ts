// The pages of a PDF and what is put on them: lines of text at a place, a new page where there is no room, and the structure that
// programs read aloud by. PDF/A-2b (ISO 19005-2) with tags, A4.

import PDFDocument from 'pdfkit';
import type { Language } from '../fhir/outcome.ts';
import { linesOf } from './lines.ts';
import { type Typeface, typeface, type Unshown, type Weight } from './typeface.ts';

export const INK = '#1f2427';
export const SOFT = '#5a666d';
export const ACCENT = '#2b655f';
export const RULE = '#c9d3d3';

const PAGE = { width: 595.28, height: 841.89 };
export const LEFT = 51;
export const RIGHT = PAGE.width - 51;
export const WIDTH = RIGHT - LEFT;
export const TOP = 58;
export const BOTTOM = PAGE.height - 64;

export type Style = { size: number; weight?: Weight; color?: string };
export type Element = PDFKit.PDFStructureElement;

export type SheetOf = { language: Language; title: string; madeMs: number };

export type Sheet = {
  document: PDFKit.PDFDocument;
  /** Where the next block begins, in points from the top. */
  y: number;
  /** What the next block belongs to. */
  section: Element;
  /** What could not be shown as it is written, each once. */
  unshown: Unshown[];
  newPage(): void;
  /** Goes to the next page where less than this is left. */
  need(height: number): void;
  /** One line whose top is at `top`. */
  put(text: string, x: number, top: number, style: Style): void;
  linesOf(text: string, width: number, style: Style): string[];
  widthOf(text: string, style: Style): number;
  /** An element with what `draw` puts down, inside `parent`. */
  tagged(parent: Element, tag: string, draw: () => void): void;
  /** Decoration, which is no part of what is read aloud. */
  artifact(draw: () => void): void;
  line(x1: number, y1: number, x2: number, y2: number, color: string): void;
  /** The place of the page that is being written, from 0. */
  page(): number;
  /** Ends the sections and the document. */
  end(): void;
};

/** From the top of a line to its base line, in sizes. */
const ASCENT = 1.12;

/** All pages can be returned to until the end. */
export function openSheet({ language, title, madeMs }: SheetOf): Sheet {
  const unshown: Unshown[] = [];
  const note = (one: Unshown) => {
    if (!unshown.some(({ text }) => text === one.text)) unshown.push(one);
  };
  const faces: Record<Weight, Typeface> = { regular: typeface('regular', note), bold: typeface('bold', note) };
  const document = openDocument(language, title, madeMs);
  for (const [name, { source }] of Object.entries(faces)) document.registerFont(name, source as Uint8Array);
  const root = document.struct('Document');
  document.addStructure(root);
  const clustersOf = ({ weight = 'regular' }: Style) => faces[weight].clustersOf;
  const sheet: Sheet = {
    document,
    y: TOP,
    section: root,
    unshown,
    newPage() {
      document.addPage();
      sheet.y = TOP;
    },
    need(height) {
      if (sheet.y + height > BOTTOM) sheet.newPage();
    },
    put(text, x, top, { size, weight = 'regular', color = INK }) {
      if (text === '') return;
      document.font(weight).fontSize(size).fillColor(color);
      document.text(text, x, top + size * ASCENT, { lineBreak: false, baseline: 'alphabetic' });
    },
    linesOf: (text, width, style) => linesOf(text, clustersOf(style), (width * 1000) / style.size),
    widthOf: (text, style) =>
      (clustersOf(style)(text).reduce((sum, { advance }) => sum + advance, 0) * style.size) / 1000,
    tagged: (parent, tag, draw) => void parent.add(document.struct(tag, {}, [draw])),
    artifact(draw) {
      document.markContent('Artifact', { type: 'Layout' });
      draw();
      document.endMarkedContent();
    },
    line: (x1, y1, x2, y2, color) =>
      void document.lineWidth(0.6).strokeColor(color).moveTo(x1, y1).lineTo(x2, y2).stroke(),
    page: () => document.bufferedPageRange().count - 1,
    end() {
      root.end();
      document.end();
    },
  };
  sheet.newPage();
  return sheet;
}

function openDocument(language: Language, title: string, madeMs: number): PDFKit.PDFDocument {
  const made = new Date(madeMs);
  // Without a standard font: none of them is embedded, and PDF/A allows no other.
  const options = { font: null } as unknown as { font?: string };
  return new PDFDocument({
    ...options,
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    tagged: true,
    lang: language === 'ja' ? 'ja-JP' : 'en',
    displayTitle: true,
    info: { Title: title, Creator: 'Tsumugi', Producer: 'Tsumugi', CreationDate: made, ModDate: made },
  });
}
