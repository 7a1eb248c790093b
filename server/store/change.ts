// What goes in at the write door, and what comes out.

import type { Interaction } from '../access/access.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Issue } from '../fhir/outcome.ts';

/** One change, as the caller asks for it. */
export type Change = {
  method: 'create' | 'update' | 'patch' | 'delete';
  type: string;
  /** update, patch and delete: the logical id; absent in their conditional forms. */
  id?: string;
  /** Conditional update, patch and delete: search criteria without `?`. One match is changed, several are refused. */
  match?: string;
  /** create and update. */
  resource?: JsonObject;
  /** patch: the stored resource, which it may change in place -> the next one. Throws 422 when it does not fit. */
  patch?: (stored: JsonObject) => JsonObject;
  /** What other changes of the set call it: `urn:uuid:…`, or an absolute URL. */
  fullUrl?: string;
  /** The version the caller has seen. */
  ifMatch?: number;
  /** update: only to create, never to replace (`If-None-Match: *`). */
  isNew?: boolean;
  /** Search criteria without `?`: when exactly one match exists, nothing is created. */
  ifNoneExist?: string;
  /** Which entry of a Bundle it is, for refusals. */
  entry?: number;
  /** `Organization/[id]` as whose entry the server's own work writes it; else it is the organization's that calls. */
  writer?: string;
  /** An operation of this server makes it, after checking: a family may have it made for its patients, and not make it by itself. */
  isByServer?: boolean;
};

export type Written = {
  status: 200 | 201 | 204;
  type: string;
  /** Empty, with version 0, after a conditional delete that found nothing. */
  id: string;
  version: number;
  /** ISO 8601, milliseconds, UTC. */
  updated: string;
  /** The stored text; undefined after a delete. */
  content: string | undefined;
  /** What was found in the resource that does not keep it from being stored. */
  warnings?: readonly Issue[];
};

/** What is stored already and was shown to the caller instead of being written. */
export type Matched = Written & { key: string; owner: string };

/** What a method does to a resource, in words of the scopes. */
export const rightOf = (method: Change['method']): Interaction => (method === 'patch' ? 'update' : method);
