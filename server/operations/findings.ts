// [type]/[id]/$findings: what was warned of when a version was written, told again to whoever may read it. A write answers warnings
// only where `Prefer: return=OperationOutcome` asks for them. The operation is ours.

import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, gone, type Issue, notFound, operationOutcome, unknownParameter } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { latest } from '../interaction/latest.ts';
import type { Operation } from '../interaction/request.ts';

const known = ['version', '_format', '_pretty'];

/** `findings`: of the version of the resource with that key. */
export function writeFindings({
  findings,
}: {
  findings: (key: string, version: number) => Promise<Issue[]>;
}): Operation {
  return {
    code: 'findings',
    definition: `${CANONICAL}/OperationDefinition/findings`,
    level: 'instance',
    type: 'Resource',
    methods: ['GET'],
    run: async (fhir, request, { type, id }) => {
      const asked = new URLSearchParams(request.query);
      const unknown = [...asked.keys()].find((name) => !known.includes(name));
      if (unknown !== undefined) throw unknownParameter(unknown, '$findings', known.slice(0, 1));
      const version = versionNumber(asked);
      const reach = namedReach(request.access, 'read', type);
      const found =
        version === undefined
          ? await latest(fhir.reader, type, id, reach)
          : await fhir.reader.version(type, id, reach, version);
      await fhir.audit([auditOf(fhir, request, 'findings', type, found, id)]);
      const reference = version === undefined ? `${type}/${id}` : `${type}/${id}/_history/${version}`;
      if (!found) throw notFound(reference);
      if (found.content === undefined) throw gone(reference);
      const issues = await findings(found.key, found.version);
      const told = issues.length > 0 ? issues : [nothingFound(found.version)];
      return { status: 200, body: JSON.stringify(operationOutcome(told, request.language)) };
    },
  };
}

function versionNumber(asked: URLSearchParams): number | undefined {
  const text = asked.get('version');
  if (text === null) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badRequest('"version" is the number of a version', 'value', ['version']);
  return Number(text);
}

const nothingFound = (version: number): Issue => ({
  severity: 'information',
  code: 'informational',
  diagnostics: `Nothing was warned of when version ${version} was written`,
  text: { ja: '保存のときに注意された点はありません。', en: 'Nothing was warned of when it was written.' },
});
