// One thing that a record says about a person, the same shape whatever resource said it: what, when, about whom, how sure.
// FHIR R4; the codes are left as they are, for the vocabulary of a schedule to read.
import type { Coding } from '@medplum/fhirtypes';

export type Statement = {
  kind: 'condition' | 'allergy' | 'procedure' | 'medication' | 'observation' | 'flag';
  of: 'self' | 'mother' | 'relative';
  /** Of the resource's code and, for an observation, of its coded value. */
  codings: readonly Coding[];
  /** Names beside the codes, as they were written. */
  names: readonly string[];
  /** The day, month or year it began or was seen; `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  date?: string;
  /** The day it ended: of a flag the end of its period, of a condition its abatement, of a medication its last day. */
  end?: string;
  /** False for what is resolved or in the past. */
  isActive: boolean;
  /** False for a suspicion or a preliminary result: it is named in the answer and decides nothing. */
  isCertain: boolean;
  /** Of an allergy: a reaction that excludes what caused it. */
  isSevere?: boolean;
  isAnaphylaxis?: boolean;
  /** What an observation found, or how much was given. */
  result?: Result;
  /** `Condition/1`, or the type alone when it came without an id. */
  source: string;
};

export type Result = {
  /** Of a test that is positive or negative; undefined when the record does not say. */
  isPositive?: boolean;
  date?: string;
  /** In `unit`, as written. */
  value?: number;
  unit?: string;
  text?: string;
};
