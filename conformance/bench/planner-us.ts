// The planner with all antigens of the United States, in a process of its own so that its memory can be told: the people of
// CDC's healthy cases, in turn, by the CPU it used. Forked by itself.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inputOf, isCdsiCase } from '../../server/forecast/cdsi/cdsi-cases.ts';
import { forecastCdsi } from '../../server/forecast/cdsi/forecast-cdsi.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { loadScheduleFolder } from '../../server/schedules/load.ts';
import { startHelper } from './processes.ts';

export type UsFigures = { perSecond: number; people: number; antigens: number; residentMb: number };

const data = fileURLToPath(new URL('../../../shared/data/cdsi', import.meta.url));
const FORKED = 'measure';

/** People per second of CPU, in a window of so many seconds. Undefined where the data are missing. */
export async function plannerUs(seconds: number): Promise<UsFigures | undefined> {
  if (!existsSync(data)) return undefined;
  const helper = startHelper('planner-us.ts', [FORKED, String(seconds)]);
  const ended = once(helper, 'exit').then(([code]) => Promise.reject(new Error(`planner-us ended with ${code}`)));
  ended.catch(() => undefined);
  const [figures] = (await Promise.race([once(helper, 'message'), ended])) as [UsFigures];
  return figures;
}

if (process.argv[2] === FORKED && process.send)
  process.send(await measured(Number(process.argv[3])), () => process.disconnect());

async function measured(seconds: number): Promise<UsFigures> {
  const { schedule } = await loadScheduleFolder(`${data}/json`, 'us');
  const inputs = readFileSync(`${data}/tests/healthy-4.45.ndjson`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
    .filter(isCdsiCase)
    .map(inputOf);
  const run = (windowMs: number) => {
    const endMs = performance.now() + windowMs;
    let done = 0;
    while (performance.now() < endMs) for (const input of inputs) done += isAnswered(input) ? 1 : 0;
    return done;
  };
  const isAnswered = (input: ForecastInput) => forecastCdsi(input, schedule).recommendations.length > 0;
  run(seconds * 250);
  const before = process.cpuUsage();
  const done = run(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: (done * 1_000_000) / (user + system),
    people: inputs.length,
    antigens: schedule.antigens.length,
    residentMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
