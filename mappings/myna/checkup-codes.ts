// What the words of a check-up mean in our code systems: stages, findings, judgements, test strips, items looked at.

import type { CodeableConcept, CodeSystem } from '@medplum/fhirtypes';
import cariesType from '../../profiles/code-systems/caries-type.json' with { type: 'json' };
import checkupFinding from '../../profiles/code-systems/checkup-finding.json' with { type: 'json' };
import checkupJudgement from '../../profiles/code-systems/checkup-judgement.json' with { type: 'json' };
import checkupStage from '../../profiles/code-systems/checkup-stage.json' with { type: 'json' };
import deliveryMethod from '../../profiles/code-systems/delivery-method.json' with { type: 'json' };
import dentalItem from '../../profiles/code-systems/dental-item.json' with { type: 'json' };
import feedingMethod from '../../profiles/code-systems/feeding-method.json' with { type: 'json' };
import hearingMethod from '../../profiles/code-systems/hearing-screening-method.json' with { type: 'json' };
import infantItem from '../../profiles/code-systems/infant-checkup-item.json' with { type: 'json' };
import screeningResult from '../../profiles/code-systems/screening-result.json' with { type: 'json' };
import testStrip from '../../profiles/code-systems/test-strip-grade.json' with { type: 'json' };
import { type CodeTable, codeTable } from '../own-code.ts';

const table = (codeSystem: unknown, aliases?: Record<string, string>): CodeTable =>
  codeTable(codeSystem as CodeSystem, aliases);

export const stages = table(checkupStage);
export const findings = table(checkupFinding, {
  なし: 'none',
  '-': 'none',
  異常なし: 'none',
  normal: 'none',
  あり: 'present',
  '+': 'present',
  未実施: 'not-examined',
});
export const judgements = table(checkupJudgement, { 問題なし: 'normal', 経過観察: 'observe', 要精検: 'refer' });
export const infantItems = table(infantItem);
export const dentalItems = table(dentalItem);
export const feedingMethods = table(feedingMethod, { 母乳栄養: 'breast', 混合栄養: 'mixed', ミルク: 'formula' });
export const cariesTypes = table(cariesType);
export const hearingMethods = table(hearingMethod, { 自動abr: 'AABR' });
export const screeningResults = table(screeningResult, {
  パス: 'pass',
  正常: 'pass',
  リファー: 'refer',
  要再検: 'refer',
  要精検: 'refer',
  再採血: 'repeat',
  再検査: 'repeat',
});
export const deliveryMethods = table(deliveryMethod, {
  経腟分娩: 'vaginal',
  自然分娩: 'vaginal',
  頭位経腟自然分娩: 'vaginal',
});
export const stripGrades = table(testStrip, {
  '-': 'negative',
  '−': 'negative',
  '(-)': 'negative',
  陰性: 'negative',
  none: 'negative',
  '±': 'trace',
  '(±)': 'trace',
  '+-': 'trace',
  '+': '1+',
  '(+)': '1+',
  '++': '2+',
  '(2+)': '2+',
  '(++)': '2+',
  '+++': '3+',
  '(3+)': '3+',
  '(+++)': '3+',
  '++++': '4+',
  '(4+)': '4+',
});

/** Words of a result that have a code whatever was looked at. */
export function resultConcept(word: string): CodeableConcept | undefined {
  return findings(word) ?? feedingMethods(word);
}
