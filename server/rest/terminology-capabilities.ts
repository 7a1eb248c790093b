// The TerminologyCapabilities: which code systems are known here and what $expand takes.
// FHIR R4, https://hl7.org/fhir/R4/terminologycapabilities.html

import type { TerminologyCapabilities } from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { InForce } from '../terminology/in-force.ts';
import { ruledSystems } from '../terminology/systems-by-rule.ts';

type Needs = {
  base: string;
  version: string;
  /** ISO 8601 instant. */
  startedAt: string;
  /** The parameters of $expand. */
  expandParameters: readonly string[];
};

/** CodeSystem resources that are stored are supported as well; they are found by search. */
export function terminologyCapabilities(
  { definitions, large }: InForce,
  { base, version, startedAt, expandParameters }: Needs,
): TerminologyCapabilities {
  const loaded = new Map<string, { code: string }[]>();
  for (const { system, version: code } of large?.systems() ?? [])
    loaded.set(system, [...(loaded.get(system) ?? []), { code }]);
  const known = new Set([...definitions.urls('CodeSystem'), ...ruledSystems, ...loaded.keys()]);
  return {
    resourceType: 'TerminologyCapabilities',
    url: `${CANONICAL}/TerminologyCapabilities/server`,
    status: 'active',
    date: startedAt,
    kind: 'instance',
    software: { name: 'Tsumugi', version },
    implementation: {
      description: 'Tsumugi 紡ぎ, a personal health record server for mothers and children',
      url: base,
    },
    codeSystem: [...known].sort().map((uri) => ({
      uri,
      ...(loaded.has(uri) ? { version: loaded.get(uri) ?? [] } : {}),
      subsumption: !ruledSystems.includes(uri),
    })),
    expansion: {
      hierarchical: false,
      paging: true,
      incomplete: false,
      parameter: expandParameters.map((name) => ({ name })),
      textFilter:
        'Each word stands in the code, its display or a designation; case, width and the kind of kana do not matter',
    },
    codeSearch: 'all',
    validateCode: { translations: false },
    translation: { needsMap: true },
    closure: { translation: false },
  };
}

/** Which statement `GET metadata` is asked for. Throws OperationOutcomeError 400 for a mode that R4 does not have. */
export function metadataMode(query: string): 'capabilities' | 'terminology' {
  const mode = new URLSearchParams(query).get('mode') ?? 'full';
  if (mode === 'terminology') return 'terminology';
  // What is normative in R4 is not told apart: the whole statement is a right answer to both.
  if (mode === 'full' || mode === 'normative') return 'capabilities';
  throw badRequest('mode is full, normative or terminology', 'value', ['mode']);
}
