// `tsumugi forecast CASES.ndjson`: runs planner cases against a schedule and says which pass.
import { readFile } from 'node:fs/promises';
import { type CaseResult, runCase } from '../forecast/cases.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { Command, Output } from './command.ts';

export const forecastCommand: Command = {
  name: 'forecast',
  summary: 'Run planner cases and count how many pass.',
  usage: `tsumugi forecast CASES.ndjson [--schedule jp] [--json]

CASES.ndjson   one case a line: birthDate, assessmentDate, history, expect
--schedule     jp (Japan, FY2026). us and a FOLDER of schedule files are not available yet.
--json         one JSON object a case instead of text

The last line is "N passed, M failed". Exit code 0 when all pass, 1 when one fails, 2 when nothing could be run.`,

  async run(args: string[], out: Output): Promise<number> {
    const asked = readArguments(args);
    if (typeof asked === 'string') return refuse(out, asked);
    if (asked.schedule !== 'jp')
      return refuse(out, `The schedule "${asked.schedule}" is not available yet; only jp is.`);
    const lines = await readLines(asked.file);
    if (lines === undefined) return refuse(out, `Cannot read ${asked.file}.`);
    if (lines.length === 0) return refuse(out, `${asked.file} holds no case.`);

    const schedule = japaneseSchedule();
    let passed = 0;
    for (const { text, number } of lines) {
      const result = runLine(text, number, schedule);
      if (result.isPassed) passed += 1;
      report(result, asked.isJson, out);
    }
    out.line(`${passed} passed, ${lines.length - passed} failed`);
    return passed === lines.length ? 0 : 1;
  },
};

function runLine(text: string, number: number, schedule: ReturnType<typeof japaneseSchedule>): CaseResult {
  try {
    return runCase(text, schedule);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { id: `line ${number}`, title: '', isPassed: false, failures: [fault], unknownSeries: [] };
  }
}

function report(result: CaseResult, isJson: boolean, out: Output): void {
  if (isJson) out.line(JSON.stringify(result));
  else if (!result.isPassed) {
    out.line(`FAILED ${result.id} ${result.title}`.trimEnd());
    for (const failure of result.failures) out.line(`  ${failure}`);
  }
}

type Arguments = { file: string; schedule: string; isJson: boolean };

/** The arguments, or a sentence saying what is wrong with them. */
function readArguments(args: readonly string[]): Arguments | string {
  let file: string | undefined;
  let schedule = 'jp';
  let isJson = false;
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (arg === '--json') isJson = true;
    else if (arg === '--schedule') {
      i += 1;
      const value = args[i];
      if (value === undefined) return '--schedule needs a value.';
      schedule = value;
    } else if (arg.startsWith('--')) return `Unknown option ${arg}.`;
    else if (file === undefined) file = arg;
    else return `One file only: ${arg} is one too many.`;
  }
  return file === undefined ? 'Name the file of cases.' : { file, schedule, isJson };
}

async function readLines(file: string): Promise<{ text: string; number: number }[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  return text
    .split('\n')
    .map((line, i) => ({ text: line, number: i + 1 }))
    .filter((line) => line.text.trim() !== '');
}

function refuse(out: Output, sentence: string): number {
  out.error(`${sentence}\nusage: ${forecastCommand.usage}`);
  return 2;
}
