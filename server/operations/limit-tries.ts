// How often somebody may be wrong, counted in this process: a guard against trying out, not a right.

export type Limit = { count: number; withinMs: number };

/** Names are forgotten when their misses are. */
export function limitTries({ count, withinMs }: Limit) {
  const misses = new Map<string, number[]>();
  const recent = (name: string, nowMs: number) => (misses.get(name) ?? []).filter((at) => at > nowMs - withinMs);
  return {
    mayTry: (name: string, nowMs: number): boolean => recent(name, nowMs).length < count,
    missed(name: string, nowMs: number): void {
      if (misses.size >= mostNames)
        for (const one of misses.keys()) if (recent(one, nowMs).length === 0) misses.delete(one);
      misses.set(name, [...recent(name, nowMs), nowMs]);
    },
  };
}

const mostNames = 10_000;
