// Work in the background and its answers, by FHIR's asynchronous pattern (https://hl7.org/fhir/R4/async.html): a feature says what
// a kind of work does; it runs in whichever process works on such things, and the client that asked polls $work-status
// and fetches the files by $work-file (server/operations/work.ts).
//
// The work reads with the access of its caller, and rights that are rows are asked as it reads. Who polls or fetches is the client
// and person that asked, with the same scopes, and may see the patient at that moment.

import type { Access } from '../access/access.ts';
import { keptAccess } from '../access/kept-access.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest } from './request.ts';

/** `run` resolves with the answer of the status address, as JSON. Throws OperationOutcomeError for what no second try mends. */
export type Background = {
  kind: string;
  /** What the audit calls the fetching of a file; see audit/kinds.ts. */
  fetched: string;
  run(work: Work): Promise<JsonObject>;
};

export type Work = {
  fhir: Fhir;
  id: string;
  client: string;
  access: Access;
  language: Language;
  /** What startWork was given. */
  request: JsonObject;
  /** What `save` kept last; undefined at first. After a kill -9 the work is run again with it. */
  state: JsonObject | undefined;
  /** A folder of its own, which is there; what is in it survives a kill and goes with the work. */
  folder: string;
  /** Keeps how far the work has come; `progress` is for people. Throws when the work is to stop. */
  save(state: JsonObject, progress: string): Promise<void>;
  /** The address of a file in the folder. */
  fileUrl(name: string): string;
  /** Aborted when the work was cancelled or the process stops. */
  signal: AbortSignal;
};

/** Names of files of a work. */
export const isFileName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name);

/** Asks for work. The caller has checked that it may be asked for, and has written its audit row. `patient` is an id. */
export async function startWork(
  fhir: Pick<Fhir, 'works' | 'base'>,
  { access, language }: Pick<FhirRequest, 'access' | 'language'>,
  { kind, patient, request }: { kind: string; patient?: string; request: JsonObject },
): Promise<Answer> {
  const asked = { client: access.client, access: keptAccess(access), language, request, ...(patient && { patient }) };
  const id = await fhir.works.add(kind, asked);
  return { status: 202, contentLocation: `${fhir.base}/$work-status?id=${id}` };
}

export const fileUrl = (base: string, id: string, name: string): string =>
  `${base}/$work-file?id=${id}&name=${encodeURIComponent(name)}`;
