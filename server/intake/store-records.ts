// What was mapped from deliveries, written for their patients: all of it in one transaction. Of several messages about one thing
// (one identifier) the one made last stands, in whatever order they come (store/source-items.ts).

import { type Access, reachOf } from '../access/access.ts';
import { patientsOf } from '../fhir/compartments.ts';
import type { JsonObject } from '../fhir/json.ts';
import { businessRule, unavailable } from '../fhir/outcome.ts';
import { localReference, referencesOf } from '../fhir/references.ts';
import type { Fhir } from '../interaction/request.ts';
import { keyOf } from '../search/keys.ts';
import { type Kept, receivedAt } from '../store/deliveries.ts';
import type { ClientBase } from '../store/pool.ts';
import { itemKey, type NewItem, type SourceItem, type Stand, supersedes } from '../store/source-items.ts';
import { type DeliveredChange, recordChanges } from './delivered-record.ts';
import type { Intake } from './intake.ts';
import { isWhole, organizationOf } from './may-deliver.ts';

export type ToStore = {
  request: string;
  records: readonly { delivery: Kept; patient: string }[];
  /** Says what became of the deliveries, in the same transaction. False when somebody else has said it meanwhile. */
  settle: (client: ClientBase) => Promise<boolean>;
  intake: Pick<Intake, 'deliveries' | 'items'>;
};

/** Thrown, with nothing stored, when somebody else has settled one of the deliveries meanwhile. */
export const keptMeanwhile = new Error('a delivery was settled by somebody else');
const movedMeanwhile = new Error('a thing was reported by somebody else meanwhile');
const mostAttempts = 50;

/** Throws what refuses the write; nothing is stored then. */
export async function storeRecords(
  fhir: Pick<Fhir, 'write' | 'nowMs'>,
  access: Access,
  { request, records, settle, intake }: ToStore,
): Promise<void> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const { changes, items } = await decide(fhir, access, records, intake);
    try {
      await fhir.write(access, changes, {
        request,
        isBundle: true,
        alongside: async (client, written) => {
          await refuseMissing(intake, records, client);
          if (!(await settle(client))) throw keptMeanwhile;
          const stand = items.map(({ at, ...item }) => ({ ...item, id: written[at]?.id ?? '' }));
          if (!(await intake.items.put(client, stand))) throw movedMeanwhile;
        },
      });
      return;
    } catch (error) {
      if (error !== movedMeanwhile) throw error;
    }
  }
  throw unavailable();
}

/**
 * A record without its Patient would be found by nobody: a wrong id, or a Patient deleted since its number was linked. It is said
 * behind the rights, so that whoever has none does not learn which ids there are.
 */
async function refuseMissing({ deliveries }: ToStore['intake'], records: ToStore['records'], client: ClientBase) {
  const patients = [...new Set(records.map(({ patient }) => patient))];
  if ((await deliveries.patientsHere(patients, client)) < patients.length)
    throw businessRule('there is no such Patient here');
}

/** A thing that a change reports: `stands` is what stood of it before, `stand` the message that reports it. */
type Reported = { patient: string; item: Buffer; stand: Stand; stands: SourceItem | undefined };
type Reporting = { change: DeliveredChange; reported: Reported | undefined };

