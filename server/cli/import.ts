// `tsumugi import FILE|FOLDER --format …`: hands files to a running server through its public API, as any client would.

import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { importCcda } from '../../connectors/ccda-file.ts';
import { createDeliver, type Deliver, DeliveryFailed } from '../../connectors/deliver.ts';
import { importFhirFile } from '../../connectors/fhir-document-file.ts';
import { pushNdjson } from '../../connectors/fhir-push.ts';
import { importHl7File } from '../../connectors/hl7v2-file.ts';
import { newTally, type Tally } from '../../connectors/import-original.ts';
import { importJahisFiles } from '../../connectors/jahis/import-jahis.ts';
import { importMyna } from '../../connectors/myna-portal/import-myna.ts';
import { type PatientTarget, UnreadableInput } from '../../mappings/record.ts';
import type { Command, Output } from './command.ts';
import { connect } from './connect.ts';
import { importMunicipality, municipalityUsage } from './import-municipality.ts';
import { importStorageFiles } from './import-storage.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'Hand files to a running server.',
  usage: `tsumugi import FILE|FOLDER --format fhir|ndjson|hl7v2|ssmix2|ccda|jahis|myna
  [--patient ID | --identifier SYSTEM|VALUE] [--mother ID] [--institution NUMBER] [--server URL] [--token TOKEN]

  fhir      a resource or a Bundle; a document, a message or a collection with an identifier is delivered as a whole,
            and the child is found by the patient number in it   ndjson  one resource a line
  hl7v2     HL7 v2 messages; the child is found by PID-3, --institution is the hospital's 10-digit number
  ssmix2    a standardized storage (its root folder), with --institution; a run that was ended goes on where it was when it
            is called again, by a ledger in DATA_DIR or --ledger FILE
  ccda      C-CDA documents and sections, .xml or .xml.gz; the child is found by the patient number of the document
  jahis     medication notebook (JAHISTC01 to 08) or prescription (JAHIS1 to 10); the parts of one in a folder, as texts or
            as PNG pictures of their QR codes
  myna      downloads: phr-import/1 (JSON, CSV, XML, ZIP), check-up reports (CDA)
  jahis and myna need --patient or --identifier: names in a file are never used to choose a child. What a myna file says
  of pregnancy and birth goes to the record that --mother names (alone, when the whole file is hers).

  The last line is "N stored, M waiting, K refused". Exit code 0 when nothing was refused, 1 when something was or the
  server failed (what was not counted can be imported again), 2 for a wrong call.

${municipalityUsage}`,
  run,
};

type Call = {
  path: string;
  format: Format;
  patient: PatientTarget | undefined;
  mother: PatientTarget | undefined;
  institution: string | undefined;
  server: string | undefined;
  token: string | undefined;
  ledger: string | undefined;
};

const formats = ['fhir', 'ndjson', 'hl7v2', 'ssmix2', 'ccda', 'jahis', 'myna'] as const;
type Format = (typeof formats)[number];
/** What goes by files: a storage goes by itself. */
type FileCall = Call & { format: Exclude<Format, 'ssmix2'> };

async function run(args: string[], out: Output): Promise<number> {
  if (
    args.some(
      (arg, at) => /^--format(=municipality)?$/.test(arg) && /^(--format=)?municipality$/.test(args[at + 1] ?? arg),
    )
  )
    return importMunicipality(args, out);
  const call = readCall(args);
  if (typeof call === 'string') {
    out.error(call);
    return 2;
  }
  const { format } = call;
  if (format === 'ssmix2') return importStorageFiles(call, await connect(accessOf(call)), out);
  const files = await filesOf(call.path, format).catch(() => undefined);
  if (!files || files.length === 0) {
    out.error(files ? `${call.path}: no file for format ${format}` : `${call.path}: cannot be read`);
    return 2;
  }
  const access = await connect(accessOf(call));
  const tally = newTally();
  let failed = false;
  try {
    // Parts of a notebook are files of their own: they are handed in together.
    if (format === 'jahis') addTo(tally, await importJahis(files, call, access, out));
    else for (const file of files) addTo(tally, await importFile(file, { ...call, format }, access, out));
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error;
    failed = true;
    out.error(error.message);
  }
  out.line(`${tally.stored} stored, ${tally.waiting} waiting, ${tally.refused} refused`);
  return failed || tally.refused > 0 ? 1 : 0;
}

const accessOf = ({ server, token }: Call) => ({ ...(server && { server }), ...(token && { token }) });

