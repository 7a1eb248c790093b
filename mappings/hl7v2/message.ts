// HL7 v2 text -> segments, fields, repetitions, components, subcomponents, with escape sequences resolved.
// HL7 v2.5 chapter 2.5 (message construction) and 2.7 (escape sequences).

import type { Charset } from '../charset.ts';
import { UnreadableInput } from '../record.ts';
import { resolveEscapes, type Separators, withoutControls } from './escapes.ts';

/** `fields[n]` is field n as HL7 counts it (1-based); inside: repetitions, components, subcomponents, all 0-based. */
export type Segment = { name: string; fields: string[][][][] };

/**
 * `charset` is that of the message: bytes in hexadecimal escapes are read in it. Throws UnreadableInput when the text is not
 * one message: no MSH, a second MSH or PID, a line that is no segment.
 */
export function parseHl7(sent: string, charset: Charset = 'utf-8'): Segment[] {
  const text = withoutControls(sent);
  const separators = readSeparators(text);
  const lines = text.includes('\r') ? text.split('\r').map((line) => line.replace(/^\n+|\n+$/g, '')) : text.split('\n');
  const segments = lines
    .filter((line) => line.trim() !== '')
    .map((line, index) => parseSegment(line, index, separators, charset));
  for (const name of ['MSH', 'PID']) {
    if (segments.filter((segment) => segment.name === name).length > 1) {
      throw new UnreadableInput(`The message has more than one ${name} segment; one message is for one patient.`);
    }
  }
  return segments;
}

/** One value, '' when absent. All positions are 1-based, as in "PID-3.4". `""` (HL7's delete) reads as ''. */
export function value(
  segment: Segment | undefined,
  field: number,
  component = 1,
  subcomponent = 1,
  repetition = 1,
): string {
  const found = segment?.fields[field]?.[repetition - 1]?.[component - 1]?.[subcomponent - 1] ?? '';
  return found === '""' ? '' : found.trim();
}

/** How often a field is repeated; 0 when the segment or field is absent or empty. */
export function repetitions(segment: Segment | undefined, field: number): number {
  const all = segment?.fields[field] ?? [];
  return all.length === 1 && all[0]?.flat().join('') === '' ? 0 : all.length;
}

/** The first segment of a name. */
export const find = (segments: readonly Segment[], name: string): Segment | undefined =>
  segments.find((segment) => segment.name === name);

function readSeparators(text: string): Separators {
  const [component, repetition, mark, subcomponent] = text.slice(4, 8);
  const field = text[3];
  // HL7 v2.7 adds a fifth character (truncation).
  const isDeclared = text[8] === field || text[9] === field;
  const signs = [field, component, repetition, mark, subcomponent].filter((sign) =>
    /^[!-/:-@[-`{-~]$/.test(sign ?? ''),
  );
  if (!text.startsWith('MSH') || !field || !component || !repetition || !mark || !subcomponent || !isDeclared) {
    throw new UnreadableInput('The MSH segment does not declare its delimiters (expected "MSH|^~\\&|").');
  }
  if (new Set(signs).size < 5)
    throw new UnreadableInput('The delimiters of the MSH segment are not five different signs.');
  return { field, component, repetition, escape: mark, subcomponent };
}

function parseSegment(line: string, index: number, separators: Separators, charset: Charset): Segment {
  const name = line.slice(0, 3);
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name) || (line.length > 3 && line[3] !== separators.field)) {
    throw new UnreadableInput(`Segment ${index + 1} does not begin with a segment name and a field separator.`);
  }
  const texts = line.split(separators.field);
  if (name !== 'MSH') return { name, fields: texts.map((text) => parseField(text, separators, charset)) };
  // MSH-1 is the separator itself and MSH-2 must not be split by what it declares.
  const rest = texts.slice(2).map((text) => parseField(text, separators, charset));
  return { name, fields: [[[['MSH']]], [[[separators.field]]], [[[texts[1] ?? '']]], ...rest] };
}

function parseField(text: string, separators: Separators, charset: Charset): string[][][] {
  return text
    .split(separators.repetition)
    .map((repetition) =>
      repetition
        .split(separators.component)
        .map((component) =>
          component.split(separators.subcomponent).map((part) => resolveEscapes(part, separators, charset)),
        ),
    );
}
