// The demo's voice: chapters, steps and tables that line up although Japanese letters are two columns wide.

export type Printer = {
  chapter(date: string, title: string): void;
  step(who: string, what: string): void;
  note(text: string): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
};

/** Prints through `write`; colours are ANSI escape sequences. */
export function createPrinter(write: (text: string) => void, useColour: boolean): Printer {
  const paint = (code: string, text: string) => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    chapter: (date, title) => write(`\n${paint('35', '━━')} ${paint('1', title)}  ${paint('2', date)}\n`),
    step: (who, what) => write(`   ${paint('36', padEnd(who, 12))}${what}\n`),
    note: (text) => write(`   ${' '.repeat(12)}${paint('2', text)}\n`),
    table: (head, rows) => {
      const widths = head.map((title, n) => Math.max(...[title, ...rows.map((row) => row[n] ?? '')].map(columnsOf)));
      const line = (cells: readonly string[]) =>
        cells
          .map((cell, n) => padEnd(cell, widths[n] ?? 0))
          .join('  ')
          .trimEnd();
      write(`\n     ${paint('1', line(head))}\n     ${widths.map((width) => '─'.repeat(width)).join('  ')}\n`);
      for (const row of rows) write(`     ${line(row)}\n`);
      write('\n');
    },
  };
}

/** The columns a text takes in a terminal: East Asian wide and full-width letters take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const letter of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      letter,
    )
      ? 2
      : 1;
  return columns;
}

const padEnd = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
