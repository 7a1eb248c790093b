// A FHIR request and its answer without HTTP's machinery, so that a Bundle entry and a call over the wire are the same.

import type { Readable } from 'node:stream';
import type { Access } from '../access/access.ts';
import type { Language } from '../fhir/outcome.ts';
import type { AuditLog } from '../store/audit.ts';
import type { Cursors } from '../store/cursors.ts';
import type { EventDecision } from '../store/event-decisions.ts';
import type { ExportSource } from '../store/export-source.ts';
import type { ClientBase } from '../store/pool.ts';
import type { Reader } from '../store/read.ts';
import type { Searcher } from '../store/searcher.ts';
import type { Works } from '../store/works.ts';
import type { Write } from '../store/write.ts';
import type { Validator } from '../validation/validator.ts';

export type FhirRequest = {
  method: string;
  /** Behind the base, without a slash in front: `Patient/1`. */
  path: string;
  /** Without `?`. */
  query: string;
  headers: FhirHeaders;
  body: unknown;
  access: Access;
  /** A UUID; in the audit it binds together what one request touched. */
  id: string;
  language: Language;
};

export type FhirHeaders = {
  prefer?: string;
  ifMatch?: string;
  ifNoneExist?: string;
  ifNoneMatch?: string;
  /** A date as HTTP or as FHIR writes it. */
  ifModifiedSince?: string;
  /** The media type of the body alone, in lower case. */
  contentType?: string;
  range?: string;
};

export type Answer = {
  status: number;
  etag?: string;
  /** ISO 8601. */
  lastModified?: string;
  location?: string;
  contentLocation?: string;
  /** Of a refusal that is no OperationOutcome: the scope that the token lacks. */
  lackingScope?: string;
  /** Of what is still at work: how far it has come, in words for a header, and when to ask again. */
  progress?: string;
  retryAfterSeconds?: number;
  /** Of a file: its size or its part's, and Content-Range; `bytes` where parts may be asked for. */
  sizeBytes?: number;
  range?: string;
  /** When the body is not FHIR JSON. */
  contentType?: string;
  /** Text, text in UTF-8, or text that is still being made. */
  body?: string | Buffer | Readable;
  /** The body is an OperationOutcome about a write (`Prefer: return=OperationOutcome`); a Bundle has a place of its own for it. */
  isOutcome?: boolean;
};

/** What interactions and operations work with. */
export type Fhir = {
  write: Write;
  /** The validator of what is in force and stored at this moment. */
  validatorNow: () => Promise<Validator>;
  reader: Reader;
  searcher: Searcher;
  audit: AuditLog;
  cursors: Cursors;
  works: Works;
  /** Whole types as bytes, for bulk exports. */
  exported: ExportSource;
  /** What persons have said of the records of a patient (id): which tell of one event. */
  decisionsOf: (patient: string) => Promise<EventDecision[]>;
  /** Work that reads and audits inside a transaction, and so sees what that one has written. */
  within: (transaction: ClientBase, work: (inside: Fhir) => Promise<void>) => Promise<void>;
  nowMs: () => number;
  /** Logs an error that is a bug where the request goes on all the same. */
  onBug: (error: unknown, request: string) => void;
  /** The public address of the FHIR base, without a slash at the end. */
  base: string;
};

/** The names in a route's path; `member` is the type searched inside a compartment. */
export type PathNames = { type: string; id: string; version: string; member?: string };
/** Answers one interaction or operation. Throws OperationOutcomeError to refuse. */
export type Handler = (fhir: Fhir, request: FhirRequest, names: PathNames) => Promise<Answer>;

/** A `$operation`, mounted by app.ts. Its OperationDefinition is in profiles/ when it is ours. */
export type Operation = {
  code: string;
  /** The canonical URL of its OperationDefinition. */
  definition: string;
  level: 'system' | 'type' | 'instance' | 'version';
  /** What this server does beyond the definition, for the CapabilityStatement and /docs. */
  documentation?: string;
  /** `Resource`: every type. Absent on system level. */
  type?: string;
  methods: readonly ('GET' | 'POST' | 'DELETE')[];
  run: Handler;
};

/** An interaction on one type that is answered in a way of its own; `ordinary` answers it from the stored resources. */
export type View = {
  type: string;
  /** As in the table of rest/routes.ts. */
  interaction: string;
  over: (ordinary: Handler) => Handler;
  /** For the CapabilityStatement. */
  documentation: string;
};

export type Dispatch = (fhir: Fhir, request: FhirRequest) => Promise<Answer>;

/** The ETag of a version. FHIR R4, https://hl7.org/fhir/R4/http.html#versioning */
export const etag = (version: number): string => `W/"${version}"`;

/** The version in an If-Match header; undefined when there is none. Weak and strong forms are read alike. */
export function versionOf(ifMatch: string | undefined): number | undefined {
  const match = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/.exec(ifMatch ?? '');
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
