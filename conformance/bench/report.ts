// The figures for people, as a table with what is asked of each, and for programs, as one JSON object.
import { typeName } from '../../server/search/keys.ts';
import { type AloneFigures, aloneJson, aloneLines, aloneShortfalls } from './alone.ts';
import type { Layout } from './layout.ts';
import type { Figures } from './measure.ts';

export type Report = {
  figures: Figures[];
  start: { firstMs: number; secondMs: number };
  memory: Record<'idleMb' | 'loadedMb' | 'peakMb', number | undefined>;
  alone: AloneFigures;
  layout: Layout;
  patients: number;
  postgres: string;
};

/** Rows of the tables that nothing can be measured for. */
export const notYet = ['bulk export: not built yet'];

const heads = [
  'workload',
  'at a time',
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
  '× Medplum',
  'by CPU',
  'asked',
];

/** One line for each workload, columns aligned. */
export function table({ figures, alone }: Report): string {
  const rows = figures.map(({ workload, connections, ours, beside, ratio }) => [
    workload.name,
    String(connections),
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
    workload.medplum ? (ours.perSecond / workload.medplum.perSecond).toFixed(1) : '–',
    workload.medplum ? (workload.medplum.cpuMs / cpuOf(ours)).toFixed(1) : '–',
    askedText(workload.asked),
  ]);
  return [...aligned([heads, ...rows]), ...aloneLines(alone)].join('\n');
}

/** Bytes per resource, and what is in a row. */
export function layoutTable({ resources, bytes, toastShare, rows }: Layout): string {
  const sizes = aligned([
    ['bytes per resource', ''],
    ...bytes.map(({ name, perResource }) => [name, perResource.toFixed(0)]),
    ['together', bytes.reduce((sum, { perResource }) => sum + perResource, 0).toFixed(0)],
  ]);
  const contents = aligned([
    ['in a row', 'marks', 'terms', 'content bytes', 'facts bytes', 'row bytes'],
    ...rows.map(({ type, marks, terms, content, facts, row }) => [
      typeName(type),
      ...[marks, terms, content, facts, row].map((value) => value.toFixed(1)),
    ]),
  ]);
  const head = `${whole(resources)} resources; out of line (TOAST): ${(toastShare * 100).toFixed(2)} % of the table`;
  return [head, ...sizes, ...contents].join('\n');
}

/** Sentences about figures that are worse than what is asked, and then what is aimed at beyond that. */
export function shortfalls({ figures, start, memory, alone }: Report): string[] {
  const found: string[] = [];
  const check = (name: string, what: string, isShort: boolean, by = 'below what is asked') =>
    isShort && found.push(`${by}: ${name}: ${what}`);
  for (const { workload, connections, ours, ratio } of figures) {
    const { asked, medplum } = workload;
    const name = `${workload.name} × ${connections}`;
    check(name, `ratio ${ratio?.toFixed(2)}, asked ${asked.ratio}`, ratio !== undefined && ratio < (asked.ratio ?? 0));
    check(name, `${whole(ours.perSecond)}/s, asked ${asked.perSecond}/s`, ours.perSecond < (asked.perSecond ?? 0));
    check(name, `p99 ${ours.p99Ms.toFixed(1)} ms, asked ${asked.p99Ms}`, ours.p99Ms > (asked.p99Ms ?? Infinity));
    check(
      name,
      `first byte ${ours.firstByteP50Ms.toFixed(1)} ms, asked ${asked.firstByteMs}`,
      ours.firstByteP50Ms > (asked.firstByteMs ?? Infinity),
    );
    if (!medplum) continue;
    const [byRate, byCpu] = [ours.perSecond / medplum.perSecond, medplum.cpuMs / cpuOf(ours)];
    const what = `${byRate.toFixed(1)} times Medplum's rate, ${byCpu.toFixed(1)} times by CPU, aim ${medplum.aim}`;
    check(name, what, byRate < medplum.aim, 'below the aim');
  }
  check('start', `${start.firstMs} ms the first time, asked 5000`, start.firstMs > 5000);
  check('start', `${start.secondMs} ms the second time, asked 1500`, start.secondMs > 1500);
  check('memory', `${memory.idleMb} MB when idle, asked 250`, (memory.idleMb ?? 0) > 250);
  return [...found, ...aloneShortfalls(alone)];
}

/** The last line of the output. `beside` other than the floor carries its own name: ratio is always ours ÷ floor. */
export function json({ figures, start, memory, alone, layout, patients, postgres }: Report): string {
  const severalCounts = new Set(figures.filter(({ workload }) => !workload.connections).map((one) => one.connections));
  const all = figures.map(({ workload, connections, ours, beside, ratio }) => {
    const isFloor = workload.beside?.what === 'floor';
    return [
      severalCounts.size > 1 ? `${workload.name}@${connections}` : workload.name,
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
        rounds: ours.rounds.map((value) => round(value, 0)),
        connections,
      },
    ] as const;
  });
  return JSON.stringify({
    ...Object.fromEntries(all),
    ...aloneJson(alone),
    start,
    memory,
    layout: {
      resources: layout.resources,
      bytesPerResource: Object.fromEntries(layout.bytes.map(({ name, perResource }) => [name, round(perResource, 1)])),
      toastShare: round(layout.toastShare, 5),
    },
    patients,
    postgres,
  });
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

/** Lines of cells, the first column to the left and the others to the right. */
function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((cells) =>
    cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  '),
  );
}

const cpuOf = ({ cpuMs, postgresCpuMs }: Figures['ours']): number => (cpuMs ?? Number.NaN) + (postgresCpuMs ?? 0);
const whole = (value: number): string => String(Math.round(value));
const figure = (value: number | undefined): string => value?.toFixed(3) ?? '?';

function round(value: number | undefined, digits: number): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(digits));
}
