// The planner in this process, without HTTP and database: children a second on one core, by the CPU it used.
import { forecast } from '../../server/forecast/forecast.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { assessmentDate, child, immunization } from './families.ts';
import { familySize } from './seed.ts';

const children = 500;

/** Children with a full history, per second of CPU, in a window of so many seconds. */
export function plannerPerSecond(seconds: number): number {
  const schedule = japaneseSchedule();
  const inputs = Array.from({ length: children }, (_, n) => inputOf(n));
  runFor(seconds * 250, inputs, schedule);
  const before = process.cpuUsage();
  const done = runFor(seconds * 1000, inputs, schedule);
  const used = process.cpuUsage(before);
  return (done * 1_000_000) / (used.user + used.system);
}

function runFor(windowMs: number, inputs: ForecastInput[], schedule: ReturnType<typeof japaneseSchedule>): number {
  const endMs = performance.now() + windowMs;
  let done = 0;
  while (performance.now() < endMs) {
    for (const input of inputs) if (forecast(input, schedule).recommendations.length > 0) done += 1;
  }
  return done;
}

/** Child `n` with a full history, as the planner takes it. */
export function inputOf(n: number): ForecastInput {
  const { birthDate = '', gender } = child(n);
  const doses = Array.from({ length: familySize.doses }, (_, index) => {
    const { vaccineCode, occurrenceDateTime: date = '' } = immunization(n, index, 'Patient/x');
    return { id: String(index), vaccine: vaccineCode.coding?.[0]?.code ?? '', date };
  });
  return { birthDate, assessmentDate, sex: gender === 'female' ? 'female' : 'male', doses };
}
