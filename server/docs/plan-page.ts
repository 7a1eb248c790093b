// The page at /docs/plan: the vaccination plan of an invented child, as a picture and in words, as the planner answers it on the
// day the page is asked for.
import { vaccineName } from '../../profiles/vaccine.ts';
import { addMonths, type Day, formatDay } from '../forecast/days.ts';
import { makePlan } from '../forecast/plan/make-plan.ts';
import { planPicture } from '../forecast/plan/picture.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { ForecastInput, GivenDose } from '../forecast/types.ts';
import { page } from './html.ts';

const AGE_MONTHS = 5;
/** A clinic for children is open on these days. */
const WISHES = { open: ['mon', 'tue', 'wed', 'thu', 'fri'] as const, avoid: [], pins: [] };

/** The page, made again when the day has changed. Days are Japan's (UTC+9). */
export function createPlanPage(nowMs: () => number): () => string {
  let made: { today: Day; text: string } | undefined;
  return () => {
    const today = Math.floor((nowMs() + 9 * 3_600_000) / 86_400_000);
    if (made?.today !== today) made = { today, text: planPage(today) };
    return made.text;
  };
}

function planPage(today: Day): string {
  const schedule = japaneseSchedule();
  const input = inventedChild(today);
  const plan = makePlan(input, schedule, WISHES);
  const picture = planPicture({ input, plan, schedule, nameOf: vaccineName, id: 'plan' });
  return page(
    '予防接種の計画 A vaccination plan',
    `<p><a href="/docs">Tsumugi: API</a></p>
<p>見本の赤ちゃん（実在しません）の、これからの予防接種です。サーバーがきょうの日付で計算し、平日だけに組みました。
受ける日は、かかりつけの医師と相談して決めてください。</p>
<p>The vaccinations ahead of an invented baby, as this server plans them today for a clinic that is open on weekdays.
Decide with your doctor when to come.</p>
<div class="picture" tabindex="0" role="region" aria-label="予防接種の計画の図 Picture of the plan">${picture}</div>
<p>お子さんの計画は <code>GET [base]/Patient/[id]/$plan</code>、図は <code>?_format=image/svg+xml</code> を付けて取得します。
For a child of this server: <code>GET [base]/Patient/[id]/$plan</code>, and the picture with <code>?_format=image/svg+xml</code>.</p>`,
  );
}

/** Five months old, and vaccinated on every day that was planned at birth. */
function inventedChild(today: Day): ForecastInput {
  const birthDate = formatDay(addMonths(today, -AGE_MONTHS));
  const newborn: ForecastInput = { birthDate, assessmentDate: birthDate, sex: 'female', doses: [] };
  const doses = makePlan(newborn, japaneseSchedule(), WISHES)
    .visits.filter(({ day }) => day < today)
    .flatMap((visit): GivenDose[] =>
      visit.doses.map(({ vaccine }) => ({ id: `${vaccine} ${visit.day}`, vaccine, date: formatDay(visit.day) })),
    );
  return { ...newborn, assessmentDate: formatDay(today), doses };
}
