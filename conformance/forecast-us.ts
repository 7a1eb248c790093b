// The planner against CDC's test cases by CDC's schedule (shared data folder cdsi), scored as their README says; that schedule
// converted from its XML; and a second schedule in the same form (who-epi), which has no cases: invented children of every
// history must be answered.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type CdsiCaseResult, isCdsiCase, runCdsiCase } from '../server/forecast/cdsi/cdsi-cases.ts';
import type { CdsiSchedule } from '../server/forecast/cdsi/compiled.ts';
import type { LoadedCdsi } from '../server/forecast/cdsi/load-cdsi.ts';
import type { SourceText } from '../server/forecast/cdsi/read-source.ts';
import { type Tally, tallyCases } from '../server/forecast/cdsi/tally.ts';
import { convertSupportingData } from '../server/forecast/cdsi/xml/convert.ts';
import { readScheduleFolder, readSupportingData, ScheduleFolderError } from '../server/schedules/folder.ts';
import { loadScheduleFolder } from '../server/schedules/load.ts';
import { firstUnanswered, inventedGrid } from './invented-grid.ts';
import type { SuiteResult } from './suite.ts';

const FOLDER = '../shared/data';
const folder = fileURLToPath(new URL(`../${FOLDER}/`, import.meta.url));
const CASES = ['healthy-4.45', 'conditions-4.6'];

/** Runs every part; says so when the data are not there. */
export async function run(): Promise<SuiteResult> {
  const failures: string[] = [];
  const faults: Record<string, string> = {};
  const notes: string[] = [];
  let passed = 0;
  const count = (id: string, fault: string | undefined) => {
    if (fault === undefined) passed += 1;
    else {
      failures.push(id);
      faults[id] = fault;
    }
  };
  const us = await loadedFrom('cdsi');
  const who = await loadedFrom('who-epi');
  if (us === undefined || who === undefined) {
    const missing = `${FOLDER}/cdsi and ${FOLDER}/who-epi`;
    return { name: 'forecast-us', passed: 0, failed: 0, skipped: 0, notes: [`${missing} are missing`], missing };
  }
  for (const suite of CASES) {
    const results = resultsOf(suite, us.schedule);
    for (const result of results) count(`${suite}/${result.id}`, faultOf(result));
    notes.push(noteOf(suite, tallyCases(results).all));
  }
  const differing = await differingFiles();
  for (const { file, fault } of differing) count(`xml/${file}`, fault);
  const children = inventedGrid(who.schedule);
  count('who-epi/children', firstUnanswered(children, who.schedule));
  notes.push(
    `who-epi: ${children.length} invented children; odd rows: cdsi ${us.warnings.length}, who-epi ${who.warnings.length}`,
  );
  return { name: 'forecast-us', passed, failed: failures.length, skipped: 0, notes, failures, faults };
}

async function loadedFrom(name: string): Promise<LoadedCdsi | undefined> {
  try {
    return await loadScheduleFolder(join(folder, name, 'json'));
  } catch (error) {
    if (error instanceof ScheduleFolderError) return undefined;
    throw error;
  }
}

function resultsOf(suite: string, schedule: CdsiSchedule): CdsiCaseResult[] {
  const lines = readFileSync(join(folder, 'cdsi', 'tests', `${suite}.ndjson`), 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const one: unknown = JSON.parse(line);
      if (!isCdsiCase(one)) throw new Error(`${suite}: not a case: ${line.slice(0, 80)}`);
      return runCdsiCase(one, schedule);
    });
}

/** A case passes here when its forecast and the status of each dose are right. */
function faultOf({ isPassed, doses, failures }: CdsiCaseResult): string | undefined {
  return isPassed && doses.passed === doses.of ? undefined : (failures[0] ?? 'failed');
}

function noteOf(suite: string, { cases, withDoseNumber, doses, reasons }: Tally): string {
  const parts = Object.entries({ cases, 'with dose number': withDoseNumber, doses, reasons });
  return `${suite}: ${parts.map(([name, { passed, of }]) => `${name} ${passed}/${of}`).join(', ')}`;
}

/** The files converted from XML, beside those of the shared folder, which leaves the guidance of series out. */
async function differingFiles(): Promise<{ file: string; fault: string | undefined }[]> {
  const expected = new Map(
    (await readScheduleFolder(join(folder, 'cdsi', 'json'))).map(({ file, text }) => [file, text]),
  );
  const edition = { version: '4.64-508', released: '2025-11-10' };
  const { files } = convertSupportingData(await readSupportingData(join(folder, 'cdsi', 'xml')), edition);
  const lost = [...expected.keys()].filter((file) => !files.some((one) => one.file === file));
  return [
    ...lost.map((file) => ({ file, fault: 'was not converted' })),
    ...files.map((one) => ({ file: one.file, fault: differenceOf(one, expected.get(one.file)) })),
  ];
}

function differenceOf({ text }: SourceText, expected: string | undefined): string | undefined {
  if (expected === undefined) return 'is not in the shared folder';
  const converted: unknown = JSON.parse(text, (key, value: unknown) =>
    key === 'seriesAdminGuidance' ? undefined : value,
  );
  return isDeepStrictEqual(converted, JSON.parse(expected)) ? undefined : 'differs from the shared folder';
}
