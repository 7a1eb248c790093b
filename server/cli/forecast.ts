// `tsumugi forecast CASES.ndjson`: runs planner cases against a schedule and says which pass.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type CaseResult, runCase } from '../forecast/cases.ts';
import { type CdsiCaseResult, isCdsiCase, runCdsiCase } from '../forecast/cdsi/cdsi-cases.ts';
import type { CdsiSchedule } from '../forecast/cdsi/compiled.ts';
import { tallyLines } from '../forecast/cdsi/tally.ts';
import type { Schedule } from '../forecast/law/compiled.ts';
import { ScheduleError } from '../forecast/schedule-error.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import { loadScheduleFolder, US_SETTING } from '../schedules/load.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { settingsOf } from './connect.ts';
import { printWarnings } from './schedule.ts';

export const forecastCommand: Command = {
  name: 'forecast',
  summary: 'Run planner cases and count how many pass.',
  usage: `tsumugi forecast CASES.ndjson [--schedule jp|us|FOLDER] [--json]

CASES.ndjson   one case a line, in one of two forms:
                 birthDate, assessmentDate, history, expect                (of the Japanese schedule)
                 patient, assessmentDate, doses, vaccineGroup, expected    (CDC's test cases)
--schedule     jp    Japan; the default
               us    United States: the folder that ${US_SETTING} names
               FOLDER with schedule.json and antigens/*.json; see tsumugi schedule --help
--json         one JSON object a case instead of text

CDC's cases pass when status, dates and dose number of the vaccine group are right; cases with conditions are counted without the
dose number and, as a second figure, with it. Doses and their reasons are counted apart, by vaccine group.
The last line is "N passed, M failed". Exit code 0 when every case passes and every dose has
its status, 1 when not, 2 when nothing could be run.`,

  async run(args: string[], out: Output): Promise<number> {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { schedule: { type: 'string', default: 'jp' }, json: { type: 'boolean', default: false } },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new CommandError('name one file of cases');
    const lines = await readLines(file);
    const schedule = await scheduleOf(values.schedule, out);
    if (schedule === undefined) return 2;
    const results = lines.map(({ text, number }) => runLine(text, number, schedule));
    for (const result of results) report(result, values.json, out);
    const ofCdsi = results.filter((result): result is CdsiCaseResult => 'vaccineGroup' in result);
    if (!values.json) for (const line of tallyLines(ofCdsi)) out.line(line);
    const passed = results.filter(({ isPassed }) => isPassed).length;
    out.line(`${passed} passed, ${results.length - passed} failed`);
    const areDosesRight = ofCdsi.every(({ doses }) => doses.passed === doses.of);
    return passed === results.length && areDosesRight ? 0 : 1;
  },
};

type AnySchedule = { form: 'jp'; schedule: Schedule } | { form: 'cdsi'; schedule: CdsiSchedule };

/** The schedule that is asked for; undefined when it is faulty, which has been said. */
async function scheduleOf(name: string, out: Output): Promise<AnySchedule | undefined> {
  if (name === 'jp') return { form: 'jp', schedule: japaneseSchedule() };
  const folder = name === 'us' ? settingsOf().TSUMUGI_CDSI_DIR : name;
  if (folder === undefined)
    throw new CommandError(
      `${US_SETTING} is not set. It names a folder made from CDC's CDSi supporting data (XML, cdc.gov/iis/cdsi) by "tsumugi schedule convert"`,
    );
  try {
    const { schedule, warnings } = await loadScheduleFolder(folder, name === 'us' ? 'us' : undefined);
    printWarnings(warnings, { line: out.error, error: out.error });
    return { form: 'cdsi', schedule };
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    out.error(error.message);
    return undefined;
  }
}

function runLine(text: string, number: number, { form, schedule }: AnySchedule): CaseResult | CdsiCaseResult {
  try {
    const one: unknown = JSON.parse(text);
    if (form === 'jp') {
      if (isCdsiCase(one)) throw new Error("is one of CDC's cases, which need --schedule us or a folder");
      return runCase(text, schedule);
    }
    if (!isCdsiCase(one)) throw new Error("is none of CDC's cases");
    return runCdsiCase(one, schedule);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { id: `line ${number}`, title: '', isPassed: false, failures: [fault], unknownSeries: [] };
  }
}

function report(result: CaseResult, isJson: boolean, out: Output): void {
  if (isJson) out.line(JSON.stringify(result));
  else if (result.failures.length > 0) {
    out.line(`${result.isPassed ? 'passed, but' : 'FAILED'} ${result.id} ${result.title}`.trimEnd());
    for (const failure of result.failures) out.line(`  ${failure}`);
  }
}

async function readLines(file: string): Promise<{ text: string; number: number }[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandError(`cannot read ${file}`);
  });
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, i) => ({ text: line, number: i + 1 }))
    .filter((line) => line.text.trim() !== '');
  if (lines.length === 0) throw new CommandError(`${file} holds no case`);
  return lines;
}
