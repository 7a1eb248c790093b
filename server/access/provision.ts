// One provision of a Consent -> the conditions of permissions: the table of decision 11, "Consents". A provision matches what all
// of its elements match; what is not understood makes a permit match nothing, and a denial match without it. Pure.

import { rangeOf } from '../fhir/date-range.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { localReference } from '../fhir/references.ts';
import { CONFIDENTIALITY, everyLabel, everySensitivity, labelBit, restricted, veryRestricted } from './labels.ts';
import type { Instant, Permission } from './permission.ts';
import { related } from './related.ts';

/** What a permission says besides whose, on what basis and for whom. */
export type Conditions = Omit<Permission, 'basis' | 'grantee' | 'patient' | 'level'>;

const notUnderstood = ['class', 'code', 'action', 'modifierExtension'];

/**
 * The provision as conditions of which one has to hold; empty: it matches nothing. A provision without a type denies, as
 * nothing is permitted that is not said to be.
 */
export function conditionsOf(provision: JsonObject): Conditions[] {
  const isDenial = provision.type !== 'permit';
  if (!isDenial && notUnderstood.some((name) => provision[name] !== undefined)) return [];
  const labels = isDenial ? deniedLabels(provision) : permittedLabels(provision);
  const dates = dataPeriodOf(provision.dataPeriod, isDenial);
  const entries = entriesOf(listOf(provision, 'data'), isDenial);
  if (!dates) return [];
  const purposes = actReasonsOf(provision);
  const common = {
    ...periodOf(provision.period),
    ...labels,
    ...dates,
    ...(purposes && { purposes }),
    ...(isDenial && { denies: true as const }),
  };
  return entries.map((some) => ({ ...common, ...some }));
}

/** The grantees that the provision names as recipients; undefined when it names no actor at all. */
export function granteesOf(provision: JsonObject, people: ReadonlyMap<string, string>): string[] | undefined {
  if (provision.actor === undefined) return undefined;
  const named = listOf(provision, 'actor')
    .filter(({ role }) => listOf(role, 'coding').some(isRecipient))
    .flatMap(({ reference }) => referenceOf(reference))
    .map((reference) => people.get(reference) ?? reference);
  return [...new Set(named)].filter((reference) => /^(?:Organization|Practitioner|Person)\//.test(reference));
}

const isRecipient = ({ system, code }: JsonObject): boolean =>
  system === 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType' && code === 'IRCP';

/** The codes of v3-ActReason among the purposes; undefined when there is no purpose. */
export function actReasonsOf(provision: unknown): string[] | undefined {
  if (!isObject(provision) || provision.purpose === undefined) return undefined;
  return listOf(provision, 'purpose').flatMap(({ system, code }) =>
    system === 'http://terminology.hl7.org/CodeSystem/v3-ActReason' && typeof code === 'string' ? [code] : [],
  );
}

/** From the start, until the end: that of a day is the end of it in Japan, that of an instant the instant. */
export function periodOf(period: unknown): { starts: Instant; ends: Instant } {
  const { start, end } = isObject(period) ? period : {};
  const first = typeof start === 'string' ? rangeOf(start)?.lo : undefined;
  const last = typeof end === 'string' ? rangeOf(end) : undefined;
  const endMs = last && (String(end).includes('T') ? last.lo : last.hi + 1);
  return { starts: instantOf(first) ?? '-infinity', ends: instantOf(endMs) ?? 'infinity' };
}

function dataPeriodOf(period: unknown, isDenial: boolean): Pick<Permission, 'dataFrom' | 'dataUntil'> | undefined {
  if (!isObject(period)) return {};
  const [from, until] = [period.start, period.end].map((one) => (typeof one === 'string' ? rangeOf(one) : undefined));
  const isUnderstood = (period.start === undefined || from) && (period.end === undefined || until);
  if (!isUnderstood) return isDenial ? {} : undefined;
  const dataFrom = instantOf(from?.lo);
  const dataUntil = instantOf(until && until.hi + 1);
  return { ...(dataFrom && { dataFrom }), ...(dataUntil && { dataUntil }) };
}

const instantOf = (ms: number | undefined): Instant | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

type Labels = Pick<Permission, 'normal' | 'labels'>;

/** The level must be named, a sensitivity naming R; where sensitivities are named, those of an entry must be among them. */
function permittedLabels(provision: JsonObject): Labels {
  if (provision.securityLabel === undefined) return { normal: true, labels: 0 };
  const { normal, labels } = namedLabels(provision);
  const sensitivities = labels & everySensitivity;
  const levels = labels & (restricted | veryRestricted);
  if (sensitivities !== 0) return { normal, labels: levels | restricted | sensitivities };
  return { normal, labels: levels === 0 ? 0 : levels | everySensitivity };
}

/** One of an entry's labels is named. */
function deniedLabels(provision: JsonObject): Labels {
  const named = namedLabels(provision);
  if (provision.securityLabel === undefined || named.isStrange) return { normal: true, labels: everyLabel };
  return { normal: named.normal, labels: named.labels };
}

/** `isStrange`: it names a label that no entry is known to have. */
function namedLabels(provision: JsonObject): Labels & { isStrange: boolean } {
  let labels = 0;
  let normal = false;
  let isStrange = false;
  for (const { system, code } of listOf(provision, 'securityLabel')) {
    const bit = labelBit(system, code);
    const isNormal = system === CONFIDENTIALITY && code === 'N';
    labels |= bit;
    normal ||= isNormal;
    isStrange ||= bit === 0 && !isNormal;
  }
  return { normal, labels, isStrange };
}

type Entries = Pick<Permission, 'instances' | 'marks' | 'authors'>;

/** Which entries `data` means: each is one of several ways. Without it all are meant. */
function entriesOf(data: readonly JsonObject[], isDenial: boolean): Entries[] {
  if (data.length === 0) return [{}];
  const ways = data.map(wayOf);
  if (isDenial && ways.includes(undefined)) return [{}];
  return ways.filter((way) => way !== undefined);
}

function wayOf({ meaning, reference }: JsonObject): Entries | undefined {
  const [target] = referenceOf(reference);
  if (target === undefined) return undefined;
  if (meaning === 'instance') return { instances: [target] };
  if (meaning === 'related') return { instances: [target], marks: related(target) };
  return meaning === 'authoredby' && target.startsWith('Organization/') ? { authors: [target] } : undefined;
}

/** `Type/id` of a literal reference to what is here; none for any other. */
function referenceOf(node: unknown): string[] {
  const local = isObject(node) ? localReference(String(node.reference ?? '')) : undefined;
  return local ? [`${local.type}/${local.id}`] : [];
}

/** The objects of a list inside an element that may not be there. */
export function listOf(node: unknown, name: string): JsonObject[] {
  const list = isObject(node) ? node[name] : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}
