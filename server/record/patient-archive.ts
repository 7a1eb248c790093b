// The archive of one patient: the record is read once into a folder, made into tables and a page there, and packed from it.

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Access } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { readableTypes, seenOf } from '../interaction/patient-record.ts';
import type { Fhir } from '../interaction/request.ts';
import { type AccessLog, type Gathered, gatherRecord } from './gather-record.ts';
import { makeTables, type Tabled } from './make-tables.ts';
import { type PageFacts, readerPage } from './reader-page.ts';
import { proofFiles, type Sealer, seal } from './seal.ts';
import { type ArchiveFile, archiveBytes } from './write-archive.ts';
import type { Pressing } from './zip-writer.ts';

/** What may be left out of an archive. The record itself (fhir/), its seal and the page are always in it. */
export const archiveForms = ['csv', 'attachments', 'pdf', 'history', 'access-log'] as const;

/** The record as a handbook in PDF; undefined where there is none for this patient. */
export type MakeHandbook = (
  fhir: Fhir,
  of: { access: Access; patient: string; language: Language },
) => AsyncIterable<Uint8Array> | undefined;

/** The growth chart of a patient, from their Observations, as an SVG element that needs nothing from elsewhere. */
export type DrawGrowth = (
  patient: JsonObject,
  observations: readonly JsonObject[],
  nowMs: number,
) => string | undefined;

export type ArchiveOf = {
  access: Access;
  patient: string;
  language: Language;
  /** Of archiveForms. */
  include: ReadonlySet<string>;
  sealer: Sealer;
  /** Of this server. */
  version: string;
  handbook?: MakeHandbook | undefined;
  accessLog?: AccessLog | undefined;
  growthPicture?: DrawGrowth | undefined;
};

/** An empty folder for what is made on the way, and where to say how far it is; `progress` throws to end the work. */
export type Workplace = { folder: string; progress: (words: string) => Promise<void> };

/** The bytes of the ZIP. The caller has checked that this patient may be read. */
export async function* patientArchive(
  fhir: Fhir,
  of: ArchiveOf,
  { folder, progress }: Workplace,
): AsyncGenerator<Uint8Array> {
  const { access, patient, language, include, sealer, version } = of;
  const createdMs = fhir.nowMs();
  const created = new Date(createdMs).toISOString();
  const types = readableTypes(access, patient);
  // What permissions or a granular scope leave out cannot be told from what is not there.
  const hasEveryType = types.length === resourceTypes.size;
  const complete = hasEveryType && seenOf(access, types) === undefined;
  const gathered = await gatherRecord({
    ...{ fhir, access, patient, folder },
    withHistory: include.has('history'),
    accessLog: include.has('access-log') ? of.accessLog : undefined,
    progress: (resources) => progress(`reading: ${resources} resources`),
  });
  const total = Object.values(gathered.resources).reduce((sum, count) => sum + count, 0);
  const tabled = await makeTables({
    ...{ folder, language, names: gathered.names, patient, include },
    progress: (resources) => progress(`making tables: ${percent(resources, total)}`),
  });
  const chart = tabled.patient && of.growthPicture?.(tabled.patient, tabled.measured, createdMs);
  const facts = {
    chart,
    ...{ patient: `Patient/${patient}`, issuer: fhir.base, createdAt: created, language, complete },
    ...{ thumbprint: sealer.signing.thumbprint, olderVersions: gathered.olderVersions },
  };
  yield* archiveBytes({
    files: filesOf(fhir, of, { folder, progress }, { facts, gathered, tabled }),
    seal: (listed) =>
      seal(
        sealer,
        {
          ...{ patient: facts.patient, issuer: fhir.base, software: { name: 'Tsumugi', version } },
          ...{ created, language, complete, resources: gathered.resources },
          ...(hasEveryType ? {} : { types }),
        },
        listed,
      ),
    createdMs,
  });
}

type Made = { facts: Omit<PageFacts, 'withHandbook'>; gathered: Gathered; tabled: Tabled };

async function* filesOf(
  fhir: Fhir,
  { access, patient, language, include, sealer, handbook }: ArchiveOf,
  { folder, progress }: Workplace,
  { facts, gathered, tabled }: Made,
): AsyncGenerator<ArchiveFile> {
  const pdf = include.has('pdf') ? handbook?.(fhir, { access, patient, language }) : undefined;
  yield { path: 'README.html', content: readerPage(folder, { ...facts, withHandbook: pdf !== undefined }, tabled) };
  if (pdf) yield { path: 'boshi-techo.pdf', content: pdf, pressing: 'none' };
  const total = Object.values(gathered.resources).reduce((sum, count) => sum + count, 0);
  for (const part of ['fhir', 'csv', 'attachments']) {
    for (const name of (await readdir(join(folder, part))).sort()) {
      const path = `${part}/${name}`;
      await progress(`packing ${total} resources: ${path}`);
      yield {
        path,
        content: createReadStream(join(folder, path), { highWaterMark }),
        pressing: await pressingOf(path, folder, gathered.resources),
      };
    }
  }
  yield* await proofFiles(sealer);
}

const highWaterMark = 64 * 1024;
const isPressed = /\.(?:gif|heic|jpg|m4a|mp3|mp4|pdf|png|webp)$/;
/** Of a resource on the average: what is larger is mostly the base64 of a photo. */
const largeBytes = 64 * 1024;

async function pressingOf(path: string, folder: string, resources: Gathered['resources']): Promise<Pressing> {
  if (isPressed.test(path)) return 'none';
  const count = resources[basename(path, '.ndjson')];
  if (count === undefined) return 'usual';
  const { size } = await stat(join(folder, path));
  return size / count > largeBytes ? 'letters' : 'usual';
}

const percent = (done: number, of: number): string =>
  `${of === 0 ? 100 : Math.min(100, Math.floor((100 * done) / of))} %`;
