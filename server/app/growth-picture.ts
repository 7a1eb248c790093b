// The growth chart for the page of an archive, from the measurements that are in it.

import type { JsonObject } from '../fhir/json.ts';
import { formatDay, parseDay } from '../forecast/days.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { growthChart } from '../growth/chart.ts';
import { growthPoints } from '../growth/points.ts';
import { MEASURES } from '../growth/references.ts';
import { isAbout } from '../interaction/planning-record.ts';
import { growthRecord } from '../operations/growth-record.ts';

/** SVG; undefined without a full birth date and a sex, by which references go, and where nothing was measured. */
export function growthPicture(
  patient: JsonObject,
  observations: readonly JsonObject[],
  nowMs: number,
): string | undefined {
  const { id, birthDate, gender } = patient;
  const birthDay = parseDay(String(birthDate ?? ''));
  if (birthDay === undefined || (gender !== 'male' && gender !== 'female')) return undefined;
  const own = observations.filter((one) => isAbout(one, String(id)));
  const { measured, gestationDays } = growthRecord(own, birthDay);
  if (measured.length === 0) return undefined;
  const child = { birthDay, sex: gender, gestationDays } as const;
  const points = growthPoints(child, measured, MEASURES);
  const ageDays = Math.max(0, (parseDay(todayInJapan(nowMs)) ?? birthDay) - birthDay);
  const shown = { measures: MEASURES, reference: undefined, dateOf: formatDay, id: 'growth' };
  return growthChart({ ...shown, child, points, ageDays });
}
