// What can be told of single codes from the definitions that are shipped. https://hl7.org/fhir/R4/terminologies-systems.html

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { definitionsOf, layered } from '../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';

const terminology = createTerminology(shippedDefinitions());
const loinc = 'http://loinc.org';
const snomed = 'http://snomed.info/sct';
const ucum = 'http://unitsofmeasure.org';
const languages = 'urn:ietf:bcp:47';
const media = 'urn:ietf:bcp:13';
const countries = 'urn:iso:std:iso:3166';
const administrativeGender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

test.each<[system: string, code: string, result: boolean | undefined]>([
  [actCode, 'AMB', true],
  [actCode, 'amb', false],
  [loinc, '8302-2', undefined],
  [loinc, '29463-7', undefined],
  [loinc, '29463-6', false],
  [loinc, 'LA6576-8', undefined],
  [loinc, 'height', false],
  [snomed, '73211009', undefined],
  [snomed, '73211008', false],
  [snomed, '271807003:47429007=1', undefined],
  [snomed, 'diabetes', false],
  [ucum, 'kg/m2', true],
  [ucum, 'mm[Hg]', true],
  [ucum, '{回}', false],
  [ucum, 'MMHG', false],
  [ucum, 'meter', false],
  [ucum, '', false],
  [languages, 'ja', true],
  [languages, 'ja-JP', true],
  [languages, 'zh-cmn-Hans-CN', true],
  [languages, 'es-419', true],
  [languages, 'x-clinic', true],
  [languages, 'i-klingon', undefined],
  [languages, 'ja_JP', false],
  [languages, 'xx', false],
  [languages, 'ja-YY', false],
  [media, 'text/plain', true],
  [media, 'application/fhir+json; charset=UTF-8', true],
  [media, 'text', false],
  [media, 'pdf/application', false],
  ['urn:ietf:rfc:3986', 'urn:oid:1.2.3', true],
  ['urn:ietf:rfc:3986', 'no scheme', false],
  ['https://www.iana.org/time-zones', 'Asia/Tokyo', true],
  ['https://www.iana.org/time-zones', 'Asia/Edo', false],
  [countries, 'JP', true],
  [countries, 'YY', false],
  [countries, 'JPN', undefined],
  [countries, 'Japan', false],
  ['urn:iso:std:iso:4217', 'JPY', true],
  ['urn:iso:std:iso:4217', 'YEN', false],
  ['urn:nowhere', '1', undefined],
])('%s %s: %s', (system, code, result) => {
  expect(terminology.inCodeSystem({ system, code }).result).toBe(result);
});

test.each<[valueSet: string, coded: { system?: string; code: string }, answer: object]>([
  ['administrative-gender|4.0.1', { code: 'female' }, { result: true, display: 'Female' }],
  ['administrative-gender', { code: 'woman' }, { result: false, cause: 'not-in-value-set' }],
  ['languages', { code: 'ja' }, { result: true }],
  ['mimetypes|4.0.1', { code: 'text/plain' }, { result: true }],
  ['mimetypes|4.0.1', { code: 'text' }, { result: false }],
  ['ucum-units', { system: ucum, code: 'mg' }, { result: true }],
  ['age-units', { system: ucum, code: 'm' }, { result: false }],
  ['condition-code', { system: snomed, code: '73211009' }, { result: undefined, cause: 'unknown-system' }],
  ['condition-code', { system: snomed, code: '160245001' }, { result: true }],
  ['currencies', { code: 'JPY' }, { result: true }],
  ['nowhere', { code: 'x' }, { result: undefined, cause: 'unknown-value-set' }],
])('R4 value set %s, %j', (valueSet, coded, answer) => {
  expect(terminology.inValueSet(`http://hl7.org/fhir/ValueSet/${valueSet}`, coded)).toMatchObject(answer);
});

describe('the words of a code', () => {
  const system = 'urn:test:words';
  const words = createTerminology(
    definitionsOf([
      {
        resourceType: 'CodeSystem',
        url: system,
        content: 'complete',
        caseSensitive: false,
        property: [{ code: 'notSelectable', type: 'boolean' }],
        concept: [
          { code: 'Milk', display: 'Breast milk', designation: [{ language: 'ja', value: '母乳' }] },
          { code: 'bare' },
          { code: 'all', display: 'Feeding', property: [{ code: 'notSelectable', valueBoolean: true }] },
        ],
      },
      { resourceType: 'ValueSet', url: 'urn:test:feeding', compose: { include: [{ system }] } },
    ]),
  );

  test.each<[code: string, display: string, answer: object]>([
    ['Milk', 'Breast milk', { result: true }],
    ['Milk', ' breast  MILK', { result: true }],
    ['Milk', '母乳', { result: true }],
    ['Milk', '粉ミルク', { result: false, cause: 'wrong-display', display: 'Breast milk' }],
    ['milk', '母乳', { result: true }],
    ['bare', 'anything', { result: true }],
    ['sake', '', { result: false, cause: 'unknown-code' }],
  ])('%s "%s"', (code, display, answer) => {
    expect(words.inCodeSystem({ system, code, display })).toMatchObject(answer);
  });

  test('a code that only groups others is not one to use', () => {
    expect(words.inValueSet('urn:test:feeding', { system, code: 'all' })).toMatchObject({
      result: false,
      cause: 'abstract',
    });
  });

  test('a refusal never repeats the display that was sent', () => {
    expect(words.inCodeSystem({ system, code: 'Milk', display: '試験 花子' }).message).not.toContain('花子');
  });
});

