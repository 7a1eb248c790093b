// What is measured by itself. Without HTTP and database: the planner in three ways: Japanese children one after the other (planner), people
// with all 30 antigens of the United States (planner-us), and a city of 100,000 children on two cores (city). And validation
// (validate). With a server of its own: HL7 v2 messages over MLLP (hl7), bulk exports (bulk). With databases of its own: backup and
// restore (backup).
import { type BackupFigures, backup, backupLines } from './backup.ts';
import { type BulkFigures, bulk, bulkLines, bulkShortfalls } from './bulk.ts';
import { type CityFigures, replanCity } from './city.ts';
import { type Hl7Figures, hl7, hl7Lines, hl7Shortfalls } from './hl7.ts';
import { plannerPerSecond } from './planner.ts';
import { plannerUs, type UsFigures } from './planner-us.ts';
import {
  type ValidationFigures,
  validation,
  validationJson,
  validationLines,
  validationShortfalls,
} from './validation.ts';

export const aloneNames = ['planner', 'planner-us', 'city', 'validate', 'hl7', 'bulk', 'backup'];

const asked = { children: 10_000, usChildren: 2_000, usMb: 200, citySeconds: 60 };

export type AloneFigures = {
  /** Children per second of CPU; undefined: not measured, as below. */
  planner?: number;
  us?: UsFigures;
  city?: CityFigures;
  validate?: ValidationFigures;
  hl7?: Hl7Figures[];
  bulk?: BulkFigures;
  backup?: BackupFigures;
  /** What could not be measured, in words. */
  notes: string[];
};

type How = {
  seconds: number;
  /** Of the senders of HL7 messages, one measurement each. */
  connections?: number[] | undefined;
  profile?: string | undefined;
};

/** Measures those of the names that are measured so. */
export async function measureAlone(names: readonly string[], how: How): Promise<AloneFigures> {
  const { seconds, connections, profile } = how;
  const figures: AloneFigures = { notes: [] };
  if (names.includes('planner')) figures.planner = plannerPerSecond(seconds);
  if (names.includes('planner-us')) {
    const us = await plannerUs(seconds);
    if (us === undefined) figures.notes.push('planner-us: not measured, ../shared/data/cdsi is missing');
    else figures.us = us;
  }
  if (names.includes('city')) figures.city = await replanCity();
  if (names.includes('validate')) figures.validate = await validation(seconds);
  if (names.includes('backup')) figures.backup = await backup();
  if (names.includes('hl7')) {
    figures.hl7 = [];
    for (const count of connections ?? [undefined]) figures.hl7.push(await hl7(seconds, count, profile));
  }
  if (names.includes('bulk')) figures.bulk = await bulk();
  return figures;
}

/** One line for each. */
export function aloneLines(figures: AloneFigures): string[] {
  const { planner, us, city, validate, hl7: messages = [], bulk, notes } = figures;
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
    ...(validate === undefined ? [] : validationLines(validate)),
    ...messages.flatMap(hl7Lines),
    ...(bulk === undefined ? [] : bulkLines(bulk)),
    ...(figures.backup === undefined ? [] : backupLines(figures.backup)),
    ...notes,
  ];
}

/** Sentences about figures that are worse than what is asked. */
export function aloneShortfalls({
  planner = Infinity,
  us,
  city,
  validate,
  hl7: messages = [],
  bulk,
}: AloneFigures): string[] {
  const found: string[] = [];
  const check = (isShort: boolean, what: string) => isShort && found.push(`below what is asked: ${what}`);
  check(planner < asked.children, `planner: ${whole(planner)} children/s, asked ${asked.children}`);
  if (us) {
    check(us.perSecond < asked.usChildren, `planner-us: ${whole(us.perSecond)} people/s, asked ${asked.usChildren}`);
    check(us.residentMb > asked.usMb, `planner-us: ${us.residentMb} MB, asked ${asked.usMb}`);
  }
  if (city) check(city.seconds > asked.citySeconds, `city: ${whole(city.seconds)} s, asked ${asked.citySeconds}`);
  return [
    ...found,
    ...(validate === undefined ? [] : validationShortfalls(validate)),
    ...messages.flatMap(hl7Shortfalls),
    ...(bulk === undefined ? [] : bulkShortfalls(bulk)),
  ];
}

/** For the JSON object that ends a run. */
export function aloneJson({
  planner,
  us,
  city,
  validate,
  hl7: messages,
  bulk,
  backup: copied,
}: AloneFigures): Record<string, unknown> {
  return {
    ...(planner === undefined ? {} : { planner: { childrenPerSecond: Math.round(planner) } }),
    ...(us === undefined ? {} : { 'planner-us': { ...us, perSecond: Math.round(us.perSecond) } }),
    ...(city === undefined
      ? {}
      : { city: { ...city, seconds: tenths(city.seconds), cpuSeconds: tenths(city.cpuSeconds) } }),
    ...(validate === undefined ? {} : validationJson(validate)),
    ...(messages === undefined ? {} : { hl7: messages.map(rounded) }),
    ...(bulk === undefined ? {} : { bulk: rounded(bulk) }),
    ...(copied === undefined ? {} : { backup: rounded(copied) }),
  };
}

const rounded = (figures: Hl7Figures | BulkFigures | BackupFigures) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(3))]));
const tenths = (value: number): number => Number(value.toFixed(1));
const whole = (value: number): string => String(Math.round(value));
