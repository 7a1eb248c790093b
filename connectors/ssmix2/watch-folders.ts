// Which folders of a storage the system watches for us: the upper levels and patients, and the days on which something happens. The
// number of watches is limited (inotify): this makes the connector quick; that nothing is missed is the part of whole rounds.

import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { isFolderName } from '../../mappings/ssmix2/storage-path.ts';

export type WatchedFolders = {
  /** A folder was read, `path` relative to the root; `isHot`: something has just happened there. */
  entered(path: string, isHot: boolean): void;
  count(): number;
  close(): void;
};

/** `changed` is called with the folder that is to be looked at, relative to the root. */
export function watchFolders(options: {
  root: string;
  most: number;
  /** `YYYYMMDD`: days from this one on are watched from the first. */
  recentSince(): string;
  changed(path: string): void;
}): WatchedFolders {
  const { root, most, changed } = options;
  const upper = new Map<string, FSWatcher>();
  // The days of patients, those that were used last at the end.
  const lower = new Map<string, FSWatcher>();
  let isFull = false;

  function add(watchers: Map<string, FSWatcher>, path: string): void {
    try {
      const watcher = watch(join(root, path), { persistent: false }, (_, name) => {
        // Its own name: it was removed, and another of that name would have to be watched anew.
        if (name === basename(path)) drop(watchers, path);
        tell(path, name);
      });
      // Also when the folder goes away; the next round sees to it.
      watcher.on('error', () => drop(watchers, path));
      watchers.set(path, watcher);
    } catch (error) {
      // Either the folder has just gone, or the system has no more watches to give.
      isFull = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  }

  /** In the upper levels it is the folder in question alone; in the lowest, and where the system names none, all of it. */
  function tell(path: string, name: string | null): void {
    const depth = path === '' ? 0 : path.split('/').length;
    if (name === null || depth === 5) changed(path);
    else if (isFolderName(name, depth)) changed(path === '' ? name : `${path}/${name}`);
  }

  function drop(watchers: Map<string, FSWatcher>, path: string | undefined): void {
    if (path === undefined) return;
    watchers.get(path)?.close();
    watchers.delete(path);
  }

  return {
    entered(path, isHot) {
      const levels = path === '' ? [] : path.split('/');
      const isUpper = levels.length <= 3;
      const watchers = isUpper ? upper : lower;
      const known = watchers.get(path);
      if (known) {
        if (!isUpper) {
          lower.delete(path);
          lower.set(path, known);
        }
        return;
      }
      const watched = upper.size + lower.size;
      const isRecent = isHot || (levels[3] !== '-' && (levels[3] ?? '') >= options.recentSince());
      // Half of what there is goes to whatever comes first: a small storage is watched whole.
      if (!isUpper && !isRecent && watched >= most / 2) return;
      if (isFull || watched >= most) {
        if (!isHot || lower.size === 0) return;
        drop(lower, lower.keys().next().value);
        isFull = false;
      }
      add(watchers, path);
    },
    count: () => upper.size + lower.size,
    close() {
      for (const watcher of [...upper.values(), ...lower.values()]) watcher.close();
      upper.clear();
      lower.clear();
    },
  };
}
