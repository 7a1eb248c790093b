// What stands beside a vaccination (OBX behind its RXA), by LOINC. CDC implementation guide for immunization messaging 1.5, as
// VXU^V04 and RSP^K11 use it; "1回目" in RXA-9 as SS-MIX2 senders write it.

import type { Immunization } from '@medplum/fhirtypes';
import { codeableConcept, type Hl7Context } from './context.ts';
import { type Segment, value } from './message.ts';
import { takeObservation } from './observation.ts';
import { hl7DateTime } from './time.ts';

/** LOINC items beside the RXA: eligibility, funding, leaflets handed out (one for each sub-id), reactions. */
export function toldBeside(
  context: Hl7Context,
  obx: readonly Segment[],
): Pick<Immunization, 'programEligibility' | 'fundingSource' | 'education' | 'reaction'> {
  const eligibility = codeableConcept(context, coded(obx, '64994-7'), 5);
  const fundingSource = codeableConcept(context, coded(obx, '30963-3'), 5);
  const reaction = obx
    .filter((segment) => value(segment, 3) === '31044-1')
    .flatMap((segment) => {
      const reference = takeObservation(context, { obx: segment, notes: [] }, { category: 'exam' });
      const date = hl7DateTime(value(segment, 14));
      return reference ? [{ ...(date && { date }), detail: { reference } }] : [];
    });
  const education = groupsOf(obx).flatMap((group) => {
    const leaflet = coded(group, '69764-9');
    const [published, presented] = ['29768-9', '29769-7'].map((code) => hl7DateTime(value(coded(group, code), 5)));
    const documentType = value(leaflet, 5, 2) || value(leaflet, 5);
    if (!documentType) return [];
    return [
      {
        documentType,
        ...(published && { publicationDate: published }),
        ...(presented && { presentationDate: presented }),
      },
    ];
  });
  return {
    ...(eligibility && { programEligibility: [eligibility] }),
    ...(fundingSource && { fundingSource }),
    ...(education.length > 0 && { education }),
    ...(reaction.length > 0 && { reaction }),
  };
}

/** OBX of one sub-id (OBX-4) tell of one thing. */
function groupsOf(obx: readonly Segment[]): Segment[][] {
  const groups = new Map<string, Segment[]>();
  for (const segment of obx) {
    const group = groups.get(value(segment, 4)) ?? [];
    group.push(segment);
    groups.set(value(segment, 4), group);
  }
  return [...groups.values()];
}

/**
 * The number of the dose: "1回目" in RXA-9, or LOINC 30973-2 with the length of the series (59782-3) and, in a combined
 * vaccine, the part it counts for (30956-7).
 */
export function protocol(told: string, obx: readonly Segment[]): Pick<Immunization, 'protocolApplied'> {
  const said = positive(/^(\d{1,2})回目$/.exec(told.normalize('NFKC'))?.[1] ?? '');
  if (said) return { protocolApplied: [{ doseNumberPositiveInt: said }] };
  const counted = groupsOf(obx).flatMap((group) => {
    const doseNumber = positive(value(coded(group, '30973-2'), 5));
    const doses = positive(value(coded(group, '59782-3'), 5));
    const part = coded(group, '30956-7');
    const series = value(part, 5, 2) || value(part, 5);
    if (!doseNumber) return [];
    return [
      { ...(series && { series }), doseNumberPositiveInt: doseNumber, ...(doses && { seriesDosesPositiveInt: doses }) },
    ];
  });
  return counted.length > 0 ? { protocolApplied: counted } : {};
}

const positive = (text: string): number | undefined => (/^[1-9]\d?$/.test(text) ? Number(text) : undefined);

const coded = (obx: readonly Segment[], code: string): Segment | undefined =>
  obx.find((segment) => value(segment, 3) === code);
