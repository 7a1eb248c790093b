// The code system that an operation is about: of the address, sent along, or by its url (which may come with the code).
// FHIR R4, https://hl7.org/fhir/R4/codesystem-operations.html

import { definitionsOf, urlOf } from '../definitions/definitions.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { Fhir, FhirRequest, PathNames } from '../interaction/request.ts';
import type { CodeIndex } from '../terminology/code-index.ts';
import { type CompiledTerminology, createTerminology } from '../terminology/create-terminology.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import type { LargeCodeSystems } from '../terminology/large-code-systems.ts';
import type { Coded } from '../terminology/terminology.ts';
import { codeSystemOf, isLarge } from '../terminology/with-large.ts';
import type { AskedParameters, Kind } from './asked-parameters.ts';
import { askedInstance, sourcesOf } from './terminology-sources.ts';

export const codeSystemKinds: Record<string, Kind> = { url: 'text', codeSystem: 'resource', 'tx-resource': 'resource' };

/** `index` is undefined for a system that is not here, of which its rule may still know something. */
export type AskedCodeSystem = {
  system: string;
  index: CodeIndex | undefined;
  terminology: CompiledTerminology;
  /** Where the system is kept in tables: then the index has only the codes that are asked about. */
  tables?: LargeCodeSystems;
};

/**
 * `system` names it where neither the address nor a resource does. Throws OperationOutcomeError 400 where none is named, or two
 * different ones.
 */
export async function askedCodeSystem(
  fhir: Fhir,
  request: FhirRequest,
  operation: string,
  names: PathNames,
  asked: AskedParameters,
  codes: readonly Coded[],
  named: { url?: string | undefined; version?: string | undefined } = {},
): Promise<AskedCodeSystem> {
  const instance = await askedInstance(fhir, request, operation, names);
  const sent = asked.resource('codeSystem', 'CodeSystem');
  const resource = instance ?? sent;
  const url =
    named.url ?? asked.text('url') ?? (resource ? undefined : codes.find(({ system }) => system !== undefined)?.system);
  if (resource && url === undefined) {
    if (typeof resource.url !== 'string')
      throw badRequest('The CodeSystem has no url, so nothing can name its codes', 'required', ['url']);
    const system = resource.url;
    const { terminology } = await sourcesOf(
      fhir,
      request,
      [{ type: 'CodeSystem', name: system }],
      [resource, ...asked.resources('tx-resource')],
    );
    return { system, index: terminology.codeIndex(system), terminology };
  }
  if (resource || url === undefined)
    throw badRequest(
      'Name one code system: by its address, with url or system, or with codeSystem in a Parameters resource',
      'required',
      ['url'],
    );
  const version = named.version ?? codes[0]?.version;
  const system = urlOf(url);
  const name = version === undefined ? url : `${system}|${version}`;
  const wanted = [...new Set([name, system])].map((one) => ({ type: 'CodeSystem' as const, name: one }));
  const { terminology } = await sourcesOf(fhir, request, wanted, asked.resources('tx-resource'));
  const index = terminology.codeIndex(name);
  const { large } = terminologyInForce();
  if (index?.content === 'complete' || !large || !isLarge(large, system)) return { system, index, terminology };
  const source = await codeSystemOf(large, { system, ...(version === undefined ? {} : { version }) }, codes);
  const ofTables = createTerminology(definitionsOf([source]), { released: system });
  return { system, index: ofTables.codeIndex(system), terminology: ofTables, tables: large };
}