/** What is to be written, and what then stands; `at`: its place among the changes. */
async function decide(
  { nowMs }: Pick<Fhir, 'nowMs'>,
  access: Access,
  records: ToStore['records'],
  { items }: ToStore['intake'],
): Promise<{ changes: DeliveredChange[]; items: (Omit<NewItem, 'id'> & { at: number })[] }> {
  const read = records.map(({ delivery, patient }) => {
    const { changes, provenance } = recordChanges(delivery, patient);
    const stand = standOf(delivery, nowMs());
    return {
      reporting: changes.map((change) => ({ change, item: itemOf(change, patient) })),
      provenance,
      patient,
      stand,
    };
  });
  const places = read.flatMap(({ reporting, patient }) =>
    reporting.flatMap(({ item }) => (item ? [{ patient, item }] : [])),
  );
  const standing = await items.at(places);
  let next = 0;
  const all = read.map(({ reporting, provenance, patient, stand }) => ({
    provenance,
    reporting: reporting.map(({ change, item }): Reporting => {
      const reported = item && { patient, item, stand, stands: standing[next++] };
      return { change, reported };
    }),
  }));
  const winners = winnersOf(all.flatMap(({ reporting }) => reporting));
  const changes: DeliveredChange[] = [];
  const put: (Omit<NewItem, 'id'> & { at: number })[] = [];
  for (const { reporting, provenance } of all) {
    const renamed = new Map<string, string>();
    const own: DeliveredChange[] = [];
    for (const { change, reported } of reporting) {
      const winner = reported && winners.get(nameOf(reported));
      const stands = reported?.stands;
      if (!reported) own.push(change);
      else if (winner !== change) renamed.set(change.fullUrl, winner?.fullUrl ?? literal(change, stands));
      else if (stands?.isThere && !mayReplace(access, change, stands))
        renamed.set(change.fullUrl, literal(change, stands));
      else {
        const { patient, item, stand } = reported;
        put.push({ at: changes.length + own.length, type: change.type, patient, item, ...stand, before: stands });
        own.push(stands?.isThere ? replacing(change, stands.id) : creating(change));
      }
    }
    for (const { resource } of [...own, provenance]) if (resource) rename(resource, renamed);
    changes.push(...own, provenance);
  }
  return { changes, items: put };
}

/** Of each thing the change that is to stand; none where what stands already was made later. */
function winnersOf(reporting: readonly Reporting[]): Map<string, DeliveredChange> {
  const best = new Map<string, { change: DeliveredChange; stand: Stand }>();
  for (const { change, reported } of reporting) {
    if (!reported) continue;
    const { stand, stands } = reported;
    if (stands?.isThere && !supersedes(stand, stands)) continue;
    const name = nameOf(reported);
    const other = best.get(name);
    if (!other || supersedes(stand, other.stand)) best.set(name, { change, stand });
  }
  return new Map([...best].map(([name, { change }]) => [name, change]));
}

const nameOf = ({ patient, item }: Reported): string => `${patient}|${item.toString('base64')}`;

const literal = ({ type }: DeliveredChange, stands: SourceItem | undefined): string => `${type}/${stands?.id}`;

/** When a sender's clock runs ahead of ours by more than a day, it is the time of arrival that counts. */
function standOf(delivery: Kept, nowMs: number): Stand {
  const { sent, digest } = delivery;
  const isBelieved = sent !== undefined && Date.parse(sent) <= nowMs + dayMs;
  return { sent: isBelieved ? sent : receivedAt(delivery), digest };
}

const dayMs = 86_400_000;

/** The thing that a conditional create or update by one identifier reports of this patient. */
function itemOf({ type, match, ifNoneExist, resource }: DeliveredChange, patient: string): Buffer | undefined {
  const criteria = new URLSearchParams(ifNoneExist ?? match ?? '');
  const [[name, value] = [], ...more] = [...criteria];
  const [, system, text] = /^([^|]+)\|(.+)$/s.exec(value ?? '') ?? [];
  if (name !== 'identifier' || more.length > 0 || system === undefined || text === undefined) return undefined;
  if (!resource || !patientsOf(resource).some((reference) => isPatient(reference, patient))) return undefined;
  return itemKey(type, system, text.replace(/\\(.)/g, '$1'));
}

const isPatient = (reference: string, patient: string): boolean => localReference(reference)?.id === patient;

/** What another organization wrote stays its own; and to replace takes a right that to create does not. */
function mayReplace(access: Access, { method, type }: DeliveredChange, { organization }: SourceItem): boolean {
  // An update that its sender has no right to is refused by the write, with the reason.
  if (method === 'update') return true;
  const own = organizationOf(access);
  const isOwn = organization === (own === undefined ? undefined : keyOf('Organization', own));
  return isOwn && isWhole(reachOf(access, 'update', type));
}

function creating({ match: _, ifNoneExist: __, id: ___, ...change }: DeliveredChange): DeliveredChange {
  return { ...change, method: 'create' };
}

function replacing(change: DeliveredChange, id: string): DeliveredChange {
  return { ...creating(change), method: 'update', id, resource: { ...change.resource, id } };
}

function rename(resource: JsonObject, renamed: ReadonlyMap<string, string>): void {
  if (renamed.size === 0) return;
  for (const node of referencesOf(resource)) node.reference = renamed.get(node.reference) ?? node.reference;
}
