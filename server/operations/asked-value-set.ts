// The value set that an operation is about: of the address, sent along, or by its url.
// FHIR R4, https://hl7.org/fhir/R4/valueset-operations.html

import { urlOf } from '../definitions/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';
import type { Fhir, FhirRequest, PathNames } from '../interaction/request.ts';
import type { CompiledTerminology } from '../terminology/create-terminology.ts';
import type { AskedParameters, Kind } from './asked-parameters.ts';
import { askedInstance, sourcesOf } from './terminology-sources.ts';

export const valueSetKinds: Record<string, Kind> = {
  url: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  'tx-resource': 'resource',
};

/** Throws OperationOutcomeError 400 where none or two are named, 404 for one that is not known here. */
export async function askedValueSet(
  fhir: Fhir,
  request: FhirRequest,
  operation: string,
  names: PathNames,
  asked: AskedParameters,
): Promise<{ valueSet: JsonObject; terminology: CompiledTerminology }> {
  const instance = await askedInstance(fhir, request, operation, names);
  const sent = asked.resource('valueSet', 'ValueSet');
  const url = canonicalOf(asked);
  if ([instance, sent, url].filter((one) => one !== undefined).length !== 1)
    throw badRequest(
      'Name one value set: by its address, with url, or with valueSet in a Parameters resource',
      'required',
      ['url'],
    );
  const along = asked.resources('tx-resource');
  const resource = instance ?? sent;
  if (resource) {
    const { terminology } = await sourcesOf(fhir, request, [], [resource, ...along]);
    return { valueSet: resource, terminology };
  }
  const name = String(url);
  const { terminology } = await sourcesOf(fhir, request, [{ type: 'ValueSet', name }], along);
  const found = terminology.valueSet(name);
  if (!found) throw notFound(`the ValueSet ${name}`);
  return { valueSet: found, terminology };
}

function canonicalOf(asked: AskedParameters): string | undefined {
  const url = asked.text('url');
  const version = asked.text('valueSetVersion');
  if (version === undefined) return url;
  if (url === undefined) throw badRequest('valueSetVersion goes with url', 'required', ['url']);
  return `${urlOf(url)}|${version}`;
}
