// Why a file is not loaded, for the person who loads it.

/** The message names the file, and the line where one is at fault. */
export class LoadFault extends Error {
  readonly isForPeople = true;
  constructor(why: string, at: { file?: string; line?: number } = {}) {
    const place = [at.file, at.line === undefined ? undefined : `line ${at.line}`].filter((part) => part !== undefined);
    super(place.length > 0 ? `${place.join(', ')}: ${why}` : why);
    this.name = 'LoadFault';
  }
}
