// $validate: what is wrong with a resource, before it is sent or where it is stored; nothing is written. Beside what every write is
// held to, it tells what could not be checked and what is only advised.
// FHIR R4, https://hl7.org/fhir/R4/resource-operation-validate.html

import { namedReach } from '../access/named-reach.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, type Issue, operationOutcome, unknownParameter } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { contentOf, latest } from '../interaction/latest.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Handler, Operation } from '../interaction/request.ts';

type Asked = { resource: unknown; mode: Mode | undefined; profiles: string[] };
type Mode = (typeof modes)[number];

const modes = ['create', 'update', 'delete', 'profile'] as const;
const definition = 'http://hl7.org/fhir/OperationDefinition/Resource-validate';

const documentation = 'Parameters or the resource itself as body; "profile" and "mode" also in the URL.';
const common = { code: 'validate', definition, type: 'Resource', documentation } as const;

/** On a type for a resource that is sent, on an instance for that or for what is stored. */
export const validateOperations: readonly Operation[] = [
  { ...common, level: 'type', methods: ['POST'], run: validating(false) },
  { ...common, level: 'instance', methods: ['GET', 'POST'], run: validating(true) },
];

function validating(isInstance: boolean): Handler {
  return async (fhir, request, { type, id: segment }) => {
    const id = isInstance ? segment : undefined;
    const { resource: sent, mode, profiles } = askedOf(request, type);
    const resource = sent ?? (id === undefined ? undefined : await storedResource(fhir, request, type, id));
    if (resource === undefined) throw required('resource', `the ${type} to validate`);
    const validate = await fhir.validatorNow();
    const issues = [...refusals(resource, { type, id, mode }), ...validate(resource, { profiles })];
    const told = issues.length > 0 ? issues : [nothingFound];
    return { status: 200, body: JSON.stringify(operationOutcome(told, request.language)) };
  };
}

const nothingFound: Issue = {
  severity: 'information',
  code: 'informational',
  diagnostics: 'Nothing is wrong with the resource',
  text: { ja: '問題は見つかりませんでした。', en: 'No problem was found.' },
};

/** What a write would refuse beside what the resource says: another type or id. */
function refusals(
  resource: unknown,
  { type, id, mode }: { type: string; id: string | undefined; mode: Mode | undefined },
): Issue[] {
  if (!isObject(resource)) return [];
  const issues: Issue[] = [];
  const add = (expression: string, diagnostics: string) =>
    issues.push({ severity: 'error', code: 'value', expression: [expression], diagnostics });
  if (resource.resourceType !== type)
    add('resourceType', `The resource has to be a ${type}: that is what the URL names`);
  if (mode === 'update' && id !== undefined && resource.id !== id)
    add(`${type}.id`, 'An update names the id of the URL');
  return issues;
}

/** The body is Parameters or the resource; query parameters say what is not in it. Throws 400 for what is not known. */
function askedOf({ body, query }: FhirRequest, type: string): Asked {
  const inUrl = new URLSearchParams(query);
  const unknown = [...inUrl.keys()].find((name) => !['profile', 'mode', '_format', '_pretty'].includes(name));
  if (unknown !== undefined) throw unknownParameter(unknown, '$validate', ['profile', 'mode']);
  const isParameters =
    isObject(body) && body.resourceType === 'Parameters' && (type !== 'Parameters' || holdsResource(body));
  const given = isParameters ? readParameters(body, ['resource', 'mode', 'profile']) : new Map<string, JsonObject[]>();
  const resource = isParameters ? single(given, 'resource')?.resource : body;
  const mode = single(given, 'mode')?.valueCode ?? inUrl.get('mode') ?? undefined;
  if (mode !== undefined && !modes.some((one) => one === mode))
    throw badRequest(`mode is one of ${modes.join(', ')}`, 'value', ['mode']);
  const profiles = [...(given.get('profile') ?? []).map(canonicalIn), ...inUrl.getAll('profile')];
  return { resource, mode: mode as Mode | undefined, profiles };
}

const holdsResource = ({ parameter }: JsonObject): boolean =>
  Array.isArray(parameter) && parameter.some((one) => isObject(one) && one.name === 'resource');

function canonicalIn({ valueUri, valueCanonical, valueUrl }: JsonObject): string {
  const value = valueUri ?? valueCanonical ?? valueUrl;
  if (typeof value !== 'string') throw required('profile', 'valueUri');
  return value;
}

/** What stands under an id. Throws 404, 410. */
async function storedResource(fhir: Fhir, request: FhirRequest, type: string, id: string): Promise<JsonObject> {
  const reach = namedReach(request.access, 'read', type);
  const found = await latest(fhir.reader, type, id, reach);
  await fhir.audit([auditOf(fhir, request, 'validate', type, found, id)]);
  return contentOf(found, `${type}/${id}`);
}
