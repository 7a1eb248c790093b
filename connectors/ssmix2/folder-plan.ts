// What is to be done with the files of one folder of a storage: which stand, which take back, which are only kept. Pure.
// SS-MIX2: of the versions of one key the newest decides; its flag says whether the thing stands or was deleted.

import { type StorageName, versionKey } from '../../mappings/ssmix2/storage-path.ts';

export type ListedFile = { fileName: string; size: number; mtimeMs: number };

/** What a file meant when it was handed over. `kept`: as an original alone. */
export type Role = 'stands' | 'withdrawn' | 'kept';

export type SeenFile = ListedFile & {
  role: Role;
  /** How often it has changed its flag since it was handed over first; a file that is met withdrawn has done so once. */
  turn: number;
};

export type NamedFile = ListedFile & { name: StorageName };

export type Step = {
  file: NamedFile;
  role: Role;
  turn: number;
  /** Versions handed over as standing before, which this one replaces: what they alone said is withdrawn with it. */
  replaces: NamedFile[];
  /** The version that stands instead of this one: what it says is not withdrawn. */
  standing: NamedFile | undefined;
};

/**
 * One step for each file that is new or was changed, the newest version of each key last. `seen` is what this folder held
 * before, with files that are gone by now.
 */
export function planFolder(files: readonly NamedFile[], seen: readonly SeenFile[]): Step[] {
  const before = new Map(seen.map((one) => [one.fileName, one]));
  const isNew = ({ fileName, size, mtimeMs }: ListedFile): boolean => {
    const known = before.get(fileName);
    return known?.size !== size || known.mtimeMs !== mtimeMs;
  };
  const stood = ({ fileName }: ListedFile): boolean => before.get(`${stem(fileName)}1`)?.role === 'stands';
  const turnOf = ({ fileName }: ListedFile, role: Role): number => {
    const others = seen.filter((one) => one.fileName !== fileName && stem(one.fileName) === stem(fileName));
    const known = before.get(fileName)?.turn ?? (role === 'withdrawn' ? 1 : 0);
    return Math.max(known, ...others.map(({ turn }) => turn + 1));
  };
  return versionsByKey(files).flatMap((versions) => {
    const deciding = versions.findLast(({ name }) => name.flag !== '2');
    const standing = deciding?.name.flag === '1' ? deciding : undefined;
    return versions.filter(isNew).map((file): Step => {
      if (file === standing || file === deciding) {
        const older = versions.filter((one) => one !== file && one.name.flag === '1' && stood(one));
        const role = file === standing ? 'stands' : 'withdrawn';
        return { file, role, turn: turnOf(file, role), replaces: older, standing };
      }
      const role = file.name.flag === '0' || stood(file) ? 'withdrawn' : 'kept';
      return { file, role, turn: turnOf(file, role), replaces: [], standing };
    });
  });
}

/** What a file name says beside the flag. */
export const stem = (fileName: string): string => fileName.slice(0, -1);

/** The versions of each key, oldest first. Of the same moment the one that no longer stands counts as the newer. */
function versionsByKey(files: readonly NamedFile[]): NamedFile[][] {
  const groups = Map.groupBy(files, ({ name }) => versionKey(name));
  const order = ({ name }: NamedFile) => name.time + (name.flag === '1' ? '0' : '1');
  return [...groups.values()].map((group) => group.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)));
}
