// Binary in its own media type: a read that names no FHIR format is answered with the content, and a body that is no FHIR
// becomes a Binary. FHIR R4, https://hl7.org/fhir/R4/binary.html#rest

import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { notSupported, wrongPatchType } from '../fhir/outcome.ts';
import type { Answer } from '../interaction/request.ts';
import { namesFormat } from './format.ts';

/**
 * True for a read or vread of a Binary, not in a Bundle, whose caller names a media type, but no FHIR format and no part of it,
 * and for a picture of a plan or of growth.
 * Who takes anything is a FHIR client that says nothing in particular: it gets the resource, as for every other type.
 */
export function wantsContent({ method, url, headers, query }: FastifyRequest): boolean {
  const { accept = '*/*' } = headers;
  const [path = ''] = url.split('?');
  if (picturePath.test(path)) return namesPicture((query as Record<string, unknown>)._format);
  if (accept.trim() === '*/*') return false;
  if ((method !== 'GET' && method !== 'HEAD') || !readPath.test(path)) return false;
  const asked = query as Record<string, unknown>;
  return !['_format', '_pretty', '_summary', '_elements'].some((name) => asked[name]) && !namesFormat(accept);
}

/** `_format` of the operation that answers a Binary with a picture; a + that nobody has encoded arrives as a space. */
const namesPicture = (format: unknown): boolean => format === 'image/svg+xml' || format === 'image/svg xml';

/** A Binary as it is stored -> its content. A browser that shows it runs nothing in it. */
export function contentOf(answer: Answer, reply: FastifyReply): Answer {
  if (typeof answer.body !== 'string' || answer.body === '') return answer;
  const { contentType, data } = parseJson(answer.body) as JsonObject;
  reply.header('content-security-policy', "default-src 'none'; sandbox");
  return {
    ...answer,
    contentType: mediaType.test(String(contentType)) ? String(contentType) : 'application/octet-stream',
    body: Readable.from([Buffer.from(typeof data === 'string' ? data : '', 'base64')]),
  };
}

/** A body in a media type that nothing else reads. Throws 415 unless it is to be a Binary. */
export function binaryOf({ method, url, headers }: FastifyRequest, content: Buffer): JsonObject {
  const [path = ''] = url.split('?');
  const [, id] = writePath.exec(path) ?? [];
  const isCreate = method === 'POST' && id === undefined;
  const contentType = headers['content-type']?.trim() ?? '';
  if (method === 'PATCH') throw wrongPatchType();
  if (!writePath.test(path) || !(isCreate || method === 'PUT') || !mediaType.test(contentType))
    throw notSupported('The Content-Type must be application/fhir+json or application/fhir+xml', 415);
  const { 'x-security-context': securityContext } = headers;
  return {
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    contentType,
    ...(typeof securityContext === 'string' ? { securityContext: { reference: securityContext } } : {}),
    ...(content.length === 0 ? {} : { data: content.toString('base64') }),
  };
}

const picturePath = /^\/fhir\/Patient\/[A-Za-z0-9\-.]{1,64}\/\$(?:plan|growth)\/?$/;
const readPath = /^\/fhir\/Binary\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/\d+)?\/?$/;
const writePath = /^\/fhir\/Binary(?:\/([A-Za-z0-9\-.]{1,64}))?\/?$/;

/** What can stand in a Content-Type header, parameters included. */
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?: ?; ?[\w-]+=(?:[\w.+:/-]+|"[\w .+:/-]*"))*$/;
