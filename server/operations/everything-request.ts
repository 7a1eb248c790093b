// The parameters of $everything, from the query or a Parameters body, and from the sealed link to a further page.
// FHIR R4, https://hl7.org/fhir/R4/operation-patient-everything.html

import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest, unknownParameter } from '../fhir/outcome.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { EverythingFilter, EverythingPosition } from '../interaction/patient-record.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { type Range, rangeOf } from '../search/date.ts';
import { timestamp } from '../search/extract.ts';
import { nobody } from '../search/keys.ts';
import type { Cursor } from '../store/cursors.ts';

export type EverythingRequest = {
  filter: EverythingFilter;
  /** Undefined: all of it in one answer. */
  count: number | undefined;
  after: EverythingPosition | undefined;
  /** The parameters as they came, for the links. */
  asked: [string, string][];
};

const mostCount = 1000;
const ignored = ['_format', '_pretty'];

/**
 * `of` is the path that is asked, `known` the parameters that this $everything takes. Throws 400 that names the known ones,
 * or the value at fault.
 */
export async function everythingRequest(
  fhir: Pick<Fhir, 'cursors'>,
  request: FhirRequest,
  of: string,
  known: readonly string[],
): Promise<EverythingRequest> {
  const pairs = [...new URLSearchParams(request.query), ...posted(request.body, known)];
  const page = pairs.find(([name]) => name === '_page')?.[1];
  if (page === undefined) return understood(pairs, known);
  const cursor = await fhir.cursors.open(page);
  if (!cursor || cursor.of !== of || cursor.client !== request.access.client)
    throw badRequest('This page link is not valid here; please ask for the first page again', 'expired', ['_page']);
  return { ...understood(cursor.query, known), after: positionOf(cursor.after) };
}

/** The text for a link to the page behind `after`. */
export function sealedPosition(
  { cursors }: Pick<Fhir, 'cursors'>,
  { access }: Pick<FhirRequest, 'access'>,
  of: string,
  asked: [string, string][],
  after: EverythingPosition,
): Promise<string> {
  const place =
    'reference' in after ? { values: ['', after.reference], key: nobody } : { values: [after.type], key: after.key };
  return cursors.seal({ of, query: asked, after: place, client: access.client });
}

function positionOf({ values: [type, reference], key }: Cursor['after']): EverythingPosition {
  return reference === undefined ? { type: String(type), key } : { reference: String(reference) };
}

function posted(body: unknown, known: readonly string[]): [string, string][] {
  if (body === undefined) return [];
  if (body instanceof URLSearchParams) return [...body];
  return [...readParameters(body, known)].flatMap(([name, list]) =>
    list.map((one): [string, string] => {
      const value = one.valueDate ?? one.valueInstant ?? one.valueDateTime ?? one.valueCode ?? one.valueInteger;
      if (typeof value !== 'string' && typeof value !== 'number') throw wrong(name, 'a value of its type');
      return [name, String(value)];
    }),
  );
}

function understood(pairs: readonly [string, string][], known: readonly string[]): EverythingRequest {
  const asked = pairs.filter(([name, value]) => !ignored.includes(name) && value !== '');
  const unknown = asked.find(([name]) => !known.includes(name));
  if (unknown) throw unknownParameter(unknown[0], '$everything', known);
  const one = (name: string) => onlyOne(asked, name);
  const since = dateOf('_since', one('_since'));
  const types = asked.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','));
  const noType = types.find((type) => !resourceTypes.has(type));
  if (noType !== undefined) throw wrong('_type', 'resource types of FHIR R4');
  const clinical = clinicalDates(dateOf('start', one('start')), dateOf('end', one('end')));
  return {
    filter: {
      ...(types.length > 0 ? { types } : {}),
      ...(since ? { updatedSince: new Date(since.lo).toISOString() } : {}),
      ...(clinical ? { clinical } : {}),
    },
    count: countOf(one('_count')),
    after: undefined,
    asked,
  };
}

function onlyOne(asked: readonly [string, string][], name: string): string | undefined {
  const [first, second] = asked.filter(([known]) => known === name);
  if (second) throw badRequest(`${name} may be given once`, 'invalid', [name]);
  return first?.[1];
}

function dateOf(name: string, text: string | undefined): Range | undefined {
  if (text === undefined) return undefined;
  // A plus that was not encoded arrives as a space.
  const range = rangeOf(text.replace(' ', '+'));
  if (!range) throw wrong(name, 'a date of FHIR');
  return range;
}

/** From the first instant of `start` to the last one of `end`; open where one of them is missing. */
function clinicalDates(start: Range | undefined, end: Range | undefined): EverythingFilter['clinical'] {
  if (!start && !end) return undefined;
  return { from: start ? timestamp(start.lo) : '-infinity', to: end ? timestamp(end.hi) : 'infinity' };
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw wrong('_count', 'a whole number from 1');
  return Math.min(Number(text), mostCount);
}

const wrong = (name: string, form: string) => badRequest(`${name} takes ${form}`, 'value', [name]);
