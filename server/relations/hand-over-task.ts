// The Task by which a grown-up child takes the record over, and the notices of it. `requested` until they answer; `accepted` when they
// claimed the record before they were 18; `completed` or `rejected` afterwards.

import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import type { StoredRelation } from '../store/relations.ts';

const system = `${CANONICAL}/CodeSystem/relation-task`;

/** `adult`: ISO 8601, when they are 18. */
export const handOverTask = (patient: string, adult: string, nowMs: number): JsonObject => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system, code: 'hand-over' }], text: '記録の引き継ぎ' },
  focus: { reference: `Patient/${patient}` },
  for: { reference: `Patient/${patient}` },
  authoredOn: new Date(nowMs).toISOString(),
  owner: { reference: `Patient/${patient}` },
  restriction: { period: { start: adult } },
});

/** To the guardians of the moment as long as they may read it, and to the young person. */
export function handOverNotice(
  patient: string,
  {
    adult,
    isGrown,
    relations,
    nowMs,
  }: { adult: string; isGrown: boolean; relations: readonly StoredRelation[]; nowMs: number },
): JsonObject {
  const guardians = relations.flatMap(({ basis, status, relatedPerson }) =>
    basis === 'guardian' && status === 'active' && relatedPerson !== undefined && !isGrown ? [relatedPerson] : [],
  );
  return {
    resourceType: 'Communication',
    status: 'completed',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'notification' }] },
    ],
    subject: { reference: `Patient/${patient}` },
    sent: new Date(nowMs).toISOString(),
    recipient: [...new Set([`Patient/${patient}`, ...guardians])].map((reference) => ({ reference })),
    payload: [{ contentString: isGrown ? grown : coming(adult) }],
  };
}

const grown =
  '18歳になりました。今日からこの記録を見られるのは本人だけです。市区町村の窓口で受け取る番号で記録を引き継ぎ、記録全体の控えを受け取れます。保護者や医療機関に見せるかどうかは本人が決めます。';

/** The day in Japan. */
function coming(adult: string): string {
  const [year, month, day] = todayInJapan(Date.parse(adult)).split('-');
  const date = `${year}年${Number(month)}月${Number(day)}日`;
  return `${date}午前0時に18歳になり、この記録は本人に引き継がれます。そのとき、保護者が見ることと書くことは終わります。本人は、それまでにも市区町村の窓口で受け取る番号で自分の記録とつながれます。`;
}
