// The one way a connector hands something in: [base]/$deliver takes the original, what was read from it, and what was
// wrong with it, and answers with its fate. The server keeps the original first; connectors are clients like any other.

import type { BundleEntry } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { tryDecode } from '../mappings/charset.ts';
import {
  type MappedRecord,
  MyNumberFound,
  type PatientTarget,
  type SentMessage,
  UnreadableInput,
} from '../mappings/record.ts';
import { rangeOf } from '../server/fhir/date-range.ts';
import type { JsonObject } from '../server/fhir/json.ts';
import { redactTwelveDigits } from '../server/fhir/my-number-text.ts';
import { diagnosticsOf, partsIn, responseOf } from './answer.ts';

export type Delivery = {
  /** Whose record; undefined when the source does not say. */
  patient: PatientTarget | undefined;
  original: Uint8Array;
  contentType: string;
  /** Undefined when nothing could be read from the original. */
  record: BundleEntry[] | undefined;
  /** What was not taken over, or why nothing was. */
  problem: string | undefined;
  /** What the sender calls this message, and when it made it. */
  message?: SentMessage;
  /** It is stored already and was mapped anew: it is to be stored once more. */
  isAgain?: boolean;
};

export type Fate = 'stored' | 'waiting' | 'refused';

export type Receipt = {
  /** Key under which the server keeps the delivery; '' when it did not tell. */
  delivery: string;
  fate: Fate;
  reason?: string;
};

/** Resolves once the server has kept the delivery. Throws DeliveryFailed when it did not: try again later. */
export type Deliver = (delivery: Delivery) => Promise<Receipt>;

/** The same for several at once, with a receipt for each in their order. Throws DeliveryFailed when none of them may have been kept. */
export type DeliverAll = (deliveries: readonly Delivery[]) => Promise<Receipt[]>;

/** The server did not keep the delivery (unreachable, 5xx, 401, …). The message is safe to show. */
export class DeliveryFailed extends Error {
  readonly status: number | undefined;
  constructor(message: string, status: number | undefined, cause?: unknown) {
    super(message, { cause });
    this.name = 'DeliveryFailed';
    this.status = status;
  }
}

/** No answer came: try again later. */
export const notReached = (cause: unknown): DeliveryFailed =>
  new DeliveryFailed('The server could not be reached or did not answer in time.', undefined, cause);

/** A client with its token. `timeoutMs` is for one request; a message that was not answered counts as not kept. */
export function createDeliver(options: { fhirBase: string; token: string; timeoutMs?: number }): Deliver {
  const client = new Client({ baseUrl: options.fhirBase, bearerToken: options.token });
  return (delivery) => deliver(client, delivery, options.timeoutMs);
}

/** Many at once, for what comes in bulk: a storage, a busy line. At most 500. */
export function createDeliverAll(options: { fhirBase: string; token: string; timeoutMs?: number }): DeliverAll {
  const client = new Client({ baseUrl: options.fhirBase, bearerToken: options.token });
  return async (deliveries) => {
    if (deliveries.length === 0) return [];
    const parameter = deliveries.map((one) => ({ name: 'delivery', part: partsOf(one) }));
    const answer = await call(client, { resourceType: 'Parameters', parameter }, options.timeoutMs);
    const receipts = partsIn(answer, 'parameter').map((one) => readReceipt(partsIn(one, 'part')));
    if (receipts.length !== deliveries.length)
      throw new DeliveryFailed('The server did not say what became of each delivery.', 200);
    return receipts;
  };
}

/** Hands one delivery to the server behind `client`. */
export async function deliver(client: Client, delivery: Delivery, timeoutMs?: number): Promise<Receipt> {
  try {
    const answer = await call(client, deliverBody(delivery), timeoutMs);
    return readReceipt(partsIn(answer, 'parameter'));
  } catch (error) {
    if (error instanceof DeliveryFailed && error.status === 422) return readRefusal(responseOf(error.cause).data);
    throw error;
  }
}

async function call(
  client: Client,
  input: JsonObject & { resourceType: string },
  timeoutMs = 60_000,
): Promise<unknown> {
  try {
    // fhir-kit-client writes the body with JSON.stringify, which keeps exact numbers (3.050) as they were sent.
    return await client.operation({ name: 'deliver', input, options: { signal: AbortSignal.timeout(timeoutMs) } });
  } catch (error) {
    const { status, data } = responseOf(error);
    if (status === undefined) throw notReached(error);
    throw new DeliveryFailed(failureText(status, data), status, error);
  }
}

