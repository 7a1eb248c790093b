// Whose record may be part of a de-identified release, by the Consents of one patient: one that permits research and nothing that
// takes it back. What is not understood permits nothing. Pure.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { beyondResearch, isForResearch } from './giving.ts';
import { listOf, periodOf } from './provision.ts';

/**
 * `recipient` (`Organization/[id]`) is who asks for the release; undefined: the deployment. A Consent that names recipients is
 * for those alone. `consents` are the patient's active ones, `at` is ISO 8601.
 */
export function permitsResearch(consents: readonly JsonObject[], recipient: string | undefined, at: string): boolean {
  const forResearch = consents.filter((one) => one.status === 'active' && isForResearch(one));
  return forResearch.length > 0 && forResearch.every((one) => permits(one, recipient, at));
}

/** Who limits a consent to some of the record is not asked for that some; who denies it anywhere has denied it. */
const limits = ['provision', 'data', 'dataPeriod', 'class', 'code', 'action', 'securityLabel', 'modifierExtension'];

function permits(consent: JsonObject, recipient: string | undefined, at: string): boolean {
  const { provision } = consent;
  if (!isObject(provision) || provision.type !== 'permit' || beyondResearch(consent) !== undefined) return false;
  if (limits.some((name) => provision[name] !== undefined)) return false;
  const { starts, ends } = periodOf(provision.period);
  const isNow = (starts === '-infinity' || starts <= at) && (ends === 'infinity' || ends > at);
  if (!isNow) return false;
  if (provision.actor === undefined) return true;
  return listOf(provision, 'actor').some(
    ({ reference }) => recipient !== undefined && isObject(reference) && reference.reference === recipient,
  );
}
