// What the workloads send, and how they look at an answer.
import type { Bundle } from '@medplum/fhirtypes';
import type { BenchRequest } from './load.ts';

export const get = (path: string): BenchRequest => ({ method: 'GET', path });
export const post = (path: string, body: string): BenchRequest => ({ method: 'POST', path, body });

/** GET of a search; the values are encoded. */
export const search = (type: string, parameters: Record<string, string>): BenchRequest =>
  get(`/fhir/${type}?${new URLSearchParams(parameters)}`);

/** A copy in another order. */
export function shuffled<T>(items: readonly T[]): T[] {
  const row = [...items];
  for (let n = row.length - 1; n > 0; n--) {
    const other = Math.floor(Math.random() * (n + 1));
    [row[n], row[other]] = [row[other] as T, row[n] as T];
  }
  return row;
}

/** What is wrong with a Bundle that should have so many entries; undefined: nothing. */
export function entries(answer: string, least: number, most = least): string | undefined {
  const found = (JSON.parse(answer) as Bundle).entry?.length ?? 0;
  return unless(
    found >= least && found <= most,
    `${found} entries, expected ${least}${most > least ? ` to ${most}` : ''}`,
  );
}

export const unless = (isRight: boolean, fault: string): string | undefined => (isRight ? undefined : fault);
