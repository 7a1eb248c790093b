// What every sub-command of `npx tsumugi` is: one file in this folder exports one of these.

export type Output = { line(text: string): void; error(text: string): void };

export type Command = {
  name: string;
  summary: string;
  /** Printed by `tsumugi NAME --help`, without the leading "usage:". */
  usage: string;
  /** Returns the exit code. Throws only for bugs. */
  run(args: string[], out: Output): Promise<number>;
};

/** An error whose message is meant for the person at the terminal; cli.ts prints it in one line. */
export class CommandError extends Error {
  readonly isForPeople = true;
}
