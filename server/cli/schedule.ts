// `tsumugi schedule check|convert`: looks at a schedule folder, and makes one of the XML files that CDC publishes.
import { parseArgs } from 'node:util';
import { readSource } from '../forecast/cdsi/read-source.ts';
import { convertSupportingData } from '../forecast/cdsi/xml/convert.ts';
import { parseDay } from '../forecast/days.ts';
import { describeFault, ScheduleError, type ScheduleFault } from '../forecast/schedule-error.ts';
import { readScheduleFolder, readSupportingData, writeScheduleFolder } from '../schedules/folder.ts';
import { type Command, CommandError, type Output } from './command.ts';

export const scheduleCommand: Command = {
  name: 'schedule',
  summary: 'Check a folder with a vaccination schedule, or make one of the XML files that CDC publishes.',
  usage: `tsumugi schedule check FOLDER
       tsumugi schedule convert XMLFOLDER OUTFOLDER --version VERSION [--released YYYY-MM-DD]

FOLDER         schedule.json and antigens/*.json
XMLFOLDER      ScheduleSupportingData.xml and AntigenSupportingData- ….xml, unpacked from CDC's supporting data
--version      the edition, which stands in no file: 4.64-508
--released     the day it was published

check names every fault by file, series, dose and field, and what is odd but can be used. Exit code 0 when the schedule can be
used, 1 when not, 2 for a wrong call.`,

  async run(args: string[], out: Output): Promise<number> {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { version: { type: 'string' }, released: { type: 'string' } },
    });
    const [what, first, second, ...more] = positionals;
    try {
      if (what === 'check' && first !== undefined && second === undefined) return await check(first, out);
      if (what === 'convert' && first !== undefined && second !== undefined && more.length === 0)
        return await convert(first, second, values, out);
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error;
      out.error(error.message);
      return 1;
    }
    throw new CommandError('say check FOLDER, or convert XMLFOLDER OUTFOLDER --version VERSION');
  },
};

async function check(folder: string, out: Output): Promise<number> {
  const { source, warnings } = readSource(folder, await readScheduleFolder(folder));
  const series = source.antigens.flatMap(({ content }) => content.series);
  const doses = series.reduce((sum, one) => sum + one.doses.length, 0);
  printWarnings(warnings, out);
  out.line(
    `version ${source.schedule.version}: ${source.antigens.length} antigens, ${series.length} series, ${doses} doses; it can be used`,
  );
  return 0;
}

async function convert(
  from: string,
  to: string,
  { version, released }: { version?: string; released?: string },
  out: Output,
): Promise<number> {
  if (!version) throw new CommandError('--version says which edition this is, for example 4.64-508');
  if (released !== undefined && parseDay(released) === undefined)
    throw new CommandError('--released takes a date: YYYY-MM-DD');
  const { files, warnings } = convertSupportingData(await readSupportingData(from), { version, released });
  await writeScheduleFolder(to, files);
  printWarnings(warnings, out);
  out.line(`wrote ${files.length} files to ${to}`);
  return 0;
}

/** Oddities of a schedule that is used all the same. */
export function printWarnings(warnings: readonly ScheduleFault[], out: Output): void {
  for (const warning of warnings) out.line(`odd: ${describeFault(warning)}`);
}
