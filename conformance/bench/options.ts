// The arguments of `npm run bench`.
import { parseArgs } from 'node:util';
import { type Size, sizes } from './population.ts';

export type Options = {
  names: string[];
  seconds: number;
  rounds: number;
  /** Each workload is measured with each of these. */
  connections: number[];
  /** The same for HL7 messages, if it was asked for. */
  senders: number[] | undefined;
  /** The patients behind the families that are measured. */
  population: Size | undefined;
  /** A folder for the data that stays, and is used again. */
  data: string | undefined;
  /** A PostgreSQL that runs already, instead of the embedded one. */
  database: string | undefined;
  profile: string | undefined;
};

export const usageOf = (names: readonly string[]): string => `usage: npm run bench -- [name…] [options]
  names: ${names.join(', ')} (default: all)
  --patients SIZE  ${Object.keys(sizes).join(', ')}: that many patients behind the 1,101 that are always there
  --seconds N      length of a measured round (3)
  --rounds N       rounds for each side, which take turns (3)
  --connections N  requests under way at a time (8; hl7: 32); 1,8,32 measures each
  --data DIR       keeps the data there, and uses what is there already
  --database URL   an empty PostgreSQL that runs, instead of the embedded one
  --profile DIR    writes a CPU profile of the server into DIR`;

/** Undefined when the arguments are not understood. */
export function optionsOf(args: string[], names: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        patients: text,
        seconds: text,
        rounds: text,
        connections: text,
        data: text,
        database: text,
        profile: text,
      },
    });
    const seconds = Number(values.seconds ?? 3);
    const rounds = Number(values.rounds ?? 3);
    const connections = (values.connections ?? '8').split(',').map(Number);
    const population = values.patients === undefined ? undefined : sizes[values.patients];
    const isRight =
      (values.patients === undefined || population !== undefined) &&
      seconds > 0 &&
      seconds <= 600 &&
      isWhole(rounds, 20) &&
      connections.every((count) => isWhole(count, 256)) &&
      positionals.every((name) => names.includes(name)) &&
      (values.data === undefined || values.database === undefined);
    if (!isRight) return undefined;
    const { data, database, profile } = values;
    const chosen = positionals.length > 0 ? positionals : [...names];
    const senders = values.connections === undefined ? undefined : connections;
    return { senders, names: chosen, seconds, rounds, connections, population, data, database, profile };
  } catch {
    return undefined;
  }
}

/** So long a run may take before something is wrong. */
export function timeoutMsOf({ names, rounds, seconds, connections, population }: Options): number {
  const each = names.length * connections.length * (40_000 + 2 * rounds * (seconds + 2) * 1000);
  return 180_000 + each + (population?.patients ?? 0) * 8;
}

const isWhole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
