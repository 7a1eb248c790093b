// The formats that `tsumugi import` takes file by file, each with what it needs and what reads it.

import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { importCcda } from '../../connectors/ccda-file.ts';
import { importFhirFile } from '../../connectors/fhir-document-file.ts';
import { pushNdjson } from '../../connectors/fhir-push.ts';
import { importHl7File } from '../../connectors/hl7v2-file.ts';
import { newTally, type Tally } from '../../connectors/import-original.ts';
import { importJahisFiles } from '../../connectors/jahis/import-jahis.ts';
import { importMyna } from '../../connectors/myna-portal/import-myna.ts';
import { readBeside } from '../../connectors/myna-portal/read-beside.ts';
import { type PatientTarget, UnreadableInput } from '../../mappings/record.ts';
import type { FileFormat, FileImport } from './import-files.ts';

export const fhirFiles: FileFormat = {
  name: 'fhir',
  usage: `fhir      a resource or a Bundle; a document, a message or a collection with an identifier is delivered as a whole,
            and the child is found by the patient number in it`,
  filesIn: ending(/\.(json|xml)$/),
  take: each((file) => unreadableIsRefused(file, () => importFhirFile(file))),
};

export const ndjsonFiles: FileFormat = {
  name: 'ndjson',
  usage: 'ndjson    one resource a line',
  filesIn: ending(/\.ndjson$/),
  take: each((file) => unreadableIsRefused(file, () => pushNdjson(file.bytes, file))),
};

export const hl7Files: FileFormat = {
  name: 'hl7v2',
  usage: "hl7v2     HL7 v2 messages; the child is found by PID-3, --institution is the hospital's 10-digit number",
  take: each(importHl7File),
};

export const ccdaFiles: FileFormat = {
  name: 'ccda',
  usage:
    'ccda      C-CDA documents and sections, .xml or .xml.gz; the child is found by the patient number of the document',
  filesIn: ending(/\.xml(\.gz)?$/),
  take: each(importCcda),
};

export const jahisFiles: FileFormat = {
  name: 'jahis',
  usage: `jahis     medication notebook (JAHISTC01 to 08) or prescription (JAHIS1 to 10); the parts of one in a folder, as texts or
            as PNG pictures of their QR codes; for --patient or --identifier`,
  needs: 'patient',
  // Parts of a notebook are files of their own.
  async *take(paths, from) {
    const files = await Promise.all(paths.map(async (name) => ({ name, bytes: await readFile(name) })));
    yield await importJahisFiles({ ...from, files, patient: patientOf(from) });
  },
};

export const mynaFiles: FileFormat = {
  name: 'myna',
  usage: `myna      downloads: phr-import/1 (JSON, CSV, XML, ZIP), check-up reports (CDA); for --patient or --identifier. What a file
            says of pregnancy and birth goes to the record that --mother names (alone, when the whole file is hers)`,
  needs: 'patient or mother',
  filesIn(paths) {
    const manifests = paths.filter((path) => path.endsWith(`${sep}manifest.json`));
    return manifests.length > 0 ? manifests : paths.filter((path) => /\.(json|zip|csv|xml)$/i.test(path));
  },
  take: each((file) => importMyna({ ...file, patient: patientOf(file), readFile: readBeside(file.path) })),
};

function ending(wanted: RegExp): (paths: string[]) => string[] {
  return (paths) => paths.filter((path) => wanted.test(path));
}

type OneFile = FileImport & { path: string; bytes: Uint8Array };

function each(take: (file: OneFile) => Promise<Tally>): FileFormat['take'] {
  return async function* (paths, from) {
    for (const path of paths) {
      const progress = (line: string) => from.progress(`${path}: ${line}`);
      yield await take({ ...from, path, bytes: await readFile(path), progress });
    }
  };
}

// What is pushed has no original that the server could keep.
async function unreadableIsRefused({ progress }: OneFile, take: () => Promise<Tally>): Promise<Tally> {
  try {
    return await take();
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    progress(`refused: ${error.message}`);
    return { ...newTally(), refused: 1 };
  }
}

function patientOf({ patient }: FileImport): PatientTarget {
  if (!patient) throw new TypeError('no patient was chosen');
  return patient;
}
