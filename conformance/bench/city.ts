// A city of 100,000 invented children, each with 30 doses, re-planned by the Japanese schedule on two cores: from the start of
// the two workers to the last answer, inventing the children included.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { forecast } from '../../server/forecast/forecast.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import { inputOf } from './planner.ts';

const children = 100_000;
const cores = 2;

export type CityFigures = { children: number; cores: number; seconds: number; cpuSeconds: number };

/** Seconds for the whole city: of the clock, and of CPU on all cores together. */
export async function replanCity(): Promise<CityFigures> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const answered = await Promise.all(Array.from({ length: cores }, (_, core) => partOf(core)));
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const sum = answered.reduce((total, one) => total + one, 0);
  if (sum !== children) throw new Error(`city: ${sum} of ${children} children have a plan`);
  return { children, cores, seconds, cpuSeconds: (user + system) / 1_000_000 };
}

async function partOf(core: number): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { cityCore: core } });
  const [answered] = (await once(worker, 'message')) as [number];
  return answered;
}

/** Plans every child of one core; how many have an answer. */
function replan(core: number): number {
  const schedule = japaneseSchedule();
  let answered = 0;
  for (let n = core; n < children; n += cores)
    if (forecast(inputOf(n), schedule).recommendations.length > 0) answered += 1;
  return answered;
}

if (!isMainThread && typeof workerData?.cityCore === 'number') parentPort?.postMessage(replan(workerData.cityCore));
