// The planner without HTTP and database, in three ways: Japanese children one after the other (planner), people with all 30
// antigens of the United States (planner-us), and a city of 100,000 children on two cores (city).
import { type CityFigures, replanCity } from './city.ts';
import { plannerPerSecond } from './planner.ts';
import { plannerUs, type UsFigures } from './planner-us.ts';

export const plannerNames = ['planner', 'planner-us', 'city'];

const asked = { children: 10_000, usChildren: 2_000, usMb: 200, citySeconds: 60 };

export type PlannerFigures = {
  /** Children per second of CPU; undefined: not measured, as below. */
  planner?: number;
  us?: UsFigures;
  city?: CityFigures;
  /** What could not be measured, in words. */
  notes: string[];
};

/** Measures those of the names that are planners. */
export async function measurePlanners(names: readonly string[], seconds: number): Promise<PlannerFigures> {
  const figures: PlannerFigures = { notes: [] };
  if (names.includes('planner')) figures.planner = plannerPerSecond(seconds);
  if (names.includes('planner-us')) {
    const us = await plannerUs(seconds);
    if (us === undefined) figures.notes.push('planner-us: not measured, ../shared/data/cdsi is missing');
    else figures.us = us;
  }
  if (names.includes('city')) figures.city = await replanCity();
  return figures;
}

/** One line for each. */
export function plannerLines({ planner, us, city, notes }: PlannerFigures): string[] {
  return [
    ...(planner === undefined ? [] : [`planner: ${whole(planner)} children a second of CPU, asked ${asked.children}`]),
    ...(us === undefined
      ? []
      : [
          `planner-us: ${whole(us.perSecond)} people a second of CPU, asked ${asked.usChildren}; ` +
            `${us.antigens} antigens, ${us.people} people in turn, ${us.residentMb} MB, asked ${asked.usMb}`,
        ]),
    ...(city === undefined
      ? []
      : [
          `city: ${city.children} children in ${city.seconds.toFixed(1)} s on ${city.cores} cores, asked ${asked.citySeconds}; ` +
            `${city.cpuSeconds.toFixed(1)} s of CPU`,
        ]),
    ...notes,
  ];
}

/** Sentences about figures that are worse than what is asked. */
export function plannerShortfalls({ planner = Infinity, us, city }: PlannerFigures): string[] {
  const found: string[] = [];
  const check = (isShort: boolean, what: string) => isShort && found.push(`below what is asked: ${what}`);
  check(planner < asked.children, `planner: ${whole(planner)} children/s, asked ${asked.children}`);
  if (us) {
    check(us.perSecond < asked.usChildren, `planner-us: ${whole(us.perSecond)} people/s, asked ${asked.usChildren}`);
    check(us.residentMb > asked.usMb, `planner-us: ${us.residentMb} MB, asked ${asked.usMb}`);
  }
  if (city) check(city.seconds > asked.citySeconds, `city: ${whole(city.seconds)} s, asked ${asked.citySeconds}`);
  return found;
}

/** For the JSON object that ends a run. */
export function plannerJson({ planner, us, city }: PlannerFigures): Record<string, unknown> {
  return {
    ...(planner === undefined ? {} : { planner: { childrenPerSecond: Math.round(planner) } }),
    ...(us === undefined ? {} : { 'planner-us': { ...us, perSecond: Math.round(us.perSecond) } }),
    ...(city === undefined
      ? {}
      : { city: { ...city, seconds: tenths(city.seconds), cpuSeconds: tenths(city.cpuSeconds) } }),
  };
}

const tenths = (value: number): number => Number(value.toFixed(1));
const whole = (value: number): string => String(Math.round(value));
