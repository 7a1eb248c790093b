// The consent to come again (期間連携, 90 days) in a file of its own that its owner alone may read. It is a secret of one person:
// whoever holds it with the partner's certificate can fetch their information.

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isObject } from '../../server/fhir/json.ts';
import { PortalFault } from './portal-fault.ts';

export type Linkage = {
  clientId: string;
  /** Whose record it was given for; for another one the file is refused. */
  subject: string;
  token: string;
  untilMs: number;
};

/** The linkage of this client for this person; undefined when there is none or it has ended. Throws PortalFault for another's. */
export async function readLinkage(
  file: string,
  of: Pick<Linkage, 'clientId' | 'subject'>,
  nowMs: number,
): Promise<Linkage | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new PortalFault('settings', 'The file of the linkage cannot be read.', error);
  });
  if (text === undefined) return undefined;
  const linkage = parsed(text);
  if (!linkage) throw new PortalFault('settings', 'The file of the linkage holds none.');
  if (linkage.clientId !== of.clientId || linkage.subject !== of.subject)
    throw new PortalFault('settings', 'The file of the linkage is for another record.');
  return linkage.untilMs > nowMs ? linkage : undefined;
}

/** Written beside the file and then put in its place, so that a token is never half there. */
export async function writeLinkage(file: string, linkage: Linkage): Promise<void> {
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, `${JSON.stringify(linkage)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(next, file);
}

/** A linkage that the portal no longer takes is of no use to anybody. */
export const forgetLinkage = (file: string): Promise<void> => rm(file, { force: true });

function parsed(text: string): Linkage | undefined {
  try {
    const content: unknown = JSON.parse(text);
    if (!isObject(content)) return undefined;
    const { clientId, subject, token, untilMs } = content;
    return typeof clientId === 'string' &&
      typeof subject === 'string' &&
      typeof token === 'string' &&
      typeof untilMs === 'number'
      ? { clientId, subject, token, untilMs }
      : undefined;
  } catch {
    return undefined;
  }
}
