// [type]/[id]/$diff: what changed between two versions, as a FHIRPath Patch that could have made the change.
// FHIR R4, https://hl7.org/fhir/R4/fhirpatch.html; the operation is ours.

import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, gone, notFound, unknownParameter } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import type { Fhir, FhirRequest, Handler, Operation } from '../interaction/request.ts';
import { versionPatch } from './version-patch.ts';

const known = ['from', 'to', '_format', '_pretty'];

const run: Handler = async (fhir, request, { type, id }) => {
  const asked = new URLSearchParams(request.query);
  const unknown = [...asked.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownParameter(unknown, '$diff', known.slice(0, 2));
  const before = await versionOf(fhir, request, { type, id, version: versionNumber(asked, 'from') });
  const after = await versionOf(fhir, request, { type, id, version: versionNumber(asked, 'to') });
  const parameter = versionPatch(before, after);
  const answer = { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) };
  return { status: 200, body: JSON.stringify(answer) };
};

export const diff: Operation = {
  code: 'diff',
  definition: `${CANONICAL}/OperationDefinition/diff`,
  level: 'instance',
  type: 'Resource',
  methods: ['GET'],
  run,
};

function versionNumber(asked: URLSearchParams, name: string): number {
  const text = asked.get(name) ?? '';
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badRequest(`$diff needs "${name}", the number of a version`, 'value', [name]);
  return Number(text);
}

async function versionOf(
  fhir: Fhir,
  request: FhirRequest,
  { type, id, version }: { type: string; id: string; version: number },
): Promise<JsonObject> {
  const found = await fhir.reader.version(type, id, namedReach(request.access, 'read', type), version);
  await fhir.audit([auditOf(fhir, request, 'diff', type, found, id)]);
  if (!found) throw notFound(`${type}/${id}/_history/${version}`);
  if (found.content === undefined) throw gone(`${type}/${id}/_history/${version}`);
  return parseJson(found.content) as JsonObject;
}
