// Work that is done again and again until it is stopped: the relay, the queue in PostgreSQL.

/**
 * Calls `pass` at once as long as it answers true (there may be more to do), else after a pause. A pass that throws is
 * told to `onError` and tried again after the pause, so a database that restarts is waited out. `stop` waits for the pass
 * that runs; what fails meanwhile is not told.
 */
export function startLoop(
  pass: () => Promise<boolean>,
  pauseMs: number,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let stopping = false;
  let wake: () => void = () => undefined;
  const run = async () => {
    while (!stopping) {
      const hasMore = await pass().catch((error: unknown) => {
        if (!stopping) onError(error);
        return false;
      });
      if (hasMore || stopping) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping = true;
      wake();
      await running;
    },
  };
}
