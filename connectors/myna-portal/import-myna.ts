// A download in the form phr-import/1 to the record of one child: a vaccination-json file, or a manifest with its files (as
// ZIP, or beside it in a folder). Each file is delivered on its own; kinds that are not mapped are kept as originals.

import { createHash } from 'node:crypto';
import { unzipSync } from 'fflate';
import { tryDecode } from '../../mappings/charset.ts';
import { mapJahis } from '../../mappings/jahis/map.ts';
import { mapMyna } from '../../mappings/myna/vaccination.ts';
import { type MappedRecord, MyNumberFound, type PatientTarget, UnreadableInput } from '../../mappings/record.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { holdsLabelledNumber, holdsMyNumber } from '../../server/fhir/my-number.ts';
import { type ImportOptions, importOriginal, newTally, type Tally } from '../import-original.ts';

export type MynaImportOptions = ImportOptions & {
  patient: PatientTarget;
  /** Reads a file named by a manifest that is no part of a ZIP; undefined when there is none. */
  readFile?: (path: string) => Promise<Uint8Array | undefined>;
};

const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 200;

/** Throws DeliveryFailed when the server did not keep a delivery; everything else ends in the tally. */
export async function importMyna(options: MynaImportOptions): Promise<Tally> {
  const tally = newTally();
  const give = async (
    name: string,
    bytes: Uint8Array,
    contentType: string,
    map: (bytes: Uint8Array) => MappedRecord,
  ) => {
    const receipt = await importOriginal({ ...options, bytes, name, contentType, map });
    tally[receipt.fate] += 1;
  };
  const refuse = (why: string) => () => {
    throw new UnreadableInput(why);
  };
  const isZip = options.bytes[0] === 0x50 && options.bytes[1] === 0x4b;
  const unpacked = isZip ? unpack(options.bytes) : undefined;
  const refuseArchive = (why: string) => give('archive', options.bytes, 'application/zip', refuse(why));
  if (typeof unpacked === 'string') {
    await refuseArchive(unpacked);
    return tally;
  }
  const manifest = readManifest(unpacked ? unpacked['manifest.json'] : options.bytes);
  if (!manifest) {
    if (unpacked) await refuseArchive('The archive has no manifest.json of format phr-import/1.');
    else await give('file', options.bytes, 'application/json', (bytes) => mapMyna(bytes, options.patient));
    return tally;
  }
  for (const { path, kind, sha256 } of manifest) {
    const bytes = unpacked ? unpacked[path] : await options.readFile?.(path);
    if (!bytes) await give(path, Buffer.from(path), 'text/plain', refuse('The manifest names a file that is missing.'));
    else await give(path, bytes, contentTypeOf(kind), mapperFor(kind, sha256, options.patient));
  }
  return tally;
}

type ManifestFile = { path: string; kind: string; sha256: string };

function mapperFor(kind: string, sha256: string, patient: PatientTarget): (bytes: Uint8Array) => MappedRecord {
  return (bytes) => {
    if (sha256 && createHash('sha256').update(bytes).digest('hex') !== sha256.toLowerCase()) {
      throw new UnreadableInput('The file is not the one the manifest describes (sha256 differs).');
    }
    if (kind === 'vaccination-json') return mapMyna(bytes, patient);
    if (kind === 'jahis-tc') return mapJahis(bytes, patient);
    const text = tryDecode(bytes, 'utf-8') ?? tryDecode(bytes, 'shift_jis') ?? '';
    const content = parsed(text);
    if (content === undefined ? holdsLabelledNumber(text) : holdsMyNumber(content))
      throw new MyNumberFound('in a file that is not mapped');
    throw new UnreadableInput(`Files of kind "${kind.slice(0, 30)}" are not mapped.`);
  };
}

// The manifest of phr-import/1; undefined when the bytes are something else, such as a payload.
function readManifest(bytes: Uint8Array | undefined): ManifestFile[] | undefined {
  const content = bytes && parsed(tryDecode(bytes, 'utf-8') ?? '');
  if (!isObject(content) || !Array.isArray(content.files) || content.format !== 'phr-import/1') return undefined;
  const text = (file: JsonObject, name: string): string => (typeof file[name] === 'string' ? file[name] : '');
  return content.files
    .filter(isObject)
    .slice(0, MAX_FILES)
    .map((file) => ({ path: text(file, 'path'), kind: text(file, 'kind'), sha256: text(file, 'sha256') }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The files of the archive, or why it is not opened. */
function unpack(bytes: Uint8Array): Record<string, Uint8Array> | string {
  let total = 0;
  let count = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ originalSize }) => {
        total += originalSize;
        count += 1;
        return total <= MAX_UNPACKED_BYTES && count <= MAX_FILES;
      },
    });
    return total > MAX_UNPACKED_BYTES || count > MAX_FILES ? 'The archive is too large.' : files;
  } catch {
    return 'The archive is damaged.';
  }
}

function contentTypeOf(kind: string): string {
  if (kind.endsWith('-json') || kind === 'fhir-bundle') return 'application/json';
  return kind.endsWith('-csv') || kind === 'jahis-tc' ? 'text/csv' : 'application/octet-stream';
}
