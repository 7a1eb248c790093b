// Schedule folders on disk: `schedule.json` and `antigens/*.json`, as `tsumugi schedule convert` writes them.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SCHEDULE_FILE } from '../forecast/cdsi/check-schedule.ts';
import type { SourceText } from '../forecast/cdsi/read-source.ts';
import { isSupportingData } from '../forecast/cdsi/xml/convert.ts';

/** A folder that holds no schedule; the message is one line for people. */
export class ScheduleFolderError extends Error {
  readonly isForPeople = true;
}

/** The files of a schedule folder, or of the folder `json` in it, beside an original. Throws `ScheduleFolderError`. */
export async function readScheduleFolder(folder: string): Promise<SourceText[]> {
  const names = await namesIn(folder);
  if (!names.includes(SCHEDULE_FILE)) {
    if (names.includes('json')) return readScheduleFolder(join(folder, 'json'));
    throw new ScheduleFolderError(
      names.some(isSupportingData)
        ? `${folder} holds CDC's XML files; convert them first: tsumugi schedule convert ${folder} OUTFOLDER --version VERSION`
        : `${folder} has no ${SCHEDULE_FILE}`,
    );
  }
  if (!names.includes('antigens')) throw new ScheduleFolderError(`${folder} has no folder antigens`);
  const antigens = (await namesIn(join(folder, 'antigens'))).filter((name) => name.endsWith('.json'));
  return textsOf(folder, [SCHEDULE_FILE, ...antigens.map((name) => `antigens/${name}`)]);
}

/** The XML files of CDC's supporting data in a folder. Throws `ScheduleFolderError` when there are none. */
export async function readSupportingData(folder: string): Promise<SourceText[]> {
  const names = (await namesIn(folder)).filter(isSupportingData);
  if (names.length === 0)
    throw new ScheduleFolderError(
      `${folder} has no XML files of CDC's supporting data (ScheduleSupportingData.xml, AntigenSupportingData- ….xml)`,
    );
  return textsOf(folder, names);
}

/** Writes a schedule folder, which must not hold one yet. */
export async function writeScheduleFolder(folder: string, files: readonly SourceText[]): Promise<void> {
  await mkdir(join(folder, 'antigens'), { recursive: true }).catch(unusable(folder));
  if ((await namesIn(folder)).includes(SCHEDULE_FILE) || (await namesIn(join(folder, 'antigens'))).length > 0)
    throw new ScheduleFolderError(`${folder} holds a schedule already`);
  for (const { file, text } of files)
    await writeFile(join(folder, file), text).catch(unusable(join(folder, dirname(file))));
}

/** Names in a folder, always in the same order. */
async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(unusable(folder))).sort();
}

function textsOf(folder: string, names: readonly string[]): Promise<SourceText[]> {
  return Promise.all(
    names.map(async (file) => {
      const path = join(folder, file);
      return { file, text: await readFile(path, 'utf8').catch(unusable(path)) };
    }),
  );
}

function unusable(path: string): (error: NodeJS.ErrnoException) => never {
  return ({ code = 'unknown error' }) => {
    const why = code === 'ENOENT' ? 'there is nothing at this path' : code === 'ENOTDIR' ? 'is not a folder' : code;
    throw new ScheduleFolderError(`${path}: ${why}`);
  };
}
