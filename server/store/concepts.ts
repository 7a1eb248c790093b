// The codes that `:in`, `:not-in`, `:above` and `:below` mean, from the ValueSet and CodeSystem resources stored here, as the
// caller sees them, and from the definitions in force. FHIR R4, https://hl7.org/fhir/R4/search.html#token

import type { JsonObject } from '../fhir/json.ts';
import { cannotExpand, tooCostly } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import type { Codes } from '../search/asked.ts';
import { above, below } from '../terminology/code-index.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import { type FindStored, withResources } from '../terminology/with-resources.ts';

/** Where the resources are. */
export type StoredDefinitions = {
  byUrl: FindStored;
  byId(type: 'ValueSet', id: string): Promise<JsonObject | undefined>;
};

type Concept = { system: string; code: string };

const mostCodes = 10_000;

/** Throws OperationOutcomeError 422 that says what is missing, 403 for a caller who may not search those types. */
export async function conceptsOf(stored: StoredDefinitions, among: Codes): Promise<Concept[]> {
  const found: Concept[] = [];
  if (among.relation === 'in') {
    for (const name of among.valueSets) found.push(...(await codesOf(stored, name)));
    return found;
  }
  for (const one of among.concepts) found.push(...(await related(stored, among.relation, one)));
  return found;
}

/** The codes of a value set: `ValueSet/id`, or its canonical URL with or without `|version`. */
async function codesOf({ byUrl, byId }: StoredDefinitions, name: string): Promise<readonly Concept[]> {
  const local = localReference(name);
  if (!local) {
    const { terminology } = await withResources(terminologyInForce(), byUrl, [{ type: 'ValueSet', name }]);
    return bounded(terminology.expand(name));
  }
  const valueSet = local.type === 'ValueSet' ? await byId('ValueSet', local.id) : undefined;
  if (!valueSet) throw cannotExpand(`the ValueSet ${name} is not stored here`);
  const { terminology } = await withResources(terminologyInForce(), byUrl, [], [valueSet]);
  return bounded(terminology.expand(valueSet));
}

/** The concept and what is above or below it. */
async function related(
  { byUrl }: StoredDefinitions,
  relation: 'above' | 'below',
  { system, code }: Concept,
): Promise<readonly Concept[]> {
  const { terminology } = await withResources(terminologyInForce(), byUrl, [{ type: 'CodeSystem', name: system }]);
  const index = terminology.codeIndex(system);
  if (!index) throw cannotExpand(`the CodeSystem ${system} is not stored here`);
  if (index.content !== 'complete')
    throw cannotExpand(`the CodeSystem ${system} is stored here with content "${index.content}", not "complete"`);
  const found = index.find(code);
  if (!found) throw cannotExpand(`the CodeSystem ${system} has no concept "${code}"`);
  const codes = relation === 'above' ? above(index, found.code) : below(index, found.code);
  return bounded([...codes].map((one) => ({ system, code: one })));
}

function bounded(codes: readonly Concept[]): readonly Concept[] {
  if (codes.length > mostCodes) throw tooCostly(`A value set in a search has at most ${mostCodes} codes`);
  return codes;
}
