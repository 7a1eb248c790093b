// How strict a client's writes are judged. What is no valid FHIR R4 is refused from everyone; the rest is a choice that is made for
// each client (`tsumugi create client --strictness`).

import type { Finding } from './finding.ts';

export const strictnesses = ['base', 'declared', 'strict'] as const;
/**
 * `base`: what a profile asks is only warned of. `declared`, for who has no other: a resource has to fit the profiles that it
 * declares and that its organization requires. `strict`: whatever is warned of is refused.
 */
export type Strictness = (typeof strictnesses)[number];

/** Findings with the severities that they have for writes of this strictness. */
export function judged(findings: readonly Finding[], strictness: Strictness = 'declared'): Finding[] {
  return findings.map((one) => {
    const severity = severityFor(one, strictness);
    return severity === one.severity ? one : { ...one, severity };
  });
}

/** Those that refuse. */
export const errorsOf = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity === 'error');

/** What makes it impossible to read a resource rightly: all that is no valid R4 but broken invariants. */
export const structureFaults = (findings: readonly Finding[]): Finding[] =>
  errorsOf(judged(findings, 'base')).filter(({ code }) => code !== 'invariant');

function severityFor({ severity, rule }: Finding, strictness: Strictness): Finding['severity'] {
  if (strictness === 'strict') return severity === 'warning' ? 'error' : severity;
  // A code, a word or an extension that is not known here may be known tomorrow, and the record must not wait for it.
  const isRefused = rule === undefined || (rule === 'profile' && strictness === 'declared');
  return severity === 'error' && !isRefused ? 'warning' : severity;
}