test('every shipped value set is listed or says why not, and never throws anything else', () => {
  const faults: string[] = [];
  for (const url of shippedDefinitions().urls('ValueSet')) {
    try {
      terminology.expand(url);
    } catch (error) {
      const message = error instanceof Error ? error.message : '';
      if (!message.startsWith('The codes cannot be worked out')) faults.push(`${url}: ${message}`);
    }
  }
  expect(faults).toEqual([]);
});

describe('a CodeSystem of a system that has another owner', () => {
  const listed = (system: string, code: string, more: object = {}) => ({
    resourceType: 'CodeSystem',
    ...{ url: system, content: 'complete', concept: [{ code, display: 'Listed' }], ...more },
  });
  const over = (...resources: object[]) =>
    createTerminology(layered(definitionsOf(resources as JsonObject[]), shippedDefinitions()));

  test.each<[system: string, listed: string, other: string, result: boolean | undefined]>([
    [loinc, '8302-2', '29463-7', undefined],
    [loinc, '8302-2', 'height', false],
    [snomed, '73211009', '160245001', undefined],
    [ucum, 'kg', 'mg', true],
    [ucum, 'kg', 'mgs', false],
    [languages, 'ja', 'en', true],
    [countries, 'JP', 'FR', true],
    [countries, 'JP', 'JPX', undefined],
    [countries, 'JP', 'ZZ', false],
  ])('%s with "%s" alone: "%s" is as without it', (system, code, other, result) => {
    const checked = over(listed(system, code));
    expect(checked.inCodeSystem({ system, code }).result).toBe(true);
    expect(checked.inCodeSystem({ system, code: other }).result).toBe(result);
    expect(checked.inCodeSystem({ system, code: other }).result).toBe(
      terminology.inCodeSystem({ system, code: other }).result,
    );
  });

  test('has its words, and is not all there is to a value set', () => {
    const valueSet = { resourceType: 'ValueSet', url: 'urn:all', compose: { include: [{ system: loinc }] } };
    const checked = over(listed(loinc, '8302-2'), valueSet);
    expect(checked.inCodeSystem({ system: loinc, code: '8302-2' }).display).toBe('Listed');
    expect(checked.inCodeSystem({ system: loinc, code: '8302-2', display: 'Weight' }).result).toBe(false);
    expect(checked.inValueSet('urn:all', { system: loinc, code: '29463-7' }).result).toBeUndefined();
    expect(() => checked.expand('urn:all')).toThrow('fragment');
  });

  test("is the whole where it was made of the owner's release, and of a system without a rule", () => {
    const release = createTerminology(definitionsOf([listed(loinc, '8302-2')]), { released: loinc });
    expect(release.inCodeSystem({ system: loinc, code: '29463-7' }).result).toBe(false);
    expect(over(listed('urn:own', 'a')).inCodeSystem({ system: 'urn:own', code: 'b' }).result).toBe(false);
  });
});

test('names that nothing here has are not remembered', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const askAbout = (n: number) => {
    const name = `${n} `.repeat(512 * 1024).slice(0, 1024 ** 2);
    terminology.inCodeSystem({ system: name, code: 'a' });
    terminology.inCodeSystem({ system: loinc, version: name, code: '8302-2' });
    terminology.inCodeSystem({ system: actCode, version: name, code: 'AMB' });
    terminology.inValueSet(name, { code: 'a' });
    terminology.inValueSet(`${administrativeGender}|${name}`, { code: 'female' });
  };
  // Strings lie in the heap; what lies outside of it is let go in a thread of its own, at a time of its own.
  const usedMb = () => {
    collect();
    collect();
    return process.memoryUsage().heapUsed / 1024 ** 2;
  };
  askAbout(-1);
  const before = usedMb();
  for (let n = 0; n < 100; n++) askAbout(n);
  expect(usedMb() - before).toBeLessThan(50);
});
