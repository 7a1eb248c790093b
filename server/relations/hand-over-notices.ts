// Tells families that a child comes of age and that the record will be handed over: months before and on the day (access/policy.ts).
// Of somebody who has died nothing is told.

import { randomUUID } from 'node:crypto';
import { systemAccess } from '../access/access.ts';
import { birthday } from '../access/birthday.ts';
import { adultYears, handOverNotices } from '../access/policy.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { conflict, OperationOutcomeError } from '../fhir/outcome.ts';
import { addMonths, formatDay, parseDay } from '../forecast/days.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import type { Fhir } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { ComingOfAge, HandOvers } from '../store/hand-overs.ts';
import type { StoredRelation } from '../store/relations.ts';
import { handOverNotice, handOverTask } from './hand-over-task.ts';

type Needs = {
  fhir: Pick<Fhir, 'write' | 'reader' | 'nowMs'>;
  handOvers: HandOvers;
  relations: (patient: string) => Promise<StoredRelation[]>;
};

const dayMs = 86_400_000;
/** Of somebody who was grown up before this server knew them nothing is told. */
const longestGrownMs = 400 * dayMs;

/** Tells what is due at this moment. Returns how many were told. */
export async function tellOfComingOfAge({ fhir, handOvers, relations }: Needs): Promise<number> {
  const nowMs = fhir.nowMs();
  let count = 0;
  for (const [n, months] of handOverNotices.entries()) {
    // Wider than it is: what is due is decided by the day of birth below.
    const born = { from: yearsBefore(nowMs - longestGrownMs), to: yearsBefore(nowMs + (months * 31 + 1) * dayMs) };
    for (const one of await handOvers.fewerTold(born, n + 1)) {
      if (await tell({ fhir, handOvers, relations }, one, { n, months, nowMs })) count += 1;
    }
  }
  return count;
}

async function tell(
  { fhir, handOvers, relations }: Needs,
  { patient, content, known }: ComingOfAge,
  { n, months, nowMs }: { n: number; months: number; nowMs: number },
): Promise<boolean> {
  const { birthDate, deceasedBoolean, deceasedDateTime } = parseJson(content) as JsonObject;
  const adult = birthday(birthDate, adultYears);
  if (adult === 'infinity' || deceasedBoolean === true || deceasedDateTime !== undefined) return false;
  if (Date.parse(monthsBefore(adult, months)) > nowMs || Date.parse(adult) + longestGrownMs < nowMs) return false;
  const isGrown = Date.parse(adult) <= nowMs;
  // Whoever is grown up is told so at once, however little was told before.
  const told = isGrown ? handOverNotices.length : n + 1;
  const of = await relations(patient);
  const notice = handOverNotice(patient, { adult, isGrown, relations: of, nowMs });
  const task = await taskChange({ fhir, patient, adult, nowMs, task: known?.task });
  const changes: Change[] = [{ method: 'create', type: 'Communication', resource: notice }, ...task];
  try {
    await fhir.write(systemAccess('hand-over'), changes, {
      request: randomUUID(),
      isBundle: true,
      alongside: async (client, [, made]) => {
        const id = made?.id ?? known?.task ?? '';
        if (!(await handOvers.keep(client, patient, { adult, told, task: id }))) throw conflict('It was told already');
      },
    });
    return true;
  } catch (error) {
    if (error instanceof OperationOutcomeError && error.status === 409) return false;
    throw error;
  }
}

/** The Task as it has to be: made where there is none, of the right day where the date of birth was corrected. */
async function taskChange({
  fhir,
  patient,
  adult,
  nowMs,
  task,
}: {
  fhir: Needs['fhir'];
  patient: string;
  adult: string;
  nowMs: number;
  task: string | undefined;
}): Promise<Change[]> {
  const current = task === undefined ? undefined : await fhir.reader.current('Task', task, { kind: 'all' });
  if (current?.content === undefined)
    return [{ method: 'create', type: 'Task', resource: handOverTask(patient, adult, nowMs) }];
  const resource: JsonObject = {
    ...(parseJson(current.content) as JsonObject),
    restriction: { period: { start: adult } },
  };
  // Whoever has claimed the record before has it now.
  const isTaken = resource.status === 'accepted' && Date.parse(adult) <= nowMs;
  const next = isTaken ? { ...resource, status: 'completed' } : resource;
  return [{ method: 'update', type: 'Task', id: String(resource.id), ifMatch: current.version, resource: next }];
}

/** Midnight in Japan of the day so many months before. */
function monthsBefore(adult: string, months: number): string {
  const day = parseDay(todayInJapan(Date.parse(adult))) ?? 0;
  return `${formatDay(addMonths(day, -months))}T00:00:00+09:00`;
}

const yearsBefore = (ms: number): string => {
  const date = new Date(ms);
  date.setUTCFullYear(date.getUTCFullYear() - adultYears);
  return date.toISOString();
};
