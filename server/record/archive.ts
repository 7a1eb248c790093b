// Patient/[id]/$archive: the whole record of one patient as a signed ZIP, made in the background by FHIR's asynchronous pattern
// (https://hl7.org/fhir/R4/async.html): 202 with the address of $work-status, which answers with that of the ZIP.
//
// A work that was cut off begins anew: what it had made by then is thrown away, and the ZIP gets its name when it is whole.

import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Access } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest, type Language, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { type Background, startWork, type Work } from '../interaction/background.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { StoredVersion } from '../store/read.ts';
import type { AccessLog } from './gather-record.ts';
import type { ArchiveKeys } from './keys.ts';
import { archiveForms, type DrawGrowth, type MakeHandbook, patientArchive } from './patient-archive.ts';
import { sealerOf } from './seal.ts';

export const archive: Operation = {
  code: 'archive',
  definition: `${CANONICAL}/OperationDefinition/archive`,
  level: 'instance',
  type: 'Patient',
  methods: ['POST'],
  run: async (fhir, request, { id }) => {
    const [unknown] = new URLSearchParams(request.query).keys();
    if (unknown !== undefined) throw badRequest(`There is no parameter "${unknown}" here`, 'not-supported', [unknown]);
    const asked = askedFor(request);
    const patient = await readablePatient(fhir, request.access, id);
    await fhir.audit([auditOf(fhir, request, 'archive', 'Patient', patient)]);
    return startWork(fhir, request, { kind, patient: id, request: { patient: id, ...asked } });
  },
};

/** `version` is the server's. */
export type ArchiveOptions = {
  keys: ArchiveKeys;
  version: string;
  handbook?: MakeHandbook;
  accessLog?: AccessLog;
  growthPicture?: DrawGrowth;
};

/** How it is made. */
export const archiveWork = (options: ArchiveOptions): Background => ({
  kind,
  fetched: 'archive-download',
  run: (work) => makeArchive(options, work),
});

const kind = 'archive';
const zipName = 'archive.zip';

async function makeArchive({ keys, ...options }: ArchiveOptions, work: Work): Promise<JsonObject> {
  const { fhir, access, signal } = work;
  const { patient, language, include } = work.request as { patient: string; language: Language; include: string[] };
  await readablePatient(fhir, access, patient);
  const folder = join(work.folder, 'parts');
  const target = join(work.folder, zipName);
  for (const left of [folder, target, `${target}.part`]) await rm(left, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const transactionTime = new Date(fhir.nowMs()).toISOString();
  const of = {
    access,
    patient,
    language,
    include: new Set(include),
    sealer: await sealerOf(keys, fhir.nowMs),
    ...options,
  };
  const bytes = patientArchive(fhir, of, { folder, progress: nowAndThen((words) => work.save({}, words)) });
  await pipeline(bytes, createWriteStream(`${target}.part`, { mode: 0o600, flush: true }), { signal });
  await rm(folder, { recursive: true });
  await rename(`${target}.part`, target);
  // The shape of a Bulk Data manifest (https://hl7.org/fhir/uv/bulkdata, "Export Status - Complete").
  return {
    transactionTime,
    request: `${fhir.base}/Patient/${patient}/$archive`,
    requiresAccessToken: true,
    output: [{ type: 'Binary', contentType: 'application/zip', url: work.fileUrl(zipName) }],
    error: [],
  };
}

const sayEveryMs = 500;

/** Passes on the first words, and then those of every half second. */
function nowAndThen(say: (words: string) => Promise<void>): (words: string) => Promise<void> {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return async (words) => {
    if (performance.now() - saidAtMs < sayEveryMs) return;
    saidAtMs = performance.now();
    await say(words);
  };
}

const languages: readonly Language[] = ['ja', 'en'];

/** `language` of the call, else of the caller; everything when nothing is named to include. Throws 400 for what cannot be made. */
function askedFor({ body, language }: FhirRequest): { language: Language; include: string[] } {
  if (body === undefined) return { language, include: [...archiveForms] };
  const parameters = readParameters(body, ['language', 'include']);
  const named = (parameters.get('include') ?? []).map(({ valueCode }) => {
    const known = ['fhir', ...archiveForms].find((one) => one === valueCode);
    if (known !== undefined) return known;
    throw badRequest(
      `There is no form ${JSON.stringify(valueCode)} to include. Known: fhir, ${archiveForms.join(', ')}`,
      'not-supported',
      ["Parameters.parameter.where(name='include')"],
    );
  });
  const given = single(parameters, 'language');
  const known = languages.find((one) => one === given?.valueCode);
  if (given && !known)
    throw badRequest(`"language" takes a valueCode: ${languages.join(', ')}`, 'not-supported', [
      "Parameters.parameter.where(name='language')",
    ]);
  return { language: known ?? language, include: named.length > 0 ? named : [...archiveForms] };
}

/** Throws 404 for a patient that is not there and for one that the caller may not read, alike. */
async function readablePatient({ reader }: Fhir, access: Access, id: string): Promise<StoredVersion> {
  const patient = await reader.current('Patient', id, namedReach(access, 'read', 'Patient'));
  if (patient?.content === undefined) throw notFound(`Patient/${id}`);
  return patient;
}
