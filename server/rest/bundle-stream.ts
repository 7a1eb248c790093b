// A Bundle that is streamed as JSON -> the same Bundle in XML, or indented, entry by entry: what is held is one entry.
// FHIR R4, https://hl7.org/fhir/R4/xml.html

import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { elementXml, xmlOf } from '../fhir/xml-write.ts';
import type { Form } from './format.ts';

/**
 * Text chunks of `{…,"entry":[{…},…]}` in another form. Entry has to be the last member, written without spaces, as it is
 * in whatever this server streams; a Bundle without it comes through as well.
 */
export async function* bundleIn(form: Form, chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const write = form.format === 'xml' ? xmlWriter(form.isPretty) : indentedJson;
  let bundle: JsonObject | undefined;
  let count = 0;
  for await (const text of partsOf(chunks)) {
    const value = parseJson(text);
    if (!isObject(value)) throw new Error('What was streamed is no Bundle');
    if (bundle === undefined) bundle = value;
    else yield `${count++ === 0 ? write.start(bundle) : write.separator}${write.entry(value)}`;
  }
  if (bundle) yield count === 0 ? write.alone(bundle) : write.end;
}

type Writer = {
  /** All of a Bundle that has no entry. */
  alone(bundle: JsonObject): string;
  start(bundle: JsonObject): string;
  entry(value: JsonObject): string;
  separator: string;
  end: string;
};

function xmlWriter(isPretty: boolean): Writer {
  const end = isPretty ? '\n</Bundle>' : '</Bundle>';
  return {
    alone: (bundle) => xmlOf(bundle, isPretty),
    start: (bundle) => xmlOf(bundle, isPretty).slice(0, -end.length),
    entry: (value) => elementXml('Bundle', 'entry', value, isPretty ? '\n  ' : ''),
    separator: '',
    end,
  };
}

const indentedJson: Writer = {
  alone: (bundle) => JSON.stringify(bundle, null, 2),
  start: (bundle) => `${JSON.stringify(bundle, null, 2).slice(0, -'\n}'.length)},\n  "entry": [\n    `,
  entry: (value) => JSON.stringify(value, null, 2).replaceAll('\n', '\n    '),
  separator: ',\n    ',
  end: '\n  ]\n}',
};

const entryKey = ',"entry":';
const [quote, backslash] = [0x22, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** JSON texts: the Bundle without its entries, then each entry. */
async function* partsOf(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  // What was not yielded yet, and how far it was looked at.
  let text = '';
  let at = 0;
  let depth = 0;
  let isInString = false;
  let isInEntries = false;
  for await (const chunk of chunks) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    let start = 0;
    for (; at < text.length; at++) {
      const character = text.charCodeAt(at);
      if (isInString) {
        if (character === backslash) at++;
        else if (character === quote) isInString = false;
      } else if (character === quote) isInString = true;
      else if (character === openBrace || character === openBracket) {
        if (isInEntries && depth === 2) start = at;
        depth++;
        if (isInEntries || depth !== 2 || !text.endsWith(entryKey, at)) continue;
        yield `${text.slice(0, at - entryKey.length)}}`;
        isInEntries = true;
        start = at + 1;
      } else if (character === closeBrace || character === closeBracket) {
        depth--;
        if (!isInEntries || depth !== 2) continue;
        yield text.slice(start, at + 1);
        start = at + 1;
      }
    }
    if (isInEntries) {
      text = text.slice(start);
      at -= start;
    }
  }
  if (!isInEntries) yield text;
}
