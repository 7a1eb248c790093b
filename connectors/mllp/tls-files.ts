// Certificates and keys for MLLP over TLS, from files in PEM: refused in one line for people when they do not belong together.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MllpTls } from './listener.ts';

/** What is wrong with a certificate, a key or their files, in one line. */
export class TlsFilesError extends Error {
  readonly isForPeople = true;
}

/** Of the server, or of a client that shows one: both, or neither. `clientAuthorities`: who lets senders in. */
export type TlsFiles = Record<'certificate' | 'key' | 'clientAuthorities', string | undefined>;

/** Reads what the files hold; undefined when none is named. Throws TlsFilesError. */
export async function readTls({ certificate, key, clientAuthorities }: TlsFiles): Promise<MllpTls | undefined> {
  if (certificate === undefined && key === undefined && clientAuthorities === undefined) return undefined;
  if (certificate === undefined || key === undefined)
    throw new TlsFilesError('TLS for MLLP takes a certificate and its key; one of them is missing');
  const pair = { certificate: await textOf(certificate), key: await textOf(key) };
  const first = certificateIn(certificate, pair.certificate);
  if (!first.checkPrivateKey(keyIn(key, pair.key)))
    throw new TlsFilesError(`${key} is not the key of the certificate in ${certificate}`);
  if (clientAuthorities === undefined) return pair;
  return { ...pair, clientAuthorities: await readAuthorities(clientAuthorities) };
}

/** Certificates of authorities, in PEM. Throws TlsFilesError. */
export async function readAuthorities(file: string): Promise<string> {
  const text = await textOf(file);
  certificateIn(file, text);
  return text;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    throw new TlsFilesError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

function certificateIn(file: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new TlsFilesError(`${file} holds no certificate in PEM`);
  }
}

function keyIn(file: string, text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    throw new TlsFilesError(`${file} holds no key in PEM that can be read without a password`);
  }
}
