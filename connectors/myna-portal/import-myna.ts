// What a family can download, to the record of one child or mother: a file of phr-import/1, a manifest with its files (as ZIP, or
// beside it in a folder), a check-up report (CDA) or the ZIP of one. Each file is delivered on its own; what is not mapped is
// kept as its original.

import { createHash } from 'node:crypto';
import { tryDecode } from '../../mappings/charset.ts';
import { isClinicalDocument, mapCheckup, personOf } from '../../mappings/checkup-cda/map.ts';
import { mapFhirBundle } from '../../mappings/fhir-document/map.ts';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { mapJahis } from '../../mappings/jahis/map.ts';
import { type FormKind, formKinds, mapMyna } from '../../mappings/myna/map.ts';
import { isMothersOwn, type MappedPart, type MynaContext } from '../../mappings/myna/subjects.ts';
import { type MappedRecord, MyNumberFound, type PatientTarget, UnreadableInput } from '../../mappings/record.ts';
import { holdsLabelledNumber, holdsMyNumber } from '../../server/fhir/my-number.ts';
import { type Archive, type ArchiveLimits, isZip, openArchive } from '../archive.ts';
import { HL7_CONTENT_TYPE } from '../hl7v2-file.ts';
import { type ImportOptions, newTally, type Tally } from '../import-original.ts';
import { giveOne, giveParts } from './give.ts';
import { type Manifest, type ManifestFile, readManifest } from './manifest.ts';

export type MynaImportOptions = ImportOptions & {
  /** Whom the download is about: the child, or the mother when it is hers. */
  patient: PatientTarget;
  /** The mother, for what a child's file says of pregnancy and birth. */
  mother?: PatientTarget;
  /** What an archive may hold, where the usual limits are not meant. */
  unpacking?: Partial<ArchiveLimits>;
  /** Reads a file named by a manifest that is no part of a ZIP; undefined when there is none. */
  readFile?: (path: string) => Promise<Uint8Array | undefined>;
};

/** Throws DeliveryFailed when the server did not keep a delivery; everything else ends in the tally. */
export async function importMyna(options: MynaImportOptions): Promise<Tally> {
  const tally = newTally();
  if (!isZip(options.bytes)) {
    const manifest = readManifest(options.bytes);
    if (manifest) await giveListed(options, manifest, (path) => options.readFile?.(path), tally);
    else await give(options, contextOf(options), { name: 'file', bytes: options.bytes, kind: '', sha256: '' }, tally);
    return tally;
  }
  const archive = openArchive(options.bytes, options.unpacking);
  const refusal = typeof archive === 'string' ? archive : await giveArchive(options, archive, tally);
  if (refusal)
    await giveOne(
      options,
      tally,
      { name: 'archive', bytes: options.bytes, contentType: 'application/zip' },
      refuse(refusal),
    );
  return tally;
}

/** Undefined, or why the archive as a whole is refused. */
async function giveArchive(options: MynaImportOptions, { files }: Archive, tally: Tally): Promise<string | undefined> {
  const manifest = readManifest(files.get('manifest.json'));
  if (manifest) {
    await giveListed(options, manifest, async (path) => files.get(path), tally);
    return undefined;
  }
  const reports = [...files].filter(([, bytes]) => isClinicalDocument(bytes));
  if (reports.length === 0) return 'The archive has no manifest.json of format phr-import/1 and no check-up report.';
  // An insurer's archive has many people in it, and only one was named.
  if (new Set(reports.map(([, bytes]) => personOf(bytes))).size > 1)
    return 'The archive holds check-up reports of more than one person.';
  for (const [name, bytes] of files) {
    if (/\.xsd$/i.test(name)) continue;
    const isReport = reports.some(([report]) => report === name);
    if (isReport) await give(options, contextOf(options), { name, bytes, kind: 'checkup-cda', sha256: '' }, tally);
    // The index and the bill say nothing about health; they are kept as they are.
    else
      await giveOne(options, tally, { name, bytes, contentType: 'application/xml' }, (own) =>
        nothingIn(own, options.patient),
      );
  }
  return undefined;
}

