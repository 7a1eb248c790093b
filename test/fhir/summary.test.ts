// _summary and _elements as pure functions. https://hl7.org/fhir/R4/search.html#summary
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OperationOutcomeError } from '../../server/fhir/outcome.ts';
import { parseElements, parseSummary, type View, viewed } from '../../server/fhir/summary.ts';
import { validateInForce } from '../../server/validation/in-force.ts';
import { structureFaults } from '../../server/validation/strictness.ts';
import { refusalsOf } from '../support/valid.ts';

const tag = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }];
const patient = `{"resourceType":"Patient","id":"p","meta":{"versionId":"1"},"language":"ja",
"text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">花子</div>"},
"extension":[{"url":"urn:e","valueDecimal":1.50}],"modifierExtension":[{"url":"urn:m","valueBoolean":true}],
"name":[{"family":"試験","extension":[{"url":"urn:kana","valueString":"シケン"}]}],"birthDate":"2020-01-01",
"_birthDate":{"extension":[{"url":"urn:time","valueDecimal":1.0}]},
"maritalStatus":{"text":"x"},"contact":[{"name":{"family":"見本"}}],
"link":[{"other":{"reference":"Patient/q"},"type":"seealso"}]}`;
const observation = `{"resourceType":"Observation","status":"final","code":{"text":"体重"},"note":[{"text":"秘"}],
"valueQuantity":{"value":3.10,"unit":"kg"},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.0},
"dataAbsentReason":{"text":"b"},"referenceRange":[{"text":"c"}]}]}`;

const keys = (text: string) => Object.keys(JSON.parse(text)).filter((key) => key !== 'resourceType' && key !== 'meta');
const elements = (type: string, value: string) => parseElements(type, value);

describe('what is shown', () => {
  test.each<[name: string, text: string, view: View | undefined, shown: string]>([
    ['the summary of a Patient', patient, parseSummary('true'), 'id modifierExtension name birthDate _birthDate link'],
    ['the text of a Patient', patient, parseSummary('text'), 'id text modifierExtension'],
    ['the text of an Observation, with what is mandatory', observation, parseSummary('text'), 'status code'],
    ['the data of an Observation', observation, parseSummary('data'), 'status code note valueQuantity component'],
    ['elements', patient, elements('Patient', 'birthDate'), 'id modifierExtension birthDate _birthDate'],
    ['elements of a choice', observation, elements('Observation', 'value'), 'status code valueQuantity'],
    ['elements of a choice by [x]', observation, elements('Observation', 'value[x]'), 'status code valueQuantity'],
    [
      'elements of a choice by type',
      observation,
      elements('Observation', 'valueQuantity'),
      'status code valueQuantity',
    ],
    ['elements with their type', observation, elements('Patient', 'Observation.note'), 'status code note'],
  ])('%s', (_, text, view, shown) => {
    const part = viewed(text, view);
    expect(keys(part)).toEqual(shown.split(' '));
    expect(JSON.parse(part).meta.tag).toEqual(tag);
  });

  test('a summary holds the summary elements at every depth', () => {
    const { component } = JSON.parse(viewed(observation, parseSummary('true')));
    expect(component).toEqual([{ code: { text: 'a' }, valueQuantity: { value: 1 } }]);
  });

  test('false shows the stored text as it is, and so do elements of another type', () => {
    expect(viewed(patient, parseSummary('false'))).toBe(patient);
    expect(viewed(patient, elements('Observation', 'value'))).toBe(patient);
  });

  test('numbers keep their text', () => {
    expect(viewed(observation, parseSummary('data'))).toContain('"value":3.10');
    expect(viewed(observation, parseSummary('true'))).toContain('"value":1.0}');
  });

  test('contained resources stay where what is shown refers to them', () => {
    const text = `{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"x"}],"status":"final",
"code":{"text":"a"},"subject":{"reference":"#x"}}`;
    expect(keys(viewed(text, parseSummary('true')))).toEqual(['status', 'code', 'subject', 'contained']);
    expect(keys(viewed(text, parseSummary('text')))).toEqual(['status', 'code']);
  });

  test('the tag is added once, beside others', () => {
    const twice = viewed(viewed(patient, parseSummary('data')), parseSummary('true'));
    expect(JSON.parse(twice).meta).toEqual({ versionId: '1', tag });
    const other = '{"resourceType":"Patient","meta":{"tag":[{"code":"x"}]}}';
    expect(JSON.parse(viewed(other, parseSummary('true'))).meta.tag).toEqual([{ code: 'x' }, ...tag]);
  });
});

test.each([
  [() => parseSummary('some'), '_summary takes true, text, data, count or false'],
  [() => parseElements('Patient', 'nam'), 'Patient has no element "nam". Known: id, meta'],
  [() => parseElements('Patient', 'name.family'), 'Patient has no element "name.family"'],
  [() => parseElements('Patient', 'Nobody.name'), '"Nobody" is no resource type'],
])('refuses what it does not know: %#', (parse, sentence) => {
  expect(parse).toThrow(sentence);
  expect(parse).toThrow(OperationOutcomeError);
});

describe('every example of the specification', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  const texts = readdirSync(folder)
    .filter((name) => /^[A-Z][A-Za-z]+-.*\.json$/.test(name))
    .filter((_, n) => n % 9 === 0)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((text) => refusalsOf(JSON.parse(text)).length === 0);

  test.each(['true', 'text', 'data'])('_summary=%s of it is a valid resource', (value) => {
    expect(texts.length).toBeGreaterThan(200);
    for (const text of texts) {
      const part = JSON.parse(viewed(text, parseSummary(value)));
      // What is left out may be what an invariant asks for.
      expect(
        structureFaults(validateInForce(part)).map(({ expression }) => `${part.resourceType} ${expression}`),
      ).toEqual([]);
    }
  });
});
