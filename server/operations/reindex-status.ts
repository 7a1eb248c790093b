// $reindex-status: which search parameters have been added, which of them can be used, and how far the index has come.
// The operation is ours; FHIR R4 has none for it. https://hl7.org/fhir/R4/searchparameter.html

import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { forbidden, unknownParameter } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import type { Operation } from '../interaction/request.ts';
import { type CustomParameter, customSet } from '../search/custom-set.ts';
import type { Walk } from '../store/reindex.ts';

/** `walks`: those that have not come to their end. */
export function reindexStatus({ walks }: { walks: () => Promise<Walk[]> }): Operation {
  return {
    code: 'reindex-status',
    definition: `${CANONICAL}/OperationDefinition/reindex-status`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const unknown = [...new URLSearchParams(request.query).keys()].find(
        (name) => !['_format', '_pretty'].includes(name),
      );
      if (unknown !== undefined) throw unknownParameter(unknown, '$reindex-status', []);
      if (namedReach(request.access, 'read', 'SearchParameter').kind !== 'all')
        throw forbidden('$reindex-status is for clients with system/SearchParameter.r');
      await fhir.audit([auditOf(fhir, request, 'reindex-status', 'SearchParameter')]);
      const parameter = [...customSet().parameters.map(ofParameter), ...(await walks()).map(ofWalk)];
      const answer = { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) };
      return { status: 200, body: JSON.stringify(answer) };
    },
  };
}

const ofParameter = ({ reference, definition: { url, code, base }, state, done, total }: CustomParameter) => ({
  name: 'parameter',
  part: [
    { name: 'definition', valueReference: { reference } },
    { name: 'url', valueUri: url },
    { name: 'code', valueCode: code },
    ...base.map((type) => ({ name: 'base', valueCode: type })),
    { name: 'state', valueCode: state },
    ...progress(done, total),
  ],
});

const ofWalk = ({ type, done, total, isWhole }: Walk) => ({
  name: 'walk',
  part: [
    { name: 'type', valueCode: type },
    { name: 'reason', valueCode: isWhole ? 'version' : 'parameters' },
    { name: 'state', valueCode: total === undefined ? 'waiting' : 'walking' },
    ...progress(done, total),
  ],
});

const progress = (done: number, total: number | undefined) => [
  { name: 'done', valueDecimal: done },
  ...(total === undefined ? [] : [{ name: 'total', valueDecimal: total }]),
];
