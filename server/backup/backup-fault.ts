// What is wrong with a backup, its key or its key ring, in one sentence for the person at the terminal.

export class BackupFault extends Error {
  override name = 'BackupFault';
  readonly isForPeople = true;
}
