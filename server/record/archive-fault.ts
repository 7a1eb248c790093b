// Why an archive is not valid.

/** Thrown by everything that checks an archive: the file at fault (or the ZIP itself) and what is wrong with it. */
export class ArchiveFault extends Error {
  readonly file: string;
  readonly why: string;
  constructor(file: string, why: string) {
    super(`${file}: ${why}`);
    this.name = 'ArchiveFault';
    this.file = file;
    this.why = why;
  }
}

/** Names the ZIP as a whole, where no single file in it is at fault. */
export const wholeArchive = 'archive';
