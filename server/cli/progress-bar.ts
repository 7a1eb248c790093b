// How far a long command is, on one line of the terminal; nothing where the output goes elsewhere.

import type { Progress } from '../store/load-head.ts';

const width = 30;
const everyMs = 100;

/** `show` draws, `end` takes the line away. */
export function createProgressBar(title: string): { show: Progress; end(): void } {
  const terminal = process.stderr;
  let shownAt = 0;
  return {
    show(phase, done, total) {
      const nowMs = performance.now();
      if (!terminal.isTTY || total === 0 || nowMs - shownAt < everyMs) return;
      shownAt = nowMs;
      const share = Math.min(1, done / total);
      const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░');
      terminal.write(`\r${title}  ${phase.padEnd(7)} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %`);
    },
    end() {
      if (terminal.isTTY && shownAt > 0) terminal.write('\r\u001b[K');
    },
  };
}
