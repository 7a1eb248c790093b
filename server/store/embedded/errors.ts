// The ways an embedded start is refused. Each message is one line that a person can act on.

/** Another live server holds the data folder. `pid` is that server's Node process. */
export class DataFolderInUse extends Error {
  readonly dataDir: string;
  readonly pid: number;

  constructor(dataDir: string, pid: number, place?: string) {
    super(`data folder ${dataDir} is in use by another Tsumugi server (pid ${pid}${place ? ` on ${place}` : ''})`);
    this.name = 'DataFolderInUse';
    this.dataDir = dataDir;
    this.pid = pid;
  }
}

/** The data folder cannot be created or written by this user. */
export class DataFolderUnwritable extends Error {
  readonly dataDir: string;

  constructor(dataDir: string, reason: string, options?: ErrorOptions) {
    super(`data folder ${dataDir} cannot be used: ${reason}`, options);
    this.name = 'DataFolderUnwritable';
    this.dataDir = dataDir;
  }
}

/** PostgreSQL itself did not start. The message ends with the last lines that it printed. */
export class EmbeddedStartFailed extends Error {
  constructor(what: string, lastLines: string, options?: ErrorOptions) {
    super(lastLines ? `${what}\n${lastLines}` : what, options);
    this.name = 'EmbeddedStartFailed';
  }
}

/** The short reason of a file-system error (`EACCES: permission denied`), undefined for any other error. */
export function fileError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  return error.message.split(',')[0];
}