/** A delivery of what a mapping made: no entries and a problem means that only the original is handed in. */
export function deliveryOf(
  mapped: MappedRecord,
  from: { original: Uint8Array; contentType: string; patient?: PatientTarget },
): Delivery {
  const patient = from.patient ?? (mapped.patient && { identifier: mapped.patient });
  const problem = mapped.problems.join(' ') || undefined;
  const record = mapped.entries.length > 0 || !problem ? mapped.entries : undefined;
  const message = mapped.message && { message: mapped.message };
  return { patient, original: from.original, contentType: from.contentType, record, problem, ...message };
}

/** A delivery of an original with what `map` makes of it; where that throws, of the original alone (`unreadable`). */
export function mappedDelivery(
  map: (original: Uint8Array) => MappedRecord,
  from: Parameters<typeof unreadable>[1],
): Delivery {
  try {
    return deliveryOf(map(from.original), from);
  } catch (error) {
    return unreadable(error, from);
  }
}

/**
 * A delivery of an original that could not be read. A My Number in it is blanked out before it leaves this process; of an
 * error that is no UnreadableInput only the name is told, for its message may quote the original.
 */
export function unreadable(
  error: unknown,
  from: { original: Uint8Array; contentType: string; patient?: PatientTarget },
): Delivery {
  const original = error instanceof MyNumberFound ? withoutMyNumber(from.original) : from.original;
  const name = error instanceof Error ? error.name : 'unknown error';
  const problem =
    error instanceof UnreadableInput ? error.message : `It could not be mapped (${name}, an error on our side).`;
  return { ...from, patient: from.patient, original, record: undefined, problem };
}

// Digits are single bytes in every character set we read, so the bytes around them stay as they are; full-width digits
// are not, and then nothing of the original is kept.
function withoutMyNumber(original: Uint8Array): Uint8Array {
  const redacted = Buffer.from(redactTwelveDigits(Buffer.from(original).toString('latin1')), 'latin1');
  const texts = (['utf-8', 'shift_jis', 'iso-2022-jp'] as const).map((charset) => tryDecode(redacted, charset) ?? '');
  const isClean = texts.every((text) => redactTwelveDigits(text) === text);
  return isClean ? redacted : Buffer.from('The original held a My Number and was not kept.');
}

/** The body of $deliver for one delivery. */
export function deliverBody(delivery: Delivery): JsonObject & { resourceType: string } {
  return { resourceType: 'Parameters', parameter: partsOf(delivery) };
}

/** A delivery as the parameters of $deliver. */
export function partsOf({ patient, original, contentType, record, problem, message, isAgain }: Delivery): JsonObject[] {
  const entry = record && record.length > 0 ? { entry: record } : {};
  return [
    ...(patient ? [{ name: 'patient', ...patientValue(patient) }] : []),
    { name: 'original', resource: { resourceType: 'Binary', contentType, data: base64(original) } },
    ...(record ? [{ name: 'record', resource: { resourceType: 'Bundle', type: 'transaction', ...entry } }] : []),
    ...(problem ? [{ name: 'problem', valueString: problem }] : []),
    ...(message?.id ? [{ name: 'message', valueString: message.id.slice(0, 500).toWellFormed() }] : []),
    ...(message && rangeOf(message.time) ? [{ name: 'sent', valueDateTime: message.time }] : []),
    ...(isAgain ? [{ name: 'again', valueBoolean: true }] : []),
  ];
}

const patientValue = (patient: PatientTarget) =>
  'reference' in patient
    ? { valueReference: { reference: patient.reference } }
    : { valueIdentifier: patient.identifier };

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

function readReceipt(parts: readonly JsonObject[]): Receipt {
  const text = (name: string, element: string): string => {
    const value = parts.find((part) => part.name === name)?.[element];
    return typeof value === 'string' ? value : '';
  };
  const fate = text('fate', 'valueCode');
  if (fate !== 'stored' && fate !== 'waiting' && fate !== 'refused') {
    throw new DeliveryFailed('The server did not say what became of the delivery.', 200);
  }
  const reason = text('reason', 'valueString');
  return { delivery: text('delivery', 'valueString'), fate, ...(reason && { reason }) };
}

// Kept, but not taken into the record.
function readRefusal(outcome: unknown): Receipt {
  const reason = diagnosticsOf(outcome);
  // The outcome names the delivery in its text; an id is the only UUID there.
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(reason)?.[0] ?? '';
  return { delivery: id, fate: 'refused', reason: reason || 'The server refused the record.' };
}

function failureText(status: number, outcome: unknown): string {
  if (status === 401) return 'The server does not accept the access token (401).';
  // What is wrong with a request is said to who sent it; what is wrong inside the server is in its own log.
  const why = status < 500 ? diagnosticsOf(outcome) : '';
  return `The server did not keep the delivery (HTTP ${status}).${why && ` ${why}`}`;
}
