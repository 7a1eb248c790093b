// The table between records and facts: every row leads somewhere and names its source, and every fact a schedule asks for is in it.
import type { CodeSystem, ConceptMap } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import codeSystem from '../../../profiles/code-systems/planning-fact.json' with { type: 'json' };
import conceptMap from '../../../profiles/concept-maps/planning-fact.json' with { type: 'json' };
import { PLANNING_FACT_SYSTEM, planningFactOf, planningFacts } from '../../../profiles/planning-fact.ts';
import { japaneseScheduleSource } from '../../../server/forecast/schedules/jp/index.ts';
import { refusalsOf } from '../../support/valid.ts';

const ICD10 = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full';
const codesOf = (system: string, code: string) => planningFacts([{ system, code }], []).map(({ fact }) => fact.code);

describe('the tables', () => {
  test.each([
    ['CodeSystem', codeSystem as CodeSystem],
    ['ConceptMap', conceptMap as ConceptMap],
  ])('%s is valid R4', (_, resource) => {
    expect(refusalsOf(resource).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('every code once, and every row leads to a code and names its source', () => {
    const codes = codeSystem.concept.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codeSystem.count).toBe(codes.length);
    for (const { source, element } of conceptMap.group) {
      expect(new Set(element.map(({ code }) => code)).size, source).toBe(element.length);
      for (const { code, target } of element) {
        for (const row of target) {
          expect(codes, `${source} ${code}`).toContain(row.code);
          expect(row.comment.length, `${source} ${code}`).toBeGreaterThan(3);
        }
      }
    }
  });

  test('holds every fact that the Japanese schedule asks about', () => {
    const asked = new Set<string>();
    JSON.stringify(japaneseScheduleSource, (key, value) => {
      if ((key === 'has' || key === 'observation') && typeof value === 'string') asked.add(value);
      return value;
    });
    expect(asked.size).toBeGreaterThan(10);
    expect([...asked].filter((code) => planningFactOf(code) === undefined)).toEqual([]);
  });
});

describe('planningFacts', () => {
  test.each([
    ['a category with its subcategory', ICD10, 'B019', ['disease:varicella']],
    ['with a dot', 'http://hl7.org/fhir/sid/icd-10', 'B01.9', ['disease:varicella']],
    ['the nearest category', ICD10, 'D841', ['complement-deficiency']],
    ['the longer of two categories', ICD10, 'D810', ['scid']],
    ['no shorter code than the row', ICD10, 'B0', []],
    ['no neighbour', ICD10, 'B02', []],
    ['no code of another system', 'urn:x', 'B01', []],
    ['claims codes only whole', 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease', '88421890', []],
    ['a family of ours', PLANNING_FACT_SYSTEM, 'missed:MR1', ['missed:MR1']],
    ['not the family itself', PLANNING_FACT_SYSTEM, 'missed:*', []],
    ['no other code of ours', PLANNING_FACT_SYSTEM, 'moon', []],
  ])('%s', (_, system, code, facts) => {
    expect(codesOf(system, code)).toEqual(facts);
  });

  test.each([
    ['はしか', ['disease:measles']],
    ['ﾊｼｶ', []],
    ['水痘の疑い', []],
    ['Varicella', ['disease:varicella']],
    ['献血ヴェノグロブリンＩＨ１０％静注５ｇ', ['immunoglobulin']],
  ])('the name %s', (name, facts) => {
    expect(planningFacts([], [name]).map(({ fact }) => fact.code)).toEqual(facts);
  });

  test('a name counts only where no code is known', () => {
    const codings = [{ system: ICD10, code: 'B059' }];
    expect(planningFacts(codings, ['水痘']).map(({ fact }) => fact.code)).toEqual(['disease:measles']);
  });
});