/** The call, or what is wrong with it. */
function readCall(args: string[]): Call | string {
  const text = { type: 'string' } as const;
  let parsed: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args,
      allowPositionals: true,
      options: {
        format: text,
        patient: text,
        identifier: text,
        mother: text,
        institution: text,
        server: text,
        token: text,
        ledger: text,
      },
    });
  try {
    parsed = parse();
  } catch (error) {
    return error instanceof Error ? error.message : 'wrong arguments';
  }
  const { format = '', patient, identifier, institution, server, token, ledger } = parsed.values;
  const mother = targetOf(parsed.values.mother, undefined, '--mother');
  if (typeof mother === 'string') return mother;
  const [path, ...more] = parsed.positionals;
  if (!path || more.length > 0) return 'name one FILE or FOLDER';
  const known = formats.find((one) => one === format);
  if (!known) return `--format must be one of ${formats.join(', ')}`;
  if (patient && identifier) return 'give --patient or --identifier, not both';
  if (institution && !/^\d{10}$/.test(institution)) return '--institution must be the 10-digit institution number';
  if (known === 'ssmix2' && (patient || identifier))
    return 'a storage names its own patients: --format ssmix2 takes neither --patient nor --identifier';
  const named = targetOf(patient, identifier);
  if (typeof named === 'string') return named;
  const target = known === 'myna' ? (named ?? mother) : named;
  if (!target && (known === 'jahis' || known === 'myna'))
    return `--format ${known} needs --patient ID or --identifier SYSTEM|VALUE`;
  return { path, format: known, patient: target, mother, institution, server, token, ledger };
}

function targetOf(
  patient: string | undefined,
  identifier: string | undefined,
  option = '--patient',
): PatientTarget | undefined | string {
  if (patient !== undefined) {
    const id = patient.replace(/^Patient\//, '');
    return /^[A-Za-z0-9\-.]{1,64}$/.test(id) ? { reference: `Patient/${id}` } : `${option} must be the id of a Patient`;
  }
  if (identifier === undefined) return undefined;
  const at = identifier.lastIndexOf('|');
  const [system, value] = [identifier.slice(0, at), identifier.slice(at + 1)];
  return at > 0 && value ? { identifier: { system, value } } : '--identifier must be SYSTEM|VALUE';
}

/** The file itself, or the files of a folder and the folders in it, in the order of their names. */
async function filesOf(path: string, format: Format): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (format === 'myna') {
    const manifests = files.filter((file) => file.endsWith(`${sep}manifest.json`));
    return manifests.length > 0 ? manifests : files.filter((file) => /\.(json|zip|csv|xml)$/i.test(file));
  }
  if (format === 'fhir') return files.filter((file) => /\.(json|xml)$/.test(file));
  if (format === 'ccda') return files.filter((file) => /\.xml(\.gz)?$/.test(file));
  return format === 'ndjson' ? files.filter((file) => file.endsWith('.ndjson')) : files;
}

type Access = { fhirBase: string; token: string };

async function importFile(file: string, call: FileCall, access: Access, out: Output): Promise<Tally> {
  const bytes = await readFile(file);
  const progress = (line: string) => out.line(`${file}: ${line}`);
  const deliver: Deliver = createDeliver(access);
  const { patient, mother, institution } = call;
  const shared = { bytes, deliver, progress };
  switch (call.format) {
    case 'hl7v2':
      return importHl7File({ ...shared, ...(patient && { patient }), ...(institution && { institution }) });
    case 'ccda':
      return importCcda({ ...shared, ...(patient && { patient }) });
    case 'myna':
      return importMyna({
        ...shared,
        patient: chosen(patient),
        ...(mother && { mother }),
        readFile: siblingsOf(file),
      });
    case 'jahis':
      return importJahis([file], call, access, out);
    default:
      return pushFile(call.format, bytes, { ...access, deliver, progress, ...(patient && { patient }) });
  }
}

async function importJahis(paths: readonly string[], call: Call, access: Access, out: Output): Promise<Tally> {
  const files = await Promise.all(paths.map(async (name) => ({ name, bytes: await readFile(name) })));
  const progress = (line: string) => out.line(line);
  return importJahisFiles({ files, patient: chosen(call.patient), deliver: createDeliver(access), progress });
}

async function pushFile(
  format: 'fhir' | 'ndjson',
  bytes: Uint8Array,
  options: Access & { deliver: Deliver; patient?: PatientTarget; progress: (line: string) => void },
): Promise<Tally> {
  try {
    return await (format === 'fhir' ? importFhirFile({ ...options, bytes }) : pushNdjson(bytes, options));
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    options.progress(`refused: ${error.message}`);
    return { ...newTally(), refused: 1 };
  }
}

/** Reads what a manifest names, and only inside the manifest's own folder. */
function siblingsOf(manifest: string): (path: string) => Promise<Uint8Array | undefined> {
  const folder = resolve(dirname(manifest));
  return async (path) => {
    const file = resolve(folder, path);
    const inside = relative(folder, file);
    if (inside === '' || inside.startsWith('..') || resolve(inside) === inside) return undefined;
    return readFile(file).catch(() => undefined);
  };
}

function chosen(patient: PatientTarget | undefined): PatientTarget {
  if (!patient) throw new TypeError('no patient was chosen');
  return patient;
}

function addTo(sum: Tally, more: Tally): void {
  for (const fate of ['stored', 'waiting', 'refused'] as const) sum[fate] += more[fate];
}
