// Patient/[id]/$archive: the whole record of one patient as a signed ZIP, by FHIR's asynchronous pattern
// (https://hl7.org/fhir/R4/async.html): 202 with a status address, which answers with the address of the ZIP.
//
// Nothing is prepared and nothing is stored. The ZIP is made from the record while it is fetched, in constant memory, so every
// server of a deployment can answer every step, no copy of a record lies in a folder, and the archive is as new as its download.
// The addresses carry a sealed ticket (tickets.ts): patient, client and time, good for an hour. It is no key: whoever fetches
// must be the client that asked and must be allowed to read the patient at that moment. The status is therefore complete at the
// first poll; clients still have to poll, because later parts (PDF, time stamps) take their time.

import { Readable } from 'node:stream';
import type { Access } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, type Language, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { StoredVersion } from '../store/read.ts';
import type { ArchiveKeys } from './keys.ts';
import { patientArchive } from './patient-archive.ts';
import { openTicket, sealTicket, type Ticket } from './tickets.ts';

/** `version` is the server's. */
export type ArchiveOptions = { keys: ArchiveKeys; version: string };

/** $archive, $archive-status and $archive-download. */
export function archiveOperations(options: ArchiveOptions): Operation[] {
  return [archive(options), archiveStatus(options), archiveDownload(options)];
}

function archive({ keys }: ArchiveOptions): Operation {
  return {
    code: 'archive',
    definition: `${CANONICAL}/OperationDefinition/archive`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, []);
      const language = languageAsked(request);
      const patient = await readablePatient(fhir, request.access, id);
      await fhir.audit([auditOf(fhir, request, 'archive', 'Patient', patient)]);
      const ticket: Ticket = { patient: id, client: request.access.client, language, askedMs: fhir.nowMs() };
      return { status: 202, contentLocation: addressOf(fhir, 'archive-status', await sealTicket(ticket, keys.ticket)) };
    },
  };
}

function archiveStatus({ keys }: ArchiveOptions): Operation {
  return {
    code: 'archive-status',
    definition: `${CANONICAL}/OperationDefinition/archive-status`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const { text, ticket } = await ticketOf(fhir, request, keys.ticket);
      await readablePatient(fhir, request.access, ticket.patient);
      // The shape of a Bulk Data manifest (https://hl7.org/fhir/uv/bulkdata, "Export Status - Complete").
      const status = {
        transactionTime: new Date(fhir.nowMs()).toISOString(),
        request: `${fhir.base}/Patient/${ticket.patient}/$archive`,
        requiresAccessToken: true,
        output: [{ type: 'Binary', contentType: zipType, url: addressOf(fhir, 'archive-download', text) }],
        error: [],
      };
      return { status: 200, contentType: 'application/json', body: JSON.stringify(status) };
    },
  };
}

function archiveDownload({ keys, version }: ArchiveOptions): Operation {
  return {
    code: 'archive-download',
    definition: `${CANONICAL}/OperationDefinition/archive-download`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const { ticket } = await ticketOf(fhir, request, keys.ticket);
      const { access } = request;
      const { patient: id, language } = ticket;
      const patient = await readablePatient(fhir, access, id);
      await fhir.audit([auditOf(fhir, request, 'archive-download', 'Patient', patient)]);
      const bytes = patientArchive(fhir, { access, patient: id, language, key: keys.signing, version });
      return { status: 200, contentType: zipType, body: Readable.from(bytes) };
    },
  };
}

const zipType = 'application/zip';
const languages: readonly Language[] = ['ja', 'en'];
const forms = ['fhir'];

/** `language` of the call, else of the caller. Throws 400 for what this server cannot make. */
function languageAsked({ body, language }: FhirRequest): Language {
  if (body === undefined) return language;
  const parameters = readParameters(body, ['language', 'include']);
  for (const { valueCode } of parameters.get('include') ?? []) {
    if (typeof valueCode !== 'string' || !forms.includes(valueCode))
      throw badRequest(
        `There is no form ${JSON.stringify(valueCode)} to include yet. Known: ${forms}`,
        'not-supported',
        ["Parameters.parameter.where(name='include')"],
      );
  }
  const given = single(parameters, 'language');
  const known = languages.find((one) => one === given?.valueCode);
  if (given && !known)
    throw badRequest(`"language" takes a valueCode: ${languages.join(', ')}`, 'not-supported', [
      "Parameters.parameter.where(name='language')",
    ]);
  return known ?? language;
}

/** Throws 404 for a patient that is not there and for one that the caller may not read, alike. */
async function readablePatient({ reader }: Fhir, access: Access, id: string): Promise<StoredVersion> {
  const patient = await reader.current('Patient', id, namedReach(access, 'read', 'Patient'));
  if (patient?.content === undefined) throw notFound(`Patient/${id}`);
  return patient;
}

async function ticketOf(
  { nowMs }: Fhir,
  request: FhirRequest,
  key: Uint8Array,
): Promise<{ text: string; ticket: Ticket }> {
  refuseQuery(request, ['id']);
  const text = new URLSearchParams(request.query).get('id') ?? '';
  const ticket = await openTicket(text, key, nowMs());
  if (!ticket || ticket.client !== request.access.client)
    throw notFound('This archive, which can be fetched for one hour by the client that asked,');
  return { text, ticket };
}

function refuseQuery({ query }: FhirRequest, known: readonly string[]): void {
  const unknown = [...new URLSearchParams(query).keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`There is no parameter "${unknown}" here`, 'not-supported', [unknown]);
}

const addressOf = ({ base }: Fhir, code: string, ticket: string): string => `${base}/$${code}?id=${ticket}`;
