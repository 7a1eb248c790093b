// What is asked of $summary: in the query or as Parameters. Everything is read or refused.
// HL7 IPS 2.0, OperationDefinition http://hl7.org/fhir/uv/ips/OperationDefinition/summary; `language` is ours.

import { isObject } from '../fhir/json.ts';
import { badRequest, type Language, unknownParameter } from '../fhir/outcome.ts';
import { readParameters, single } from '../interaction/parameters.ts';
import type { FhirRequest } from '../interaction/request.ts';

export type SummaryRequest = { language: Language; identifier: { system: string; value: string } | undefined };

/** The profiles by which a caller may name what we make. */
const PROFILES = ['Composition-uv-ips', 'Bundle-uv-ips'].map(
  (name) => `http://hl7.org/fhir/uv/ips/StructureDefinition/${name}`,
);
const VERSION = '2.0.0';
const LANGUAGES: readonly Language[] = ['ja', 'en'];
const ofHttp = ['_format', '_pretty'];

/** `byIdentifier`: the patient is named by an identifier and not by the path. Throws 400 and says what is known. */
export function summaryRequest(request: FhirRequest, byIdentifier: boolean): SummaryRequest {
  const names = [...(byIdentifier ? ['identifier'] : []), 'profile', 'language'];
  const asked = request.body === undefined ? queried(request.query, names) : posted(request, names);
  const profile = asked.get('profile');
  if (profile !== undefined && !PROFILES.some((one) => profile === one || profile === `${one}|${VERSION}`))
    throw refused('profile', `a summary by this profile is not made here. Known: ${PROFILES.join(', ')} (${VERSION})`);
  const language = asked.get('language');
  const known = LANGUAGES.find((one) => one === language);
  if (language !== undefined && known === undefined) throw refused('language', `takes one of ${LANGUAGES.join(', ')}`);
  return {
    language: known ?? request.language,
    identifier: byIdentifier ? identifierIn(asked.get('identifier')) : undefined,
  };
}

function queried(query: string, names: readonly string[]): Map<string, string> {
  const asked = new URLSearchParams(query);
  for (const name of asked.keys()) {
    if (ofHttp.includes(name)) continue;
    if (!names.includes(name)) throw unknownParameter(name, '$summary', names);
    if (asked.getAll(name).length > 1) throw badRequest(`"${name}" may be given once`, 'invalid', [name]);
  }
  return new Map(asked);
}

function posted({ query, body }: FhirRequest, names: readonly string[]): Map<string, string> {
  const beside = [...new URLSearchParams(query).keys()].find((name) => !ofHttp.includes(name));
  if (beside !== undefined)
    throw badRequest(`"${beside}" belongs into the Parameters of the body`, 'invalid', [beside]);
  const parameters = readParameters(body, names);
  return new Map([...parameters.keys()].map((name) => [name, textOf(name, single(parameters, name) ?? {})]));
}

/** The token of an identifier is a string; an Identifier is understood as well. */
function textOf(name: string, parameter: Record<string, unknown>): string {
  const { valueString, valueCanonical, valueUri, valueCode, valueIdentifier } = parameter;
  if (name === 'identifier' && isObject(valueIdentifier))
    return `${String(valueIdentifier.system ?? '')}|${String(valueIdentifier.value ?? '')}`;
  const value = valueString ?? valueCanonical ?? valueUri ?? valueCode;
  if (typeof value !== 'string') throw refused(name, 'needs a value');
  return value;
}

function identifierIn(token: string | undefined): { system: string; value: string } {
  const cut = token?.indexOf('|') ?? -1;
  const [system, value] = [token?.slice(0, Math.max(cut, 0)) ?? '', token?.slice(cut + 1) ?? ''];
  if (token === undefined || system === '' || value === '')
    throw refused('identifier', 'must name one patient as system|value');
  return { system, value };
}

const refused = (name: string, why: string) =>
  badRequest(`"${name}": ${why}`, name === 'identifier' ? 'required' : 'not-supported', [name]);
