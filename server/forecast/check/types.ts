// What goes into the check before the needle and what comes out.
import type { Rule, Text } from '../rule.ts';
import type { Evaluation, ForecastResult } from '../types.ts';

export type Decision = 'go' | 'ask' | 'stop';

export type CheckReason = {
  code: string;
  /** What this reason alone would decide; `go` is a remark. */
  decision: Decision;
  text: Text;
  rule?: Rule;
  /** The day the rule set, `YYYY-MM-DD`: the first day that would be right, or the last one that was. */
  date?: string;
};

export type DoseCheck = {
  /** The gravest decision of the reasons; `go` without any. */
  decision: Decision;
  reasons: CheckReason[];
  /** How the dose would be judged, one for each series it would count in. */
  evaluations: Evaluation[];
  /** The whole judgement with the intended dose in the history. */
  result: ForecastResult;
  doseNumber?: number;
  label?: string;
};

/** What the vaccinator is about to give. */
export type IntendedDose = {
  /** Code of the schedule. */
  vaccine: string;
  lotNumber?: string;
  /** Day or month, as on the package. */
  expirationDate?: string;
  /** Code of http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration. */
  route?: string;
  /** Millilitres. */
  volumeMl?: number;
};
