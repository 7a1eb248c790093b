// What reading the facts of a record left open, in the words of the answer: Japanese first, then English.
import type { PlanningFact } from '../../../profiles/planning-fact.ts';
import type { Warning } from '../types.ts';
import type { Statement } from './statement.ts';

export const unsure = ({ source }: Statement, { ja, en }: PlanningFact): Warning => ({
  code: 'uncertainFact',
  text: `${source}「${ja}」は疑い・未確定などのため、計画に使っていません。医師に確認してください。 ${source} (${en}) is not certain and was not used: ask the clinician.`,
});

export const loose = ({ source }: Statement, { ja, en }: PlanningFact): Warning => ({
  code: 'looseCode',
  text: `${source}のコードは他の意味もありますが「${ja}」として計画しました。医師に確認してください。 The code in ${source} can also mean something else; it was taken as "${en}": ask the clinician.`,
});

export const undated = ({ source }: Statement, { ja, en }: PlanningFact): Warning => ({
  code: 'undatedFact',
  text: `${source}「${ja}」は日付が分からないため、計画に使っていません。医師に確認してください。 ${source} (${en}) has no date and was not used: ask the clinician.`,
});

export const unreadable = ({ source }: Statement, { ja, en }: PlanningFact): Warning => ({
  code: 'unreadableResult',
  text: `${source}「${ja}」の結果が読めないため、計画に使っていません。 The result of ${source} (${en}) cannot be read and was not used.`,
});

export const amountUnknown = ({ source }: Statement): Warning => ({
  code: 'amountUnknown',
  text: `${source}の投与量(mg/kg)が分からないため、大量療法ではないものとして計画しました。医師に確認してください。 The amount of ${source} in mg/kg is not known; it was taken as less than 200: ask the clinician.`,
});

export const unknownFact = ({ source }: Statement, code: string): Warning => ({
  code: 'unknownFact',
  text: `${source}のコード「${code}」は計画の語彙にないため、使っていません。 The code "${code}" of ${source} is not among the planner's facts and was not used.`,
});

/** Types that the token does not cover. It says nothing about whether there is anything. */
export function notLookedAt(types: readonly string[]): Warning[] {
  if (types.length === 0) return [];
  const list = types.join(', ');
  return [
    {
      code: 'notLookedAt',
      text: `${list}は読む権限がないため見ていません。そこにある病気、アレルギー、検査、治療などは計画に入っていません。 ${list} could not be read with this token: diseases, allergies, results and treatments recorded there are not in this plan.`,
    },
  ];
}