async function giveListed(
  options: MynaImportOptions,
  manifest: Manifest,
  read: (path: string) => Promise<Uint8Array | undefined> | undefined,
  tally: Tally,
): Promise<void> {
  const context = contextOf(options, manifest);
  for (const file of manifest.files) {
    const bytes = await read(file.path);
    if (bytes) await give(options, context, { ...file, name: file.path, bytes }, tally);
    else {
      const missing = { name: file.path, bytes: Buffer.from(file.path), contentType: 'text/plain' };
      await giveOne(options, tally, missing, refuse('The manifest names a file that is missing.'));
    }
  }
}

const contextOf = ({ patient, mother }: MynaImportOptions, manifest?: Manifest): MynaContext => ({
  patient,
  ...(mother && { mother }),
  ...(manifest?.exportedAt && { exportedAt: manifest.exportedAt }),
  ...(manifest?.takesSensitive && { takesSensitive: true }),
});

type Named = Omit<ManifestFile, 'path'> & { name: string; bytes: Uint8Array };

/** Delivers a file: once, or to mother and child each what is theirs. */
function give(options: MynaImportOptions, context: MynaContext, file: Named, tally: Tally): Promise<void> {
  const one = { name: file.name, bytes: file.bytes, contentType: contentTypeOf(file) };
  return giveParts(options, tally, one, () => partsOf(file, context));
}

function partsOf({ bytes, kind, sha256 }: Named, context: MynaContext): MappedPart[] {
  if (sha256 && createHash('sha256').update(bytes).digest('hex') !== sha256.toLowerCase())
    throw new UnreadableInput('The file is not the one the manifest describes (sha256 differs).');
  const { patient } = context;
  const isReport = kind === '' && isClinicalDocument(bytes);
  if (isReport || kind === 'checkup-cda') {
    if (context.mother && !isMothersOwn(context))
      throw new UnreadableInput('A check-up report is no child’s: hand it in for the person it is about, alone.');
    return [{ patient, record: mapCheckup(bytes, patient) }];
  }
  if (kind === '') return mapMyna(bytes, context);
  if (isFormKind(kind)) return mapMyna(bytes, context, kind);
  if (kind === 'jahis-tc') return [{ patient, record: mapJahis(bytes, patient) }];
  if (kind === 'fhir-bundle') return [{ patient, record: mapFhirBundle(bytes, { patient }) }];
  if (kind === 'ssmix2') return [{ patient, record: mapHl7(bytes, { patient }) }];
  throw notMapped(bytes, kind);
}

const isFormKind = (kind: string): kind is FormKind => formKinds.some((one) => one === kind);

function notMapped(bytes: Uint8Array, kind: string): UnreadableInput {
  const text = tryDecode(bytes, 'utf-8') ?? tryDecode(bytes, 'shift_jis') ?? '';
  const content = parsed(text);
  if (content === undefined ? holdsLabelledNumber(text) : holdsMyNumber(content))
    return new MyNumberFound('in a file that is not mapped');
  return new UnreadableInput(`Files of kind "${kind.slice(0, 30)}" are not mapped.`);
}

function nothingIn(bytes: Uint8Array, patient: PatientTarget): MappedRecord {
  if (holdsLabelledNumber(bytes)) throw new MyNumberFound('labelled in the text');
  return { patient: 'identifier' in patient ? patient.identifier : undefined, entries: [], problems: [] };
}

const refuse = (why: string) => (): never => {
  throw new UnreadableInput(why);
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function contentTypeOf({ kind, bytes }: Named): string {
  if (kind === 'fhir-bundle') return 'application/fhir+json';
  if (kind === 'ssmix2') return HL7_CONTENT_TYPE;
  if (kind === 'jahis-tc' || kind === 'drug-csv') return 'text/csv';
  const start = Buffer.from(bytes.subarray(0, 16))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (start.startsWith('<')) return 'application/xml';
  return /^[[{]/.test(start) ? 'application/json' : kind === '' ? 'text/csv' : 'application/octet-stream';
}
