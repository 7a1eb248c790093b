// $import of the system: NDJSON, a resource a line in any order, streamed to disk and then stored in the background
// (import-work.ts). HL7 has no operation for it; the answer has the shape of a Bulk Data manifest. For the deployment's own
// clients: who gives ids and writes into any record.

import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest, insufficientScope, malformed, notSupported, tooLarge } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { startWork } from '../interaction/background.ts';
import type { Operation } from '../interaction/request.ts';
import { type ImportRequest, importKind, uploadName } from './import-work.ts';

const mostBytes = 64 * 1024 ** 3;

/** `dir` is the folder of the folders of work in the background. */
export function importOperation({ dir }: { dir: string }): Operation {
  return {
    code: 'import',
    definition: `${CANONICAL}/OperationDefinition/import`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      const { access, body, query, headers } = request;
      const isWriter = access.grants.some(({ context, interactions }) => {
        return context === 'system' && interactions.has('create') && interactions.has('update');
      });
      if (!isWriter || access.caller)
        throw insufficientScope('$import is for clients of the deployment that may create and update', 'system/*.cu');
      const [unknown] = [...new URLSearchParams(query).keys()];
      if (unknown !== undefined)
        throw badRequest(`There is no parameter "${unknown}" here`, 'not-supported', [unknown]);
      if (!(body instanceof Readable))
        throw notSupported('The Content-Type of $import is application/fhir+ndjson', 415);
      if (!/\brespond-async\b/.test(headers.prefer ?? ''))
        throw badRequest('An import is made in the background: send Prefer: respond-async', 'required');
      // A work that nobody takes keeps the folder until the import has it, or for a day.
      const upload = await fhir.works.add('upload', { client: access.client, access: {}, language: 'en', request: {} });
      const folder = join(dir, upload);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const file = createWriteStream(join(folder, uploadName), { mode: 0o600 });
        await pipeline(body, limited(mostBytes), file).catch((error: unknown) => {
          throw isReset(error) ? malformed('The body ended before it was whole') : error;
        });
        await fhir.audit([auditOf(fhir, request, 'bulk-import', undefined)]);
        const kept: ImportRequest = { upload, requestId: request.id, atMs: fhir.nowMs(), url: `${fhir.base}/$import` };
        return await startWork(fhir, request, { kind: importKind, request: kept as unknown as JsonObject });
      } catch (error) {
        await fhir.works.remove(upload);
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    },
  };
}

const isReset = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(error.code));

function limited(most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > most ? tooLarge(most) : null, chunk);
    },
  });
}
