// A workload is its prepared requests, what stands beside it, and what a right answer looks like.
import type { BenchRequest } from './load.ts';

export type Workload = {
  name: string;
  /** Resources read or written by a request. */
  resources: number;
  requests: BenchRequest[];
  /** What takes turns with it: the floor, or another workload of the server itself. */
  beside?: { what: 'floor' | 'read'; requests(oursBytes: number): BenchRequest[] };
  /** The ratio and the figures that are asked of it on an undisturbed machine. */
  asked: { ratio?: number; perSecond?: number; p99Ms?: number; firstByteMs?: number };
  /** Medplum 5.1.3 on a machine of this kind: its requests per second and CPU (Node and PostgreSQL), and our aim in times. */
  medplum?: { perSecond: number; cpuMs: number; aim: number };
  /** One connection alone, where the time of a single answer is the question. */
  connections?: number;
  /** What is wrong with an answer; undefined: nothing. */
  fault(answer: string): string | undefined;
};
