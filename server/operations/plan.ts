// Patient/[id]/$plan: every next vaccination of a stored patient, packed into few visits. Nothing of it is stored.
// OperationDefinition: profiles/operation-definitions/plan.json

import type { ImmunizationRecommendation } from '@medplum/fhirtypes';
import { vaccineName } from '../../profiles/vaccine.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { invalid, type OperationOutcomeError } from '../fhir/outcome.ts';
import { formatDay, parseDay } from '../forecast/days.ts';
import { explain } from '../forecast/explain.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { forecastWithChange } from '../forecast/forecast-with-change.ts';
import { createCalendar } from '../forecast/plan/calendar.ts';
import { changesBetween } from '../forecast/plan/changes.ts';
import { makePlan } from '../forecast/plan/make-plan.ts';
import { planPicture } from '../forecast/plan/picture.ts';
import type { Plan, RefusedPin } from '../forecast/plan/types.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { Warning } from '../forecast/types.ts';
import type { Operation } from '../interaction/request.ts';
import { storedHistory } from './forecast.ts';
import { forecastInput } from './immds.ts';
import { answerParameters } from './immds-answer.ts';
import { planBundle, plannedDoses } from './plan-answer.ts';
import { type PlanRequest, planRequest } from './plan-request.ts';
import { svgBinary, wantsSvg } from './svg-answer.ts';

export const patientPlan: Operation = {
  code: 'plan',
  definition: `${CANONICAL}/OperationDefinition/plan`,
  level: 'instance',
  type: 'Patient',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const asked = planRequest(request.query, request.body, todayInJapan(fhir.nowMs()));
    const known = { ...(await storedHistory(fhir, request, id, 'plan')), assessmentDate: asked.assessmentDate };
    const warnings: Warning[] = [];
    const input = forecastInput(known, warnings);
    const schedule = japaneseSchedule();
    const plan = makePlan(input, schedule, asked.wishes);
    if (plan.refusedPins.length > 0) throw refusedPins(plan.refusedPins);
    if (wantsSvg(request.query)) {
      const picture = planPicture({ input, plan, schedule, nameOf: vaccineName, id: 'plan' });
      return { status: 200, body: JSON.stringify(svgBinary(picture)) };
    }
    // The same words as $forecast of that day.
    const forecast = forecastWithChange(input, schedule);
    forecast.warnings.unshift(...warnings);
    const { parameter = [] } = answerParameters(known, forecast, schedule);
    const recommendation = parameter.find(({ name }) => name === 'recommendation')?.resource;
    const bundle = planBundle({
      patientId: id,
      schedule,
      plan,
      recommendation: recommendation as ImmunizationRecommendation,
      changes: changesOf(asked, plan),
    });
    return { status: 200, body: JSON.stringify(bundle) };
  },
};

function changesOf({ previous, wishes, assessmentDate }: PlanRequest, plan: Plan) {
  if (previous === undefined) return undefined;
  const calendar = createCalendar(wishes.open, wishes.avoid);
  const until = wishes.until ?? Number.POSITIVE_INFINITY;
  return changesBetween(plannedDoses(previous), plan, calendar, parseDay(assessmentDate) ?? 0, until);
}

/** A pin that the schedule does not allow: no plan, and the rule that says why. */
function refusedPins(refused: readonly RefusedPin[]): OperationOutcomeError {
  return invalid(
    refused.map(({ pin, evaluation }) => {
      const what = `${pin.vaccine} on ${formatDay(pin.day)}`;
      const why = (language: 'ja' | 'en') => explain(evaluation?.because ?? [], language).join('; ');
      const en =
        evaluation === undefined
          ? 'no series of the schedule asks for it on that day, or the day is before the assessment date'
          : evaluation.status === 'valid'
            ? `it would be dose ${evaluation.doseNumber ?? 1} of ${evaluation.series}, not dose ${pin.doseNumber ?? 1}`
            : why('en') || evaluation.reasons.join(', ');
      return {
        severity: 'error',
        code: 'business-rule',
        diagnostics: `The pin of ${what} is not possible: ${en}`,
        text: {
          ja: `${formatDay(pin.day)}のご希望は計画に入れられません。${why('ja')}`,
          en: `The day you chose, ${formatDay(pin.day)}, is not possible. ${why('en')}`,
        },
        expression: ["Parameters.parameter.where(name='pin')"],
      };
    }),
  );
}
