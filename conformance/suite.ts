// What a conformance suite is: a file in this folder that exports `run`, listed in run.ts.

export type SuiteResult = {
  name: string;
  passed: number;
  failed: number;
  /** Cases that do not apply, with the reason in `notes`. */
  skipped: number;
  /** Sentences for the reader of the table. */
  notes: string[];
  /** One id per failed case, stable from run to run; known-failures.json names these. */
  failures?: string[];
  /** What was wrong, by the id of a failed case; told for those that are not known failures. */
  faults?: Record<string, string>;
  /** What the suite needs and did not find (`../shared/data/…`); nothing of it was run. */
  missing?: string;
};

/** What stands behind the names of suites on the command line: `npm run conformance -- malformed --runs 10000`. */
export type SuiteOptions = { runs?: number; seed?: number };

export type Suite = { run(options: SuiteOptions): Promise<SuiteResult> };

/** `known-failures.json`: suite name -> groups of failures we know of, each with its reason. */
export type KnownFailures = Record<string, { ids: string[]; reason: string }[]>;
