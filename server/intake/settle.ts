// The fate of deliveries, decided for many at once: stored for those whose number is linked, waiting for the others, refused
// with its reason for what cannot become a record. The same message again has the fate that it had.

import { type Access, reachOf } from '../access/access.ts';
import { OperationOutcomeError, unavailable } from '../fhir/outcome.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { rightOf } from '../store/change.ts';
import type { Earlier, Fated, Kept, Settled } from '../store/deliveries.ts';
import { judgedFor } from '../store/judged-for.ts';
import type { ClientBase } from '../store/pool.ts';
import { validateInForce } from '../validation/in-force.ts';
import { errorsOf } from '../validation/strictness.ts';
import { recordChanges } from './delivered-record.ts';
import type { Intake } from './intake.ts';
import { isWhole } from './may-deliver.ts';
import type { Addressee } from './read-deliveries.ts';
import { keptMeanwhile, storeRecords } from './store-records.ts';

/** A delivery with what its connector could not take over, although it mapped the rest. */
export type Received = { delivery: Kept; patient: Addressee; problem: string | undefined; isAgain: boolean };

/** A fate for each, in their order. Throws what keeps one of them from having a fate at all. */
export async function settleAll(
  fhir: Fhir,
  request: FhirRequest,
  intake: Intake,
  received: readonly Received[],
): Promise<Settled[]> {
  const settled = new Map<string, Settled>();
  let open = distinct(received);
  for (let attempt = 0; open.length > 0; attempt++) {
    if (attempt === mostAttempts) throw unavailable();
    const earlier = await intake.deliveries.earlierOf(open.map(({ delivery }) => delivery));
    const anew: Received[] = [];
    for (const [n, one] of open.entries()) {
      const known = earlier[n]?.settled;
      if (known && known.fate !== 'refused' && !one.isAgain) settled.set(nameOf(one), known);
      else anew.push(renewed(one, earlier[n]));
    }
    const done = await settleNew(fhir, request, intake, anew);
    for (const [n, one] of anew.entries()) {
      const fate = done[n];
      if (fate) settled.set(nameOf(one), fate);
    }
    // Those without a fate came a moment earlier by another request, and now have one, or at least an id.
    open = anew.filter((_one, n) => !done[n]);
  }
  return received.map((one) => settled.get(nameOf(one)) as Settled);
}

const mostAttempts = 50;

/** What tells one message from another. */
const nameOf = ({ delivery: { source, number, digest } }: Received): string =>
  `${source}|${number}|${digest.toString('base64')}`;

const distinct = (received: readonly Received[]): Received[] => [
  ...new Map(received.map((one) => [nameOf(one), one])).values(),
];

/** It keeps the id that it had, and says where its sender has used the message's id for something else. */
function renewed(one: Received, earlier: Earlier | undefined): Received {
  const delivery = { ...one.delivery, id: earlier?.settled?.id ?? one.delivery.id };
  const problems = [
    one.problem,
    earlier?.isIdUsed ? 'The id of the message stood on another content before.' : undefined,
  ];
  return { ...one, delivery, problem: problems.filter(Boolean).join(' ') || undefined };
}

async function settleNew(
  fhir: Fhir,
  request: FhirRequest,
  intake: Intake,
  received: readonly Received[],
): Promise<(Settled | undefined)[]> {
  const fates = new Map<Received, Settled | undefined>();
  const refuse = async (one: Received, reason: string) =>
    fates.set(one, await keepOne(intake, { ...fatedOf(one), fate: 'refused', reason }));
  const known: ToStore[] = [];
  const unknown: Received[] = [];
  const patients = await linkedPatients(intake, received);
  for (const [n, one] of received.entries()) {
    const patient = one.patient && 'id' in one.patient ? one.patient.id : patients[n];
    if (one.delivery.record === undefined || one.patient === undefined)
      await refuse(one, one.problem ?? 'it does not say whose it is');
    else if (patient !== undefined) known.push({ one, patient });
    else {
      const problem = problemOf(one, request.access);
      if (problem === undefined) unknown.push(one);
      else await refuse(one, problem);
    }
  }
  const waiting = unknown.length > 0 ? await waitOrStore(intake, unknown) : [];
  for (const [n, one] of unknown.entries()) {
    const found = waiting[n];
    if (found && 'patient' in found) known.push({ one, patient: found.patient });
    else fates.set(one, found);
  }
  for (const [one, fate] of await storeAll(fhir, request, intake, known)) fates.set(one, fate);
  return received.map((one) => fates.get(one));
}

const linkedPatients = ({ links }: Intake, received: readonly Received[]): Promise<(string | undefined)[]> =>
  links.patientsOf(received.map(({ delivery }) => delivery));

