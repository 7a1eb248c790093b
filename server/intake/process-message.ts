// $process-message: a FHIR message as its sender sends it. It has the fate of any delivery; the answer is a message that says which.
// FHIR R4 messaging, https://hl7.org/fhir/R4/messaging.html and https://hl7.org/fhir/R4/messageheader-operation-process-message.html

import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import { mayDeliver } from './may-deliver.ts';

type Needs = {
  deliver: Operation;
  /** The Parameters of $deliver for a message: whose it is, what was read from it, and what could not be. */
  deliveryOf: (original: Uint8Array) => JsonObject;
};

/** Sync only. A message that is refused is kept all the same, and answered with the refusal of $deliver. */
export function processMessage({ deliver, deliveryOf }: Needs): Operation {
  return {
    code: 'process-message',
    definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
    level: 'system',
    methods: ['POST'],
    documentation:
      'The content is handed in as by $deliver, and its resources are taken into the record of the one Patient in it. The answer names the delivery and its fate: stored, or waiting for a family that links the patient number.',
    run: async (fhir, request, names) => {
      if (request.query !== '') throw badRequest('$process-message answers at once: it has no parameters in its URL');
      // Whoever may hand in nothing has nothing mapped either. A message names its patient by number.
      mayDeliver(request.access, undefined);
      const message = contentOf(request.body);
      const header = headerOf(message);
      const body = deliveryOf(Buffer.from(JSON.stringify(message)));
      const { status, body: told } = await deliver.run(fhir, { ...request, body }, names);
      return { status, body: JSON.stringify(responseTo(header, typeof told === 'string' ? told : '', fhir)) };
    },
  };
}

/** The Bundle, or the Parameters that hold it. Throws 400 for anything else. */
function contentOf(body: unknown): JsonObject {
  const isBundle = isObject(body) && body.resourceType === 'Bundle';
  const content = isBundle ? body : single(readParameters(body, ['content']), 'content')?.resource;
  if (!isObject(content) || content.resourceType !== 'Bundle') throw required('content', 'a Bundle');
  if (content.type !== 'message') throw badRequest('The Bundle must be of type message', 'invalid', ['Bundle.type']);
  return content;
}

function headerOf({ entry }: JsonObject): JsonObject {
  const [first] = Array.isArray(entry) ? entry : [];
  const header = isObject(first) ? first.resource : undefined;
  if (!isObject(header) || header.resourceType !== 'MessageHeader')
    throw badRequest('The first entry of a message must be a MessageHeader', 'required', ['Bundle.entry[0]']);
  if (typeof header.id !== 'string')
    throw badRequest('A MessageHeader needs an id, by which its answer names it', 'required', [
      'Bundle.entry[0].resource.id',
    ]);
  return header;
}

function responseTo(
  { id, eventCoding, eventUri, source }: JsonObject,
  told: string,
  { base, nowMs }: Fhir,
): JsonObject {
  const [header, outcome] = [randomUUID(), randomUUID()];
  const endpoint = isObject(source) ? source.endpoint : undefined;
  const event = eventCoding === undefined ? { eventUri: eventUri ?? 'urn:unknown' } : { eventCoding };
  return {
    resourceType: 'Bundle',
    type: 'message',
    timestamp: new Date(nowMs()).toISOString(),
    entry: [
      {
        fullUrl: `urn:uuid:${header}`,
        resource: {
          resourceType: 'MessageHeader',
          id: header,
          ...event,
          ...(typeof endpoint === 'string' && { destination: [{ endpoint }] }),
          source: { endpoint: `${base}/$process-message` },
          response: { identifier: id, code: 'ok', details: { reference: `urn:uuid:${outcome}` } },
        },
      },
      {
        fullUrl: `urn:uuid:${outcome}`,
        resource: {
          resourceType: 'OperationOutcome',
          id: outcome,
          issue: [{ severity: 'information', code: 'informational', diagnostics: sentenceOf(told) }],
        },
      },
    ],
  };
}

function sentenceOf(told: string): string {
  const answer = parseJson(told);
  const parameters = isObject(answer) && Array.isArray(answer.parameter) ? answer.parameter.filter(isObject) : [];
  const value = (name: string, element: string) => parameters.find((one) => one.name === name)?.[element];
  const reason = value('reason', 'valueString');
  const fate = `Kept as delivery ${value('delivery', 'valueString')}: ${value('fate', 'valueCode')}.`;
  return typeof reason === 'string' ? `${fate} ${reason}` : fate;
}
