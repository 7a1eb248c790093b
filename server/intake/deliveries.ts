// What became of deliveries, for those who made them: $delivery shows one with its original, $deliveries lists them, among them those
// that a person should look at, and $reviewed says that one has.

import { type Access, reachOf } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, forbidden, notFound } from '../fhir/outcome.ts';
import { auditOf, auditOfMany } from '../interaction/audited.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { keyOf, nobody } from '../search/keys.ts';
import type { Delivery, Fate, Kept, Listed, Settled, Wanted } from '../store/deliveries.ts';
import { fateParameters } from './deliver.ts';
import type { Intake } from './intake.ts';
import { mayDeliver, organizationOf } from './may-deliver.ts';

/** Looks up a delivery: what became of it, and the original. Only for the client that made it, or those of its organization. */
export function delivery(intake: Intake): Operation {
  return {
    code: 'delivery',
    definition: `${CANONICAL}/OperationDefinition/delivery`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const found = await ownDelivery(fhir, request, intake, new URLSearchParams(request.query).get('id') ?? '');
      await fhir.audit([await lookedAt(fhir, request, intake, found)]);
      const original = {
        resourceType: 'Binary',
        contentType: found.contentType,
        data: found.original.toString('base64'),
      };
      const addressed =
        found.source === ''
          ? []
          : found.source === 'Patient'
            ? [{ name: 'patient', valueReference: { reference: `Patient/${found.number}` } }]
            : [{ name: 'patient', valueIdentifier: { system: found.source, value: found.number } }];
      const parameter = [
        ...fateParameters(found),
        ...sentParameters(found),
        ...addressed,
        { name: 'original', resource: original },
      ];
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

/**
 * Lists a sender's own deliveries in the order in which they arrived, without their originals. What it calls its messages may hold its
 * patient numbers: to look at the list is to look at something of each of these patients.
 */
export function deliveries(intake: Intake): Operation {
  return {
    code: 'deliveries',
    definition: `${CANONICAL}/OperationDefinition/deliveries`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const { query, access } = request;
      mayDeliver(access, undefined);
      const listed = await intake.deliveries.list({
        ...readWanted(new URLSearchParams(query)),
        sender: senderOf(access),
      });
      await fhir.audit(auditOfMany(fhir, request, 'deliveries', 'Binary', await ownersOf(intake, listed)));
      const parameter = listed.map((one) => ({
        name: 'delivery',
        part: [...fateParameters(one), ...sentParameters(one), ...sizeOf(one)],
      }));
      return {
        status: 200,
        body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
      };
    },
  };
}

/** Takes a delivery off the list of those to be looked at. Nothing else of it changes. */
export function reviewed(intake: Intake): Operation {
  return {
    code: 'reviewed',
    definition: `${CANONICAL}/OperationDefinition/reviewed`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      const id = single(readParameters(request.body, ['delivery']), 'delivery')?.valueString;
      if (typeof id !== 'string') throw required('delivery', 'valueString');
      const found = await ownDelivery(fhir, request, intake, id);
      await fhir.audit([await lookedAt(fhir, request, intake, found)]);
      await intake.deliveries.review(found.id);
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter: fateParameters(found) }) };
    },
  };
}

/** Throws 404 for what is not there, and what others have delivered. */
async function ownDelivery(
  fhir: Fhir,
  { access }: FhirRequest,
  { deliveries }: Intake,
  id: string,
): Promise<Kept & Settled> {
  const found = /^[0-9a-f-]{36}$/.test(id) ? await deliveries.of(id) : undefined;
  if (!found || !isSender(access, found) || !(await isOfOwnFamily(fhir, access, found)))
    throw notFound(`the delivery ${id}`);
  return found;
}

/** Many families use one app: of what it has delivered each sees what is about a Patient whom it sees. */
async function isOfOwnFamily({ reader }: Fhir, access: Access, { source, number }: Delivery): Promise<boolean> {
  const isFamily = organizationOf(access) === undefined && (access.caller ?? access.patient) !== undefined;
  if (!isFamily) return true;
  if (source !== 'Patient') return false;
  return (await reader.current('Patient', number, reachOf(access, 'read', 'Patient')))?.content !== undefined;
}

async function lookedAt(fhir: Fhir, request: FhirRequest, intake: Intake, found: Kept) {
  const [owner] = await ownersOf(intake, [found]);
  return auditOf(fhir, request, 'delivery', 'Binary', { key: found.id, owner: owner ?? nobody });
}

/** Whose record each is about, as far as a family has linked its number. */
async function ownersOf(
  { links }: Intake,
  found: readonly Pick<Delivery, 'source' | 'number' | 'organization'>[],
): Promise<string[]> {
  const linked = await links.patientsOf(found);
  return found.map(({ source, number }, n) => {
    const patient = source === 'Patient' ? number : linked[n];
    return patient === undefined ? nobody : keyOf('Patient', patient);
  });
}

const isSender = (access: Access, { client, organization }: Delivery): boolean =>
  organization === undefined ? client === access.client : organization === organizationOf(access);

function senderOf(access: Access): Wanted['sender'] {
  const organization = organizationOf(access);
  if (organization === undefined && access.caller !== undefined) throw forbidden('$deliveries is for facilities');
  return { client: access.client, organization };
}

const fates: readonly Fate[] = ['waiting', 'stored', 'refused'];
const mostListed = 1000;

function readWanted(query: URLSearchParams): Omit<Wanted, 'sender'> {
  for (const name of query.keys())
    if (!['fate', 'review', 'after', '_count'].includes(name))
      throw badRequest(`There is no parameter "${name}". Known: fate, review, after, _count`, 'not-supported');
  const fate = fates.find((one) => one === query.get('fate'));
  if (query.has('fate') && !fate) throw badRequest(`"fate" must be one of ${fates.join(', ')}`, 'value');
  const review = query.get('review') ?? 'false';
  if (review !== 'true' && review !== 'false') throw badRequest('"review" must be true or false', 'value');
  const after = query.get('after') ?? nobody;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(after))
    throw badRequest('"after" must be the id of a delivery', 'value');
  const count = query.get('_count') ?? '100';
  if (!/^\d{1,4}$/.test(count)) throw badRequest('"_count" must be a number', 'value');
  return { fate, forReview: review === 'true', after, limit: Math.min(mostListed, Math.max(1, Number(count))) };
}

function sentParameters({ message, sent, contentType }: Pick<Listed, 'message' | 'sent' | 'contentType'>) {
  return [
    { name: 'contentType', valueCode: contentType },
    ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
    ...(sent === undefined ? [] : [{ name: 'sent', valueDateTime: sent }]),
  ];
}

const sizeOf = ({ bytes }: Listed) => [{ name: 'bytes', valueInteger: bytes }];