const fatedOf = ({ delivery, problem, isAgain }: Received): Fated => ({
  delivery,
  fate: 'stored',
  reason: problem,
  isAgain,
});

const settledOf = ({ delivery: { id }, fate, reason }: Fated): Settled => ({ id, fate, reason });

async function keepOne({ deliveries }: Intake, fated: Fated): Promise<Settled | undefined> {
  return (await deliveries.keep([fated])) ? settledOf(fated) : undefined;
}

/** The numbers may be linked at this very moment: decided under their locks, which a link takes as well. */
async function waitOrStore(
  intake: Intake,
  received: readonly Received[],
): Promise<(Settled | { patient: string } | undefined)[]> {
  const numbers = received.map(({ delivery }) => delivery);
  return intake.links.locked(numbers, async (client) => {
    const patients = await intake.links.patientsOf(numbers, client);
    const fated = received.map((one): Fated => ({ ...fatedOf(one), fate: 'waiting' }));
    const waiting = fated.filter((_, n) => patients[n] === undefined);
    const isKept = waiting.length === 0 || (await intake.deliveries.keep(waiting, client));
    // One of them came by another request meanwhile: then each by itself, so that only that one is looked at again.
    const alone = isKept ? undefined : await keepEach(intake, waiting, client);
    return fated.map((one, n) => {
      const patient = patients[n];
      if (patient !== undefined) return { patient };
      return isKept || alone?.has(one) ? settledOf(one) : undefined;
    });
  });
}

async function keepEach({ deliveries }: Intake, fated: readonly Fated[], client: ClientBase) {
  const kept = new Set<Fated>();
  for (const one of fated) if (await deliveries.keep([one], client)) kept.add(one);
  return kept;
}

type ToStore = { one: Received; patient: string };

/** All in one transaction; when that cannot be, each half in its own, so that in the end what is wrong with one refuses that one alone. */
async function storeAll(
  fhir: Fhir,
  request: FhirRequest,
  intake: Intake,
  list: readonly ToStore[],
): Promise<Map<Received, Settled | undefined>> {
  const fates = new Map<Received, Settled | undefined>();
  if (list.length === 0) return fates;
  const fated = list.map(({ one }) => fatedOf(one));
  try {
    await storeRecords(fhir, request.access, {
      request: request.id,
      records: list.map(({ one, patient }) => ({ delivery: one.delivery, patient })),
      settle: async (client) =>
        (await isStillLinked(intake, list, client)) && (await intake.deliveries.keep(fated, client)),
      intake,
    });
    for (const [n, { one }] of list.entries()) fates.set(one, settledOf(fated[n] as Fated));
  } catch (error) {
    if (list.length > 1) {
      const half = Math.ceil(list.length / 2);
      for (const part of [list.slice(0, half), list.slice(half)])
        for (const [one, fate] of await storeAll(fhir, request, intake, part)) fates.set(one, fate);
      return fates;
    }
    const [only] = list as [ToStore];
    if (error === keptMeanwhile) fates.set(only.one, undefined);
    else {
      if (!isRefusal(error)) throw error;
      // Whoever is no longer linked may add nothing, and that is no fault of the message: it waits.
      const isTheirs = await isStillLinked(intake, list);
      if (!isTheirs) fates.set(only.one, undefined);
      else fates.set(only.one, await keepOne(intake, { ...fatedOf(only.one), fate: 'refused', reason: error.message }));
    }
  }
  return fates;
}

/** False when a family has ended a link since it was looked up. */
async function isStillLinked({ links }: Intake, list: readonly ToStore[], client?: ClientBase): Promise<boolean> {
  const linked = list.filter(({ one }) => one.patient && 'source' in one.patient);
  if (linked.length === 0) return true;
  const now = await links.patientsOf(
    linked.map(({ one }) => one.delivery),
    client,
  );
  return linked.every(({ patient }, n) => patient === now[n]);
}

/** A collision with another change, and what is wrong on our side, pass; they are no reason to refuse. */
export const isRefusal = (error: unknown): error is OperationOutcomeError =>
  error instanceof OperationOutcomeError && error.status < 500 && error.status !== 409;

/**
 * What is wrong with a record is told to its sender now, not to a family months later. That includes the sender's rights:
 * what waits is taken in by the server itself.
 */
function problemOf({ delivery }: Received, access: Access): string | undefined {
  try {
    for (const { method, type, resource } of recordChanges(delivery, 'nobody').changes) {
      if (!isWhole(reachOf(access, rightOf(method), type)))
        return `${method} of ${type} is not in the scopes of this token`;
      const [fault] = resource ? errorsOf(judgedFor(access, resource, validateInForce)) : [];
      if (fault) return `${fault.expression.join(', ')}: ${fault.diagnostics}`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof OperationOutcomeError) return error.message;
    throw error;
  }
}
