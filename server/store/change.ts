// What goes in at the write door, and what comes out.

import type { JsonObject } from '../fhir/json.ts';

/** One change, as the caller asks for it. */
export type Change = {
  method: 'create' | 'update' | 'delete';
  type: string;
  /** update and delete: the logical id; absent in a conditional update. */
  id?: string;
  /** Conditional update: search criteria without `?`. One match is updated, none means a create. */
  match?: string;
  /** create and update. */
  resource?: JsonObject;
  /** What other changes of the set call it: `urn:uuid:…`, or an absolute URL. */
  fullUrl?: string;
  /** The version the caller has seen. */
  ifMatch?: number;
  /** Search criteria without `?`: when exactly one match exists, nothing is created. */
  ifNoneExist?: string;
};

export type Written = {
  status: 200 | 201 | 204;
  type: string;
  id: string;
  version: number;
  /** ISO 8601, milliseconds, UTC. */
  updated: string;
  /** The stored text; undefined after a delete. */
  content: string | undefined;
};

/** What a conditional create found instead of creating. */
export type Matched = Written & { key: string; owner: string };
