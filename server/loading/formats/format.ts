// What each format of a code system gives.

import type { LoadHead } from '../../store/load-head.ts';
import type { CodeFacts } from '../../store/loading.ts';
import type { InputFile } from '../input-file.ts';

/** What the person who loads says beside the files. */
export type Wishes = {
  system?: string;
  version?: string;
  title?: string;
  /** Of the displays of a table. */
  language?: string;
  /** Of further words, where a release has them in files of their own (`ja`). */
  languages: readonly string[];
  encoding: string;
  delimiter?: string;
  codeColumn?: string;
  displayColumn?: string;
  parentColumn?: string;
};

export type CodeFormat = {
  name: string;
  /** The files of a release that this format reads; none where the input is no such release. */
  filesOf(files: readonly InputFile[]): InputFile[];
  /** `files` are those that filesOf gave, `path` the input. Throws LoadFault. */
  read(files: readonly InputFile[], wishes: Wishes, path: string): Promise<{ head: LoadHead; facts: CodeFacts }>;
};
