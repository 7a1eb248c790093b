// The files of CDC's supporting data as they are published (XML) -> the files of a schedule folder (source.ts, JSON).
import { ScheduleError, type ScheduleFault } from '../../schedule-error.ts';
import { SCHEDULE_FILE } from '../check-schedule.ts';
import { readSource, type SourceText } from '../read-source.ts';
import { convertAntigen } from './antigen.ts';
import { type Element, parseElement } from './element.ts';
import { convertSchedule } from './schedule.ts';

/** `AntigenSupportingData- Hib-508.xml`, with or without the `-508` of the accessible edition: the antigen is `Hib`. */
const ANTIGEN_FILE = /^AntigenSupportingData\s*-\s*(.+?)(?:-508)?\.xml$/i;
const SCHEDULE_XML = /^ScheduleSupportingData(?:-508)?\.xml$/i;

/** True for the names CDC gives its files; the folder holds schemas beside them. */
export const isSupportingData = (file: string): boolean => ANTIGEN_FILE.test(file) || SCHEDULE_XML.test(file);

/**
 * Converts the files of one edition. `version` and `released` stand in no file of it. Throws `ScheduleError` where a file
 * is no XML, or where what comes out could not be loaded.
 */
export function convertSupportingData(
  texts: readonly SourceText[],
  { version, released }: { version: string; released: string | undefined },
): { files: SourceText[]; warnings: ScheduleFault[] } {
  const faults: ScheduleFault[] = [];
  const files = texts.flatMap(({ file, text }): SourceText[] => {
    try {
      const root = parseElement(text);
      const antigen = ANTIGEN_FILE.exec(file)?.[1];
      if (antigen === undefined)
        return [
          jsonFile(SCHEDULE_FILE, root, 'scheduleSupportingData', (one) => convertSchedule(one, version, released)),
        ];
      const name = antigen.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      return [jsonFile(`antigens/${name}.json`, root, 'antigenSupportingData', (one) => convertAntigen(one, antigen))];
    } catch (error) {
      faults.push({ file, field: '', fault: `cannot be read: ${(error as Error).message}` });
      return [];
    }
  });
  if (faults.length > 0) throw new ScheduleError(faults);
  return { files, warnings: readSource('', files).warnings };
}

function jsonFile(file: string, root: Element, name: string, convert: (root: Element) => unknown): SourceText {
  if (root.name !== name) throw new Error(`its root is "${root.name}", not "${name}"`);
  return { file, text: `${JSON.stringify(convert(root), undefined, 1)}\n` };
}
