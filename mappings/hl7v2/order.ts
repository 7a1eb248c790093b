// The order groups of RAS, RDE and VXU: an ORC and what follows it. HL7 v2.5 chapter 4 (RDE_O11, RAS_O17, VXU_V04).

import type { Segment } from './message.ts';

export type Administration = { rxa: Segment; rxr: Segment | undefined; obx: Segment[] };

export type OrderGroup = {
  orc: Segment | undefined;
  rxe: Segment | undefined;
  tq1: Segment | undefined;
  /** Route of the order: an RXR before the first RXA. */
  rxr: Segment | undefined;
  rxc: Segment[];
  administrations: Administration[];
};

/**
 * Splits a message at its ORC segments. An RXR behind an RXA belongs to it, and to the RXAs just before it that have none
 * (SS-MIX2 writes one RXR for several); an RXA without any takes the route of the order.
 */
export function orderGroups(segments: readonly Segment[]): OrderGroup[] {
  const groups: OrderGroup[] = [];
  let group: OrderGroup | undefined;
  for (const segment of segments) {
    if (segment.name === 'ORC' || (!group && (segment.name === 'RXA' || segment.name === 'RXE'))) {
      group = { orc: undefined, rxe: undefined, tq1: undefined, rxr: undefined, rxc: [], administrations: [] };
      groups.push(group);
    }
    if (group) addTo(group, segment);
  }
  for (const each of groups) shareRoutes(each);
  return groups;
}

function addTo(group: OrderGroup, segment: Segment): void {
  const last = group.administrations.at(-1);
  if (segment.name === 'ORC') group.orc = segment;
  else if (segment.name === 'RXE') group.rxe = segment;
  else if (segment.name === 'TQ1') group.tq1 ??= segment;
  else if (segment.name === 'RXC') group.rxc.push(segment);
  else if (segment.name === 'RXA') group.administrations.push({ rxa: segment, rxr: undefined, obx: [] });
  else if (segment.name === 'OBX') last?.obx.push(segment);
  else if (segment.name === 'RXR' && last) last.rxr ??= segment;
  else if (segment.name === 'RXR') group.rxr ??= segment;
}

function shareRoutes(group: OrderGroup): void {
  let next: Segment | undefined;
  for (const administration of group.administrations.toReversed()) {
    next = administration.rxr ?? next;
    administration.rxr = next ?? group.rxr;
  }
}
