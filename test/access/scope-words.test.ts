// Scopes in the words of the person who agrees to them.
import { describe, expect, test } from 'vitest';
import { inWords } from '../../server/access/scope-words.ts';
import { resourceTypes } from '../../server/fhir/definitions.ts';

const vitalSigns = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';

describe('inWords', () => {
  test.each([
    ['patient/Immunization.rs', '予防接種の記録を見る', 'See vaccination records'],
    ['patient/Immunization.read', '予防接種の記録を見る', 'See vaccination records'],
    ['patient/Immunization.c', '予防接種の記録を書き加える', 'Add vaccination records'],
    ['patient/Appointment.rus', '予約を見る・書き直す', 'See and change appointments'],
    [
      'patient/*.rs',
      '今後追加されるものも含めて、すべての記録を見る',
      'See all records, including whatever is added later',
    ],
    [
      'patient/*.cruds',
      '今後追加されるものも含めて、すべての記録を見る・書き加える・書き直す・消す',
      'See, add, change and delete all records, including whatever is added later',
    ],
    [
      'user/Observation.r',
      'あなたが見ることのできるすべての方の測定・検査・観察の記録を見る',
      'See measurements, test results and observations of everyone whose records you may see',
    ],
    ['user/Organization.rs', '医療機関・自治体などの情報を見る', 'See organizations'],
    [
      'system/*.s',
      '今後追加されるものも含めて、この事業者に認められたすべての方のすべての記録を見る',
      'See all records of everyone whose records this organization is allowed, including whatever is added later',
    ],
    ['patient/VerificationResult.rs', '「VerificationResult」の情報を見る', 'See records of type VerificationResult'],
    [
      `patient/Observation.rs?category=${vitalSigns}`,
      '測定・検査・観察の記録を見る（区分が「身長・体重・体温など」のものに限る）',
      'See measurements, test results and observations (only where the category is “vital signs such as height, weight and temperature”)',
    ],
    [
      'patient/Observation.rs?code=urn:s|a,b&method=c',
      '測定・検査・観察の記録を見る（内容が「urn:s|a」または「b」の、かつ、methodが「c」のものに限る）',
      'See measurements, test results and observations (only where the subject is “urn:s|a” or “b” and method is “c”)',
    ],
    ['launch/patient', 'どなたの記録を使うかを受け取る', 'Receive whose record is to be used'],
    [
      'launch/encounter?role=urn:a',
      '選ばれている受診・健診の記録を受け取る（役割: urn:a）',
      'Receive which is selected of: records of visits and check-ups (role: urn:a)',
    ],
    [
      'offline_access',
      'あなたがアプリを使っていないあいだも、取り消すまで利用を続ける',
      'Keep access while you are not using the app, until you withdraw it',
    ],
  ])('%s', (scope, ja, en) => {
    expect(inWords(scope, 'ja')).toBe(ja);
    expect(inWords(scope, 'en')).toBe(en);
  });

  test('throws for a scope that is refused', () => {
    expect(() => inWords('patient/Appointment.sr', 'ja')).toThrow('patient/Appointment.sr');
  });

  test.each(['ja', 'en'] as const)('tells all types and all acts apart (%s)', (language) => {
    const told = new Map<string, string>();
    for (const type of ['*', ...resourceTypes]) {
      for (const letters of ['r', 'c', 'u', 'd', 'cruds']) {
        const words = inWords(`patient/${type}.${letters}`, language);
        expect({ words, alsoOf: told.get(words) }).toEqual({ words, alsoOf: undefined });
        told.set(words, `${type}.${letters}`);
      }
    }
  });

  test('has Japanese words for what a mother and child have in their record', () => {
    const types = 'Patient RelatedPerson Immunization ImmunizationRecommendation Observation Condition Encounter';
    const more = 'Appointment QuestionnaireResponse RiskAssessment Task Communication DiagnosticReport Flag Coverage';
    for (const type of `${types} ${more} Consent AuditEvent DocumentReference Media Person CarePlan`.split(' '))
      expect(inWords(`patient/${type}.rs`, 'ja')).not.toMatch(/[A-Za-z]/);
  });
});
