// The constant JSON of the planner's answers: extension urls, codings and concepts, each written once in the life of the
// process. ImmDS 1.0.0 (http://hl7.org/fhir/us/immds) and R4 code systems; our own words under our canonical base.
import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { type Vaccine, vaccineOf } from '../../profiles/vaccine.ts';
import { CANONICAL, VACCINE_SYSTEM } from '../fhir/canonical.ts';
import { escaped, type JsonWriter, type Piece, piece } from '../fhir/json-writer.ts';
import { madeOnce } from '../fhir/made-once.ts';
import type { Schedule } from '../forecast/law/compiled.ts';

export const FORECAST_EXTENSION = {
  rule: `${CANONICAL}/StructureDefinition/forecast-rule`,
  certainty: `${CANONICAL}/StructureDefinition/forecast-certainty`,
  review: `${CANONICAL}/StructureDefinition/forecast-review`,
  coverageStart: `${CANONICAL}/StructureDefinition/forecast-coverage-start`,
  coverageEnd: `${CANONICAL}/StructureDefinition/forecast-coverage-end`,
  doseLabel: `${CANONICAL}/StructureDefinition/forecast-dose-label`,
  canFinish: `${CANONICAL}/StructureDefinition/forecast-can-finish`,
  ground: `${CANONICAL}/StructureDefinition/forecast-extension-ground`,
  followUp: `${CANONICAL}/StructureDefinition/forecast-follow-up`,
  assumed: `${CANONICAL}/StructureDefinition/forecast-assumed`,
  changesOn: `${CANONICAL}/StructureDefinition/forecast-changes-on`,
  warning: `${CANONICAL}/StructureDefinition/forecast-warning`,
  schedule: `${CANONICAL}/StructureDefinition/forecast-schedule`,
  doseStatus: `${CANONICAL}/StructureDefinition/evaluation-dose-status`,
  statutory: `${CANONICAL}/StructureDefinition/evaluation-statutory`,
  countsClinically: `${CANONICAL}/StructureDefinition/evaluation-counts-clinically`,
  doseWarning: `${CANONICAL}/StructureDefinition/evaluation-warning`,
} as const;

export const IMMDS = 'http://hl7.org/fhir/us/immds/CodeSystem';
export const STATUS_SYSTEM = `${CANONICAL}/CodeSystem/forecast-status`;
export const REASON_SYSTEM = `${CANONICAL}/CodeSystem/forecast-reason`;
const SERIES_SYSTEM = `${CANONICAL}/CodeSystem/series`;

/** What of an answer is the same for all its resources. */
export type AnswerContext = {
  series: ReadonlyMap<string, SeriesPieces>;
  /** `"patient":{…}`. */
  patient: Piece;
  /** The ids of the answer begin with this. */
  idStart: string;
  /** Ids of the Immunizations sent; another dose can only be named by its place. */
  known: ReadonlySet<string>;
  assessmentDate: string;
};

/** `"targetDisease":{…}`, and the name as it stands inside a JSON string. */
export type SeriesPieces = { targetDisease: Piece; name: Piece };

/** The concepts of a schedule's series. */
export const seriesPieces = madeOnce(
  ({ series }: Schedule) =>
    new Map<string, SeriesPieces>(
      series.map(({ key, name, targetDisease }) => {
        const coding: Coding[] = [{ system: SERIES_SYSTEM, code: key, display: name.en }];
        if (targetDisease !== undefined) coding.push({ system: 'http://snomed.info/sct', ...targetDisease });
        return [key, seriesPiecesOf({ coding, text: name.ja }, name.ja)];
      }),
    ),
);

/** A series by its name alone, where the schedule says no more. */
export function namedSeries(name: string): SeriesPieces {
  return seriesPiecesOf({ text: name }, name);
}

function seriesPiecesOf(concept: CodeableConcept, name: string): SeriesPieces {
  return { targetDisease: piece(`"targetDisease":${JSON.stringify(concept)}`), name: piece(escaped(name)) };
}

/** Our coding and the nearest CVX coding of a code, with the Japanese name as text. */
export function vaccineConcept(code: string): CodeableConcept {
  const vaccine = vaccineOf(code);
  return vaccine === undefined ? { coding: [{ system: VACCINE_SYSTEM, code }] } : conceptOf(vaccine);
}

const conceptOf = ({ code, en, ja, cvx }: Vaccine): CodeableConcept => ({
  coding: [{ system: VACCINE_SYSTEM, code, display: en }, ...(cvx ? [cvx] : [])],
  text: ja,
});

/** `[{…}]`: the vaccine as the only member of a list. */
export function putVaccines(out: JsonWriter, code: string): void {
  const vaccine = vaccineOf(code);
  out.put(vaccine === undefined ? piece(JSON.stringify([vaccineConcept(code)])) : vaccineList(vaccine));
}

const vaccineList = madeOnce((vaccine: Vaccine) => piece(JSON.stringify([conceptOf(vaccine)])));

/** `{"reference":…}` or, for a dose sent without an id, its place as display. */
export function putImmunization(out: JsonWriter, doseId: string, { known }: AnswerContext): void {
  out.put(known.has(doseId) ? REFERENCE : DISPLAY);
  out.text(doseId);
  out.put(END_OF_TEXT);
}

/** An extension with one code, text or date, up to its value: what follows is the text and `END_OF_TEXT`. */
export function extensionStart(url: string, type: 'valueCode' | 'valueString' | 'valueDate'): string {
  return `{"url":"${url}","${type}":"`;
}

/** Keeps a piece for each of a few words. */
export function piecesOf<Word extends string>(make: (word: Word) => unknown): (word: Word) => Piece {
  const made = new Map<Word, Piece>();
  return (word) => {
    const known = made.get(word);
    if (known !== undefined) return known;
    const value = make(word);
    const fresh = piece(typeof value === 'string' ? value : JSON.stringify(value));
    made.set(word, fresh);
    return fresh;
  };
}

const REFERENCE = piece('{"reference":"Immunization/');
const DISPLAY = piece('{"display":"');
export const END_OF_TEXT = piece('"}');
export const COMMA = piece(',');
