// What a connector handed in before: the list of its deliveries, and one with its original, to be looked at or mapped anew.

import { Client } from 'fhir-kit-client';
import { type PatientTarget, UnreadableInput } from '../mappings/record.ts';
import { isObject, type JsonObject } from '../server/fhir/json.ts';
import { partsIn, responseOf } from './answer.ts';
import { DeliveryFailed, type Fate, notReached } from './deliver.ts';

export type Delivered = {
  id: string;
  fate: Fate;
  reason: string;
  contentType: string;
  /** What the sender calls the message, '' when it does not. */
  message: string;
  sent: string;
};

type Server = { fhirBase: string; token: string };
type Wanted = { fate?: Fate | undefined; review?: boolean | undefined };

const atATime = 500;

/** A client's own deliveries in the order in which they arrived. Throws DeliveryFailed when the server does not say. */
export async function* deliveredTo(server: Server, { fate, review }: Wanted): AsyncGenerator<Delivered> {
  let after: string | undefined;
  for (;;) {
    const query = new URLSearchParams({ _count: String(atATime) });
    if (fate !== undefined) query.set('fate', fate);
    if (review) query.set('review', 'true');
    if (after !== undefined) query.set('after', after);
    const page = partsIn(await ask(server, `$deliveries?${query}`), 'parameter').map((one) =>
      deliveredOf(partsIn(one, 'part')),
    );
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < atATime) return;
  }
}

/** One of them with its original and whom it is about. */
export async function deliveredWithOriginal(
  server: Server,
  id: string,
): Promise<Delivered & { original: Uint8Array; patient: PatientTarget | undefined }> {
  const parts = partsIn(await ask(server, `$delivery?id=${encodeURIComponent(id)}`), 'parameter');
  const binary = parts.find(({ name }) => name === 'original')?.resource;
  if (!isObject(binary) || typeof binary.data !== 'string') throw new UnreadableInput('The delivery has no original.');
  return { ...deliveredOf(parts), original: Buffer.from(binary.data, 'base64'), patient: patientOf(parts) };
}

function patientOf(parts: readonly JsonObject[]): PatientTarget | undefined {
  const { valueReference, valueIdentifier } = parts.find(({ name }) => name === 'patient') ?? {};
  if (isObject(valueReference)) return { reference: String(valueReference.reference) };
  if (!isObject(valueIdentifier)) return undefined;
  return { identifier: { system: String(valueIdentifier.system), value: String(valueIdentifier.value) } };
}

function deliveredOf(parts: readonly JsonObject[]): Delivered {
  const text = (name: string, element = 'valueString'): string => {
    const value = parts.find((part) => part.name === name)?.[element];
    return typeof value === 'string' ? value : '';
  };
  return {
    id: text('delivery'),
    fate: text('fate', 'valueCode') as Fate,
    reason: text('reason'),
    contentType: text('contentType', 'valueCode'),
    message: text('message'),
    sent: text('sent', 'valueDateTime'),
  };
}

async function ask({ fhirBase, token }: Server, path: string): Promise<unknown> {
  const client = new Client({ baseUrl: fhirBase, bearerToken: token });
  try {
    return await client.request(path, { options: { signal: AbortSignal.timeout(60_000) } });
  } catch (error) {
    const { status } = responseOf(error);
    if (status === undefined) throw notReached(error);
    throw new DeliveryFailed(`The server answered HTTP ${status}.`, status, error);
  }
}
