// In which form an answer is wanted and a body has come: Accept and _format, _pretty, Content-Type.
// FHIR R4, https://hl7.org/fhir/R4/http.html#mime-type and http.html#general

import type { FastifyRequest } from 'fastify';
import { badRequest, notSupported } from '../fhir/outcome.ts';

export type Format = 'json' | 'xml';
export type Form = { format: Format; isPretty: boolean };

/** Media types of a body that is read as FHIR JSON, and as FHIR XML. */
export const jsonTypes = ['application/fhir+json', 'application/json', 'text/json', 'application/json+fhir'];
/** One resource a line. */
export const linesTypes = ['application/fhir+ndjson', 'application/ndjson', 'application/x-ndjson'];
export const xmlTypes = ['application/fhir+xml', 'application/xml', 'text/xml', 'application/xml+fhir'];

export const plainJson: Form = { format: 'json', isPretty: false };

/** `_format` before Accept, in the query or in the form of a search. Throws 406 when neither JSON nor XML is wanted. */
export function formOf({ url, headers: { accept }, query, body }: FastifyRequest): Form {
  // A file is sent as it was made, and clients name its type (application/fhir+ndjson, application/zip …).
  if (url.startsWith('/fhir/$work-file?')) return plainJson;
  const asked = query as Record<string, unknown>;
  const isForm = body instanceof URLSearchParams;
  const format = asked._format ?? (isForm ? (body.get('_format') ?? undefined) : undefined);
  const pretty = asked._pretty ?? (isForm ? (body.get('_pretty') ?? undefined) : undefined);
  if (format === undefined && pretty === undefined && (accept === undefined || everyday.has(accept))) return plainJson;
  return {
    format: format === undefined || format === '' ? acceptedFormat(accept ?? '') : namedFormat(format),
    isPretty: pretty !== undefined && isTrue(pretty),
  };
}

/** True when Accept names one of FHIR's own media types, which a Binary is otherwise not answered in. */
export function namesFormat(accept = ''): boolean {
  return accept.split(',').some((range) => fhirTypes.has(mediaRange(range).type));
}

/** The form of a refusal, which is told in JSON when nothing better can be made out. */
export function formOfRefusal(request: FastifyRequest): Form {
  try {
    return formOf(request);
  } catch {
    return plainJson;
  }
}

/** Throws 415 for a body in another character set than UTF-8, or of another version of FHIR than R4. */
export function checkBodyType(contentType: string | undefined): void {
  if (contentType === undefined || !contentType.includes(';')) return;
  const { parameters } = mediaRange(contentType);
  const charset = parameters.get('charset');
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset))
    throw notSupported('The charset of the Content-Type must be utf-8', 415);
  if (!isR4(parameters)) throw notSupported('The fhirVersion of the Content-Type must be 4.0', 415);
}

/** What most clients send, told apart without taking it to pieces. */
const everyday = new Set(['*/*', ...jsonTypes]);

const fhirTypes = new Set([...jsonTypes, ...xmlTypes].filter((type) => !type.endsWith('/xml')));

// A browser is shown JSON; zip and pdf are what downloads ask for, and they know of no formats.
const jsonRanges = new Set([
  ...jsonTypes,
  '*/*',
  'application/*',
  'text/*',
  'text/html',
  'application/zip',
  'application/pdf',
]);
const xmlRanges = new Set(xmlTypes);
const words = new Map<string, Format>([
  ['json', 'json'],
  ['xml', 'xml'],
  ['text/html', 'json'],
  ['html', 'json'],
]);

function acceptedFormat(accept: string): Format {
  if (accept.trim() === '') return 'json';
  const ranges = accept.split(',').map(mediaRange);
  const isExcluded = (types: readonly string[]) => ranges.some(({ type, q }) => q === 0 && types.includes(type));
  const byWish = ranges.filter(({ q, parameters }) => q > 0 && isR4(parameters)).sort((one, other) => other.q - one.q);
  for (const { type } of byWish) {
    if (xmlRanges.has(type)) return 'xml';
    if (!jsonRanges.has(type) && !type.endsWith('+json')) continue;
    return type.endsWith('*') && isExcluded(jsonTypes) && !isExcluded(xmlTypes) ? 'xml' : 'json';
  }
  throw notAvailable('What Accept asks for');
}

function namedFormat(name: unknown): Format {
  if (typeof name !== 'string') throw badRequest('_format may be given once only', 'value', ['_format']);
  // The + of a media type arrives as a space when nobody has encoded it.
  const { type, parameters } = mediaRange(name.trim().replaceAll(' ', '+').replaceAll(';+', ';'));
  const format = words.get(type) ?? (jsonTypes.includes(type) ? 'json' : xmlTypes.includes(type) ? 'xml' : undefined);
  if (format === undefined || !isR4(parameters)) throw notAvailable('What _format asks for');
  return format;
}

const notAvailable = (what: string) =>
  notSupported(
    `${what} is not available; this server answers application/fhir+json and application/fhir+xml (4.0)`,
    406,
  );

function isTrue(pretty: unknown): boolean {
  if (pretty !== 'true' && pretty !== 'false') throw badRequest('_pretty must be true or false', 'value', ['_pretty']);
  return pretty === 'true';
}

type MediaRange = { type: string; q: number; parameters: ReadonlyMap<string, string> };

/** `application/fhir+xml; q=0.5; fhirVersion=4.0`; a q that is no number counts as 1. */
function mediaRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';');
  const parameters = new Map(
    rest.map((one): [string, string] => {
      const [name = '', value = ''] = one.split('=');
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
    }),
  );
  const q = Number(parameters.get('q') ?? 1);
  return { type: type.trim().toLowerCase(), q: Number.isNaN(q) ? 1 : q, parameters };
}

function isR4(parameters: ReadonlyMap<string, string>): boolean {
  const version = parameters.get('fhirversion');
  return version === undefined || version === '4.0' || version === '4.0.1';
}
