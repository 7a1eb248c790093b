// The figures for people, as a table with what is asked of each, and for programs, as one JSON object.
import type { Figures } from './measure.ts';

export type StartFigures = {
  firstMs: number;
  secondMs: number;
  idleMb: number | undefined;
  loadedMb: number | undefined;
};

const heads = [
  'workload',
  'ours/s',
  'beside',
  'its/s',
  'ratio',
  'p50 ms',
  'p95',
  'p99',
  'node ms',
  'pg ms',
  'its node+pg',
  'asked',
];

/** One line for each workload, columns aligned. */
export function table(all: readonly Figures[]): string {
  const rows = all.map(({ workload, ours, beside, ratio }) => [
    workload.name,
    whole(ours.perSecond),
    beside ? (workload.beside?.what ?? '') : '–',
    beside ? whole(beside.perSecond) : '–',
    ratio === undefined ? '–' : ratio.toFixed(2),
    ours.p50Ms.toFixed(2),
    ours.p95Ms.toFixed(2),
    ours.p99Ms.toFixed(2),
    figure(ours.cpuMs),
    figure(ours.postgresCpuMs),
    beside ? `${figure(beside.cpuMs)}+${figure(beside.postgresCpuMs)}` : '–',
    askedText(workload.asked),
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  ');
  return [line(heads), ...rows.map(line)].join('\n');
}

/** Sentences about figures that are worse than what is asked. */
export function shortfalls(all: readonly Figures[], start: StartFigures): string[] {
  const found: string[] = [];
  const check = (name: string, what: string, isShort: boolean) => isShort && found.push(`${name}: ${what}`);
  for (const { workload, ours, ratio } of all) {
    const { asked, name } = workload;
    check(name, `ratio ${ratio?.toFixed(2)}, asked ${asked.ratio}`, ratio !== undefined && ratio < (asked.ratio ?? 0));
    check(name, `${whole(ours.perSecond)}/s, asked ${asked.perSecond}/s`, ours.perSecond < (asked.perSecond ?? 0));
    check(name, `p99 ${ours.p99Ms.toFixed(1)} ms, asked ${asked.p99Ms}`, ours.p99Ms > (asked.p99Ms ?? Infinity));
    check(
      name,
      `first byte ${ours.firstByteP50Ms.toFixed(1)} ms, asked ${asked.firstByteMs}`,
      ours.firstByteP50Ms > (asked.firstByteMs ?? Infinity),
    );
  }
  check('start', `${start.firstMs} ms on an empty folder, asked 5000`, start.firstMs > 5000);
  check('start', `${start.secondMs} ms the second time, asked 1500`, start.secondMs > 1500);
  check('memory', `${start.idleMb} MB when idle, asked 250`, (start.idleMb ?? 0) > 250);
  return found;
}

/** The last line of the output. `beside` other than the floor carries its own name: ratio is always ours ÷ floor. */
export function json(all: readonly Figures[], { firstMs, secondMs, idleMb, loadedMb }: StartFigures): string {
  const figures = all.map(({ workload, connections, ours, beside, ratio }) => {
    const isFloor = workload.beside?.what === 'floor';
    return [
      workload.name,
      {
        ...(ratio === undefined ? {} : isFloor ? { ratio: round(ratio, 3) } : { ratioToRead: round(ratio, 3) }),
        ours: round(ours.perSecond, 1),
        ...(beside === undefined ? {} : { [isFloor ? 'floor' : 'read']: round(beside.perSecond, 1) }),
        p50Ms: round(ours.p50Ms, 2),
        p95Ms: round(ours.p95Ms, 2),
        p99Ms: round(ours.p99Ms, 2),
        firstByteMs: round(ours.firstByteP50Ms, 2),
        cpuMs: round(ours.cpuMs, 4),
        postgresCpuMs: round(ours.postgresCpuMs, 4),
        ...(isFloor
          ? { floorCpuMs: round(beside?.cpuMs, 4), floorPostgresCpuMs: round(beside?.postgresCpuMs, 4) }
          : {}),
        resourcesPerSecond: round(ours.perSecond * workload.resources, 0),
        connections,
      },
    ] as const;
  });
  return JSON.stringify({ ...Object.fromEntries(figures), start: { firstMs, secondMs }, memory: { idleMb, loadedMb } });
}

function askedText({ ratio, perSecond, p99Ms, firstByteMs }: Figures['workload']['asked']): string {
  const parts = [
    ratio === undefined ? [] : [`≥ ${ratio}`],
    perSecond === undefined ? [] : [`${perSecond}/s`],
    p99Ms === undefined ? [] : [`p99 < ${p99Ms}`],
    firstByteMs === undefined ? [] : [`first byte < ${firstByteMs}`],
  ];
  return parts.flat().join(', ') || '–';
}

const whole = (value: number): string => String(Math.round(value));
const figure = (value: number | undefined): string => value?.toFixed(3) ?? '?';

function round(value: number | undefined, digits: number): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(digits));
}
