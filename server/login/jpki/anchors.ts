// The certification authorities that a deployment trusts: every file of the folder that TSUMUGI_JPKI_ANCHORS names.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Certificate, readCertificate } from './certificate.ts';
import { DerError } from './der.ts';
import { refuseAsAnchor } from './issued-by.ts';
import { JpkiRefusal } from './refusal.ts';

/** Thrown with one line for people that names the setting and the file. */
export class AnchorError extends Error {
  readonly isForPeople = true;
}

/** The anchors of a deployment, from files that end in .pem; undefined without the setting: no card is accepted then. */
export async function loadAnchors(folder: string | undefined): Promise<Certificate[] | undefined> {
  if (folder === undefined) return undefined;
  const files = (await namesIn(folder)).filter((name) => name.endsWith('.pem')).sort();
  if (files.length === 0) throw new AnchorError(`${setting}: ${folder} holds no .pem file`);
  const texts = await Promise.all(files.map((name) => textOf(join(folder, name))));
  return files.flatMap((name, index) => readAnchors(texts[index] ?? '', join(folder, name)));
}

/** The certificates in a PEM file (RFC 7468). Throws AnchorError for one that cannot be an anchor. */
export function readAnchors(pem: string, file: string): Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0) throw new AnchorError(`${setting}: ${file} holds no certificate`);
  return blocks.map(([, base64 = '']) => {
    try {
      const certificate = readCertificate(Buffer.from(base64, 'base64'));
      refuseAsAnchor(certificate);
      return certificate;
    } catch (error) {
      if (!(error instanceof JpkiRefusal || error instanceof DerError)) throw error;
      throw new AnchorError(`${setting}: ${file} cannot be a trust anchor: ${error.message}`);
    }
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    throw new AnchorError(`${setting}: ${folder} is not a folder that can be read`);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch {
    throw new AnchorError(`${setting}: ${file} cannot be read`);
  }
}

const setting = 'TSUMUGI_JPKI_ANCHORS';
