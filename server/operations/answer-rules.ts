// Why an answer is what it is, as FHIR: an extension for each rule with all it decided, and the same as Japanese text in
// `description`. Both follow one order, that in which the planner asked its rules. Rules of the Japanese schedule have no rows to name.
import { escaped, type JsonWriter, piece } from '../fhir/json-writer.ts';
import { madeOnce } from '../fhir/made-once.ts';
import { formatDay } from '../forecast/days.ts';
import { type Ground, WORDS } from '../forecast/explain.ts';
import type { Confidence, Rule } from '../forecast/rule.ts';
import type { Sets } from '../forecast/types.ts';
import { FORECAST_EXTENSION, piecesOf } from './answer-pieces.ts';

/** Certainty and review, and then a comma and an extension for each rule; there is at least the first pair. */
export function putGrounds(
  out: JsonWriter,
  grounds: readonly Ground[],
  letter: Confidence,
  needsClinician: boolean,
): void {
  out.put(certainty(needsClinician ? `${letter}!` : letter));
  for (const { rule, decisions } of grounds) {
    out.put(rulePieces(rule).extension);
    for (const { sets, day } of decisions) {
      out.put(decision(sets));
      if (day !== undefined) {
        out.put(DATE);
        out.text(formatDay(day));
        out.put(DATE_END);
      }
      out.put(LISTS_END);
    }
    out.put(LISTS_END);
  }
}

/** The inside of the JSON string `description`: a line for each rule. */
export function putReasons(out: JsonWriter, grounds: readonly Ground[]): void {
  for (const [line, { rule, decisions }] of grounds.entries()) {
    if (line > 0) out.put(NEW_LINE);
    for (const [n, { sets, day }] of decisions.entries()) {
      if (n > 0) out.put(AND);
      out.put(word(sets));
      if (day !== undefined) {
        out.put(SPACE);
        out.text(formatDay(day));
      }
    }
    out.put(rulePieces(rule).words);
    out.put(rulePieces(rule).source);
  }
}

/** A rule without what it decided: the extension as far as its parts go, and its words behind a colon. */
const rulePieces = madeOnce(({ id, layer, confidence, text, source }: Rule) => {
  const parts = JSON.stringify([
    { url: 'id', valueCode: id },
    ...(layer === undefined ? [] : [{ url: 'layer', valueCode: layer }]),
    { url: 'certainty', valueCode: confidence },
    { url: 'text-ja', valueString: text.ja },
    { url: 'text-en', valueString: text.en },
    { url: 'source-ja', valueString: source.ja },
    { url: 'source-en', valueString: source.en },
  ]).slice(0, -1);
  return {
    extension: piece(`,{"url":"${FORECAST_EXTENSION.rule}","extension":${parts}`),
    words: piece(escaped(`: ${text.ja}（${id}`)),
    source: piece(escaped(`、${source.ja}）`)),
  };
});

/** The letter, with `!` behind it where the clinician is to be asked. */
const certainty = piecesOf((letter: Confidence | `${Confidence}!`) =>
  JSON.stringify([
    { url: FORECAST_EXTENSION.certainty, valueCode: letter.slice(0, 1) },
    { url: FORECAST_EXTENSION.review, valueBoolean: letter.endsWith('!') },
  ]).slice(1, -1),
);

const decision = piecesOf((sets: Sets) => `,{"url":"sets","extension":[{"url":"what","valueCode":"${sets}"}`);
const word = piecesOf((sets: Sets) => escaped(WORDS[sets].ja));
const DATE = piece(',{"url":"date","valueDate":"');
const DATE_END = piece('"}');
const LISTS_END = piece(']}');
const NEW_LINE = piece('\\n');
const AND = piece('、');
const SPACE = piece(' ');
