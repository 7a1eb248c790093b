// The Parameters of $deliver: one delivery as its parameters, or many, each the parts of a `delivery`.

import { rangeOf } from '../fhir/date-range.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, tooCostly } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { identifierOf, readParameters, required, single } from '../interaction/parameters.ts';
import type { Delivery } from '../store/deliveries.ts';
import type { PatientNumber } from '../store/links.ts';

/** A message that nobody can read names nobody; it is kept all the same. */
export type Addressee = PatientNumber | { id: string } | undefined;

export type Given = Pick<Delivery, 'contentType' | 'original' | 'record' | 'message' | 'sent'> & {
  patient: Addressee;
  problem: string | undefined;
  /** Stored already, it is to be stored anew: its mapping has become better. */
  isAgain: boolean;
  /** What it was read from, for what is asked of all of it. */
  body: JsonObject;
};

export const mostTogether = 500;

const names = ['patient', 'original', 'record', 'problem', 'message', 'sent', 'again'];

/** Throws 400 for what is no delivery, 422 for more than 500. */
export function readDeliveries(body: unknown): Given[] {
  const parameters = readParameters(body, [...names, 'delivery']);
  const many = parameters.get('delivery');
  if (many === undefined) return [readDelivery(parameters, body as JsonObject)];
  if (parameters.size > 1) throw badRequest('Beside "delivery" there is no other parameter', 'invalid');
  if (many.length > mostTogether) throw tooCostly(`More than ${mostTogether} deliveries in a request`);
  return many.map((one) => {
    const parts = { resourceType: 'Parameters', parameter: one.part };
    return readDelivery(readParameters(parts, names), parts);
  });
}

function readDelivery(parameters: ReadonlyMap<string, JsonObject[]>, body: JsonObject): Given {
  const binary = single(parameters, 'original')?.resource;
  if (!isObject(binary) || typeof binary.data !== 'string' || typeof binary.contentType !== 'string') {
    throw required('original', 'a Binary with contentType and data');
  }
  const original = Buffer.from(binary.data, 'base64');
  if (original.length === 0) throw required('original', 'a Binary that is not empty');
  const record = single(parameters, 'record')?.resource;
  const problem = single(parameters, 'problem')?.valueString;
  if (
    record !== undefined &&
    (!isObject(record) || record.resourceType !== 'Bundle' || record.type !== 'transaction')
  ) {
    throw badRequest('"record" must be a transaction Bundle', 'invalid');
  }
  if (record === undefined && typeof problem !== 'string')
    throw required('record', 'a transaction Bundle, or "problem" instead');
  const patient = addressee(single(parameters, 'patient'));
  const isTooLong = patient !== undefined && 'source' in patient && isLong(patient);
  return {
    patient: isTooLong ? undefined : patient,
    contentType: binary.contentType,
    original,
    record: isTooLong ? undefined : record && JSON.stringify(record),
    problem: isTooLong ? tooLong : typeof problem === 'string' ? problem : undefined,
    message: messageOf(single(parameters, 'message')),
    sent: sentOf(single(parameters, 'sent')),
    isAgain: single(parameters, 'again')?.valueBoolean === true,
    body,
  };
}

function addressee(parameter: JsonObject | undefined): Addressee {
  if (parameter === undefined) return undefined;
  if (isObject(parameter?.valueReference)) {
    const local = localReference(String(parameter.valueReference.reference ?? ''));
    if (local?.type !== 'Patient') throw required('patient', 'a reference to a Patient');
    return { id: local.id };
  }
  const { system, value } = identifierOf(parameter, 'patient');
  return { source: system, number: value };
}

/** Deliveries are found by it. One that is longer than any is kept, for its sender to look at, and is nobody's. */
const mostNumberBytes = 500;
const tooLong = `its patient number, or the system of that, is longer than ${mostNumberBytes} bytes`;
const isLong = ({ source, number }: PatientNumber): boolean =>
  [source, number].some((text) => Buffer.byteLength(text) > mostNumberBytes);

function messageOf(parameter: JsonObject | undefined): string | undefined {
  if (parameter === undefined) return undefined;
  const { valueString: text } = parameter;
  if (typeof text !== 'string' || text === '' || text.length > 500)
    throw required('message', 'valueString of at most 500 characters');
  return text;
}

/** A day stands for its beginning, in Japan. */
function sentOf(parameter: JsonObject | undefined): string | undefined {
  if (parameter === undefined) return undefined;
  const { valueDateTime: text } = parameter;
  const range = typeof text === 'string' ? rangeOf(text) : undefined;
  if (!range) throw required('sent', 'valueDateTime');
  return new Date(range.lo).toISOString();
}
