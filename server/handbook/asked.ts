// What is asked of the printed documents. A passport number is taken in a body alone: addresses are kept in logs and histories.

import { badRequest, type Language, unknownParameter } from '../fhir/outcome.ts';
import { parseDay } from '../forecast/days.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import type { FhirRequest } from '../interaction/request.ts';

const ofHttp = ['_format', '_pretty'];
const LANGUAGES: readonly Language[] = ['ja', 'en'];

/** `language`: the one asked for, else that of the caller; `date`: a calendar day. Throws 400 for anything else. */
export function asksFor(
  { query, language }: FhirRequest,
  operation: string,
  known: readonly string[],
): { language: Language; date: string | undefined } {
  const asked = new URLSearchParams(query);
  for (const name of asked.keys()) {
    if (!known.includes(name) && !ofHttp.includes(name)) throw unknownParameter(name, operation, known);
    if (asked.getAll(name).length > 1) throw badRequest(`"${name}" may be given once`, 'invalid', [name]);
  }
  const named = asked.get('language');
  const chosen = LANGUAGES.find((one) => one === named);
  if (named !== null && chosen === undefined)
    throw badRequest(`"language" is one of ${LANGUAGES.join(', ')}`, 'not-supported', ['language']);
  const date = asked.get('date') ?? undefined;
  if (date !== undefined && parseDay(date) === undefined)
    throw badRequest('"date" is a day, YYYY-MM-DD', 'value', ['date']);
  return { language: chosen ?? language, date };
}

/** As the passport has them; printed and not kept. */
export type Passport = { number?: string; name?: string };

/** Throws 400 for a passport in the address, or one that is no text of a passport. */
export function askedOf(request: FhirRequest): Passport {
  const inAddress = new URLSearchParams(request.query);
  for (const name of IN_BODY) {
    if (inAddress.has(name))
      throw badRequest(`"${name}" is given in the body of a POST (Parameters), never in an address`, 'invalid', [name]);
  }
  asksFor(request, '$vaccination-certificate', []);
  if (request.method !== 'POST' || request.body === undefined) return {};
  const parameters = readParameters(request.body, IN_BODY);
  const text = (name: string, pattern: RegExp, form: string): string | undefined => {
    const value = single(parameters, name)?.valueString;
    if (value === undefined && !parameters.has(name)) return undefined;
    if (typeof value !== 'string' || !pattern.test(value))
      throw badRequest(`"${name}" is ${form}`, 'value', [`Parameters.parameter.where(name='${name}')`]);
    return value;
  };
  const number = text('passport', /^[A-Za-z0-9]{5,20}$/, '5 to 20 letters and digits (valueString)');
  const name = text(
    'nameInPassport',
    /^[\p{Script=Latin}\p{M}' .,-]{1,100}$/u,
    'up to 100 Latin letters (valueString)',
  );
  return { ...(number && { number }), ...(name && { name }) };
}

const IN_BODY = ['passport', 'nameInPassport'];
