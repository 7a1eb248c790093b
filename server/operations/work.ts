// $work-status and $work-file: how work in the background is followed, ended and fetched. FHIR R4 asynchronous pattern,
// https://hl7.org/fhir/R4/async.html; Bulk Data Access 2.0, "Bulk Data Status Request", "Output File Request".

import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { keptAccess } from '../access/kept-access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { type Background, isFileName } from '../interaction/background.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { StoredVersion } from '../store/read.ts';
import type { StoredWork } from '../store/works.ts';

/** `dir` is the folder of the folders. */
export type WorkOptions = { dir: string; kinds: readonly Pick<Background, 'kind' | 'fetched'>[] };

const retrySeconds = 1;

export function workOperations(options: WorkOptions): Operation[] {
  return [workStatus(options), workFile(options)];
}

function workStatus({ dir }: WorkOptions): Operation {
  return {
    code: 'work-status',
    definition: `${CANONICAL}/OperationDefinition/work-status`,
    level: 'system',
    methods: ['GET', 'DELETE'],
    run: async (fhir, request) => {
      const { work } = await workOf(fhir, request, ['id']);
      if (request.method === 'DELETE') {
        await fhir.works.remove(work.id);
        await rm(join(dir, work.id), { recursive: true, force: true });
        return { status: 202 };
      }
      if (work.status === 'done') return asJson(work);
      if (work.status === 'failed') return failure(work);
      return { status: 202, progress: work.progress || 'waiting', retryAfterSeconds: retrySeconds };
    },
  };
}

function workFile({ dir, kinds }: WorkOptions): Operation {
  const fetched = new Map(kinds.map((one) => [one.kind, one.fetched]));
  return {
    code: 'work-file',
    definition: `${CANONICAL}/OperationDefinition/work-file`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const { work, name, patient } = await workOf(fhir, request, ['id', 'name']);
      const path = join(dir, work.id, name);
      const found = isFileName(name) && work.status === 'done' ? await stat(path).catch(() => undefined) : undefined;
      if (!found?.isFile()) throw missing();
      const kind = fetched.get(work.kind) ?? 'work-file';
      await fhir.audit([auditOf(fhir, request, kind, patient && 'Patient', patient)]);
      return fileAnswer(path, name, found.size, request.headers.range);
    },
  };
}

/** The work, if its id is right and the caller is the one who asked for it; 404 for everything else, alike. */
async function workOf(
  fhir: Fhir,
  { access, query }: FhirRequest,
  known: readonly string[],
): Promise<{ work: StoredWork; name: string; patient: StoredVersion | undefined }> {
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`There is no parameter "${unknown}" here`, 'not-supported', [unknown]);
  const work = await fhir.works.find(parameters.get('id') ?? '');
  if (!work || !isDeepStrictEqual(work.asked.access, JSON.parse(JSON.stringify(keptAccess(access))))) throw missing();
  const name = parameters.get('name') ?? '';
  const { patient: id } = work.asked;
  if (id === undefined) return { work, name, patient: undefined };
  const patient = await fhir.reader.current('Patient', id, namedReach(access, 'read', 'Patient'));
  if (patient?.content === undefined) throw missing();
  return { work, name, patient };
}

const asJson = ({ answer }: StoredWork): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify(answer),
});

/** Why it failed, as an OperationOutcome. */
const failure = ({ answer }: StoredWork): Answer => ({
  status: Number(answer?.status ?? 500),
  body: JSON.stringify(answer?.outcome),
});

/** The whole file, or the one part of it that was asked for (RFC 9110, section 14). */
function fileAnswer(path: string, name: string, size: number, range: string | undefined): Answer {
  const contentType = contentTypes[extname(name)] ?? 'application/octet-stream';
  const part = partOf(range, size);
  if (part === 'beyond') return { status: 416, contentType, range: `bytes */${size}` };
  const { start, end } = part ?? { start: 0, end: size - 1 };
  return {
    status: part ? 206 : 200,
    contentType,
    sizeBytes: end - start + 1,
    range: part ? `bytes ${start}-${end}/${size}` : 'bytes',
    body: size === 0 ? Buffer.alloc(0) : createReadStream(path, { start, end }),
  };
}

/** Undefined for no range, and for several or what cannot be read: then the whole is sent. */
function partOf(range: string | undefined, size: number): { start: number; end: number } | 'beyond' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start > end ? 'beyond' : { start, end };
}

const contentTypes: Readonly<Record<string, string>> = {
  '.zip': 'application/zip',
  '.ndjson': 'application/fhir+ndjson',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
};

const missing = () => notFound('This work, which the client that asked can follow for a day,');
