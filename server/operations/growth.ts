// Patient/[id]/$growth: percentiles and SD scores of what was measured of a child, and the growth chart. Nothing of it is stored.
// OperationDefinition: profiles/operation-definitions/growth.json; which reference: server/decisions/0018-growth-references.md.

import { mayReach } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, parseJson } from '../fhir/json.ts';
import { forbidden, invalid, notFound } from '../fhir/outcome.ts';
import { formatDay, parseDay } from '../forecast/days.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { growthChart } from '../growth/chart.ts';
import { growthPoints } from '../growth/points.ts';
import type { Sex } from '../growth/references.ts';
import { isAbout, recordTexts } from '../interaction/planning-record.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { growthAnswer } from './growth-answer.ts';
import { growthRecord, WANTED } from './growth-record.ts';
import { growthRequest } from './growth-request.ts';
import { svgBinary, wantsSvg } from './svg-answer.ts';

export const patientGrowth: Operation = {
  code: 'growth',
  definition: `${CANONICAL}/OperationDefinition/growth`,
  level: 'instance',
  type: 'Patient',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const asked = growthRequest(request.query, request.body);
    const { birthDay, sex, observations } = await storedGrowth(fhir, request, id);
    const { measured, gestationDays } = growthRecord(observations, birthDay);
    const child = { birthDay, sex, gestationDays };
    const points = growthPoints(child, measured, asked.measures, asked.reference);
    const today = parseDay(todayInJapan(fhir.nowMs())) ?? birthDay;
    const ageDays = Math.max(0, today - birthDay);
    const chart =
      sex && growthChart({ ...asked, child: { ...child, sex }, points, ageDays, dateOf: formatDay, id: 'growth' });
    if (wantsSvg(request.query)) {
      if (chart === undefined) throw noSex();
      return { status: 200, body: JSON.stringify(svgBinary(chart)) };
    }
    return { status: 200, body: JSON.stringify(growthAnswer({ child, points, ...asked, chart })) };
  },
};

const needsBoth = 'and Patient and Observation are read together';

/** The child and their observations as far as the caller may see them. Throws 404 and 403 like a read; 422 without a birth date. */
async function storedGrowth(fhir: Fhir, request: FhirRequest, id: string) {
  const { access } = request;
  namedReach(access, 'read', 'Patient', needsBoth);
  const ofObservations = namedReach(access, 'read', 'Observation', needsBoth);
  if (!mayReach(ofObservations, id) && mayReach(namedReach(access, 'read', 'Patient'), id))
    throw forbidden('$growth reads Patient and Observation; the scopes of this token must reach both of one patient');
  const found = await recordTexts(fhir, request, id, 'growth', { types: ['Observation'], observed: WANTED });
  if (found === undefined) throw notFound(`Patient/${id}`);
  const { birthDate, gender } = JSON.parse(found.patient) as { birthDate?: string; gender?: string };
  const birthDay = parseDay(birthDate ?? '');
  if (birthDay === undefined) throw noBirthDate();
  const observations = found.contents
    .map(parseJson)
    .filter(isObject)
    .filter((one) => isAbout(one, id));
  const sex: Sex | undefined = gender === 'male' || gender === 'female' ? gender : undefined;
  return { birthDay, sex, observations };
}

const noBirthDate = () =>
  invalid([
    {
      severity: 'error',
      code: 'required',
      diagnostics: 'The patient has no full birthDate (YYYY-MM-DD); without it there is no age to compare at.',
      text: {
        ja: '生年月日が分からないため、成長曲線を作れません。',
        en: 'No growth chart can be made without the birth date.',
      },
      expression: ['Patient.birthDate'],
    },
  ]);

const noSex = () =>
  invalid([
    {
      severity: 'error',
      code: 'required',
      diagnostics: 'Patient.gender is neither male nor female; growth references are for one or the other.',
      text: {
        ja: '成長曲線は男女別です。性別が記録されていないため、図を作れません。',
        en: 'Growth charts are for boys or for girls: the record does not say which.',
      },
      expression: ['Patient.gender'],
    },
  ]);
