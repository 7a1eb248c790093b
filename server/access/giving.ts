// What a family may say in a Consent of its own (decision 11, "Writing"): nobody gives away more than is theirs to give. Pure.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { isBreakGlass } from './consent.ts';
import { labelBit } from './labels.ts';
import { actReasonsOf, listOf } from './provision.ts';

/** Who gives: the patient, or a guardian, from whom what is restricted may be hidden. */
export type Giver = { isSelf: boolean; seesRestricted: boolean };

/** Why it is not theirs to say; undefined when it is. What ends a Consent is always. */
export function beyondGiving(consent: JsonObject, giver: Giver): string | undefined {
  if (['inactive', 'rejected', 'entered-in-error'].includes(String(consent.status))) return undefined;
  if (isForResearch(consent)) return 'research is agreed to by Patient/[id]/$propose-consent and Consent/[id]/$agree';
  if (giver.isSelf) return undefined;
  const provisions = provisionsOf(consent);
  if (provisions.some(namesRelative)) return 'a guardian invites and suspends relatives by the operations for that';
  if (!giver.seesRestricted && provisions.some(opensRestricted))
    return 'what is restricted is for the young person to open';
  return undefined;
}

/** Why a stored Consent is not theirs to change or to end: what a young person denies a relative, no guardian opens again. */
export function beyondEnding(stored: JsonObject, { isSelf }: Giver): string | undefined {
  const provisions = provisionsOf(stored);
  const deniesRelative = provisions.some(namesRelative) && provisions.some(({ type }) => type !== 'permit');
  return deniesRelative && !isSelf ? 'what is denied to a relative is for the young person to open again' : undefined;
}

/** Why it is more than a consent to research, which both guardians may give; undefined when it is no more. */
export function beyondResearch(consent: JsonObject): string | undefined {
  const { provision } = consent;
  const isForMore = (one: JsonObject) => actReasonsOf(one)?.every((code) => code === 'HRESCH') === false;
  if (!isObject(provision) || !isPurposeAlone(provision) || provisionsOf(consent).some(isForMore))
    return 'a consent to research has the purpose HRESCH and no other';
  if (isBreakGlass(consent)) return 'break-glass is by the operation $break-glass alone';
  return provisionsOf(consent).some(namesRelative) ? 'a consent to research names no relative' : undefined;
}

/** The root says it: what its exceptions match, it matches too. */
const isPurposeAlone = (provision: JsonObject): boolean => actReasonsOf(provision)?.join() === 'HRESCH';

/** Whether a provision names the purpose HRESCH. */
export const isForResearch = (consent: JsonObject): boolean =>
  provisionsOf(consent).some((one) => actReasonsOf(one)?.includes('HRESCH'));

const provisionsOf = ({ provision }: JsonObject): JsonObject[] =>
  isObject(provision) ? [provision, ...listOf(provision, 'provision')] : [];

const namesRelative = (provision: JsonObject): boolean =>
  listOf(provision, 'actor').some(
    ({ reference }) => isObject(reference) && /(?:^|\/)(?:RelatedPerson|Person)\//.test(String(reference.reference)),
  );

const opensRestricted = (provision: JsonObject): boolean =>
  provision.type === 'permit' &&
  listOf(provision, 'securityLabel').some(({ system, code }) => labelBit(system, code) !== 0);
