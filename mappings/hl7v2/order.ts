// The groups of a message: drug orders (an ORC and what follows it: RDE_O11, OMP_O09, RAS_O17, VXU_V04) and examinations (an
// OBR with its ORC, specimen and results: ORU_R01, OUL_R22, OML_O33, OMG_O19). HL7 v2.5 chapters 4 and 7.

import { repetitions, type Segment, value } from './message.ts';

export type Administration = { rxa: Segment; rxr: Segment | undefined; obx: Segment[]; notes: string[] };

export type OrderGroup = {
  orc: Segment | undefined;
  rxe: Segment | undefined;
  tq1: Segment | undefined;
  /** Route of the order: an RXR before the first RXA. */
  rxr: Segment | undefined;
  rxc: Segment[];
  /** NTE behind the order or its drug. */
  notes: string[];
  administrations: Administration[];
};

/** ORC-1 (HL7 table 0119): the order was cancelled, discontinued, or is said to be so. */
export const isCancelled = (orc: Segment | undefined): boolean =>
  ['CA', 'OC', 'CR', 'DC', 'OD', 'DR'].includes(value(orc, 1));

/**
 * Splits a message at its ORC segments. An RXR behind an RXA belongs to it, and to the RXAs just before it that have none
 * (SS-MIX2 writes one RXR for several); an RXA without any takes the route of the order.
 */
export function orderGroups(segments: readonly Segment[]): OrderGroup[] {
  const groups: OrderGroup[] = [];
  let group: OrderGroup | undefined;
  for (const segment of segments) {
    if (segment.name === 'ORC' || (!group && (segment.name === 'RXA' || isDrug(segment.name)))) {
      group = {
        orc: undefined,
        rxe: undefined,
        tq1: undefined,
        rxr: undefined,
        rxc: [],
        notes: [],
        administrations: [],
      };
      groups.push(group);
    }
    if (group) addTo(group, segment);
  }
  for (const each of groups) shareRoutes(each);
  return groups;
}

// RXE of a coded order (RDE), RXO of a pharmacy order (OMP).
const isDrug = (name: string): boolean => name === 'RXE' || name === 'RXO';

function addTo(group: OrderGroup, segment: Segment): void {
  const last = group.administrations.at(-1);
  if (segment.name === 'ORC') group.orc = segment;
  else if (isDrug(segment.name)) group.rxe = segment;
  else if (segment.name === 'TQ1') group.tq1 ??= segment;
  else if (segment.name === 'RXC') group.rxc.push(segment);
  else if (segment.name === 'RXA') group.administrations.push({ rxa: segment, rxr: undefined, obx: [], notes: [] });
  else if (segment.name === 'OBX') last?.obx.push(segment);
  else if (segment.name === 'NTE' && noteText(segment)) (last?.notes ?? group.notes).push(noteText(segment));
  else if (segment.name === 'RXR' && last) last.rxr ??= segment;
  else if (segment.name === 'RXR') group.rxr ??= segment;
}

/** NTE-3, its repetitions as lines. */
export const noteText = (nte: Segment): string =>
  Array.from({ length: repetitions(nte, 3) }, (_, n) => value(nte, 3, 1, 1, n + 1))
    .join('\n')
    .trim();

function shareRoutes(group: OrderGroup): void {
  let next: Segment | undefined;
  for (const administration of group.administrations.toReversed()) {
    next = administration.rxr ?? next;
    administration.rxr = next ?? group.rxr;
  }
}

/** An OBX with the text of the NTE behind it. */
export type Noted = { obx: Segment; notes: string[] };

export type ObservationGroup = {
  orc: Segment | undefined;
  obr: Segment | undefined;
  tq1: Segment | undefined;
  spm: Segment | undefined;
  results: Noted[];
  /** NTE behind the OBR. */
  notes: string[];
  /** Everything else, in its order (IPC, ZE1, ODS, …). */
  others: Segment[];
};

/**
 * Splits a message at its ORC and OBR segments. The first group is what stands before them all. A specimen before the orders
 * (OUL, OML) is that of those behind it; one behind the results (ORU) is that of its order. OUL puts the ORC behind the OBR.
 */
export function observationGroups(segments: readonly Segment[]): ObservationGroup[] {
  const isSpecimenFirst = segments.find(({ name }) => name === 'SPM' || name === 'OBR')?.name === 'SPM';
  let spm: Segment | undefined;
  let group = emptyGroup();
  const groups = [group];
  const next = () => {
    group = { ...emptyGroup(), spm };
    groups.push(group);
  };
  for (const segment of segments) {
    if (segment.name === 'SPM') {
      if (isSpecimenFirst) spm = segment;
      else group.spm ??= segment;
    } else if (segment.name === 'ORC') {
      if (!group.obr || group.orc || group.results.length > 0) next();
      group.orc = segment;
    } else if (segment.name === 'OBR') {
      if (!group.orc || group.obr) next();
      group.obr = segment;
    } else addResult(group, segment);
  }
  return groups;
}

const emptyGroup = (): ObservationGroup => ({
  orc: undefined,
  obr: undefined,
  tq1: undefined,
  spm: undefined,
  results: [],
  notes: [],
  others: [],
});

function addResult(group: ObservationGroup, segment: Segment): void {
  const last = group.results.at(-1);
  if (segment.name === 'OBX') group.results.push({ obx: segment, notes: [] });
  else if (segment.name === 'NTE') {
    if (noteText(segment)) (last?.notes ?? group.notes).push(noteText(segment));
  } else if (segment.name === 'TQ1') group.tq1 ??= segment;
  else group.others.push(segment);
}
