// $meta, $meta-add and $meta-delete: the profiles, tags and security labels of a resource.
// FHIR R4, https://hl7.org/fhir/R4/resource-operations.html
//
// R4 changes them in place, without a new version. Here a version never changes, so that an ETag, a page of history and a
// signed archive mean one text for ever: a change of labels is a new version, through the door that every write takes. Adding
// what is there and deleting what is not changes nothing. Labels of a whole type or of the system are not collected.

import { namedReach } from '../access/named-reach.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, OperationOutcomeError } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { contentOf, latest } from '../interaction/latest.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import {
  type Answer,
  type Fhir,
  type FhirRequest,
  type Handler,
  type Operation,
  type PathNames,
  versionOf,
} from '../interaction/request.ts';
import type { Change } from '../store/change.ts';

const onResource = { level: 'instance', type: 'Resource' } as const;
const definitionOf = (code: string): string => `http://hl7.org/fhir/OperationDefinition/Resource-${code}`;

/** All that are mounted. */
export const metaOperations: readonly Operation[] = [
  { code: 'meta', definition: definitionOf('meta'), ...onResource, methods: ['GET', 'POST'], run: meta },
  {
    code: 'meta',
    definition: definitionOf('meta'),
    ...onResource,
    level: 'version',
    methods: ['GET', 'POST'],
    run: meta,
  },
  { code: 'meta-add', definition: definitionOf('meta-add'), ...onResource, methods: ['POST'], run: changing(added) },
  {
    code: 'meta-delete',
    definition: definitionOf('meta-delete'),
    ...onResource,
    methods: ['POST'],
    run: changing(deleted),
  },
];

async function meta(fhir: Fhir, request: FhirRequest, { type, id, version }: PathNames): Promise<Answer> {
  refuseQuery(request);
  if (request.body !== undefined) readParameters(request.body, []);
  const { reader } = fhir;
  const reach = namedReach(request.access, 'read', type);
  const number = /^\d{1,9}$/.test(version) ? Number(version) : 0;
  const found = version === '' ? await latest(reader, type, id, reach) : await reader.version(type, id, reach, number);
  await fhir.audit([auditOf(fhir, request, 'meta', type, found, id)]);
  return answer(contentOf(found, version === '' ? `${type}/${id}` : `${type}/${id}/_history/${version}`));
}

type Labels = { profile: unknown[]; security: unknown[]; tag: unknown[] };

const labelNames = ['profile', 'security', 'tag'];
const mostAttempts = 5;

function changing(change: (before: Labels, named: Labels) => Labels): Handler {
  return async (fhir, request, { type, id }) => {
    refuseQuery(request);
    const given = single(readParameters(request.body, ['meta']), 'meta')?.valueMeta;
    if (!isObject(given) || !labelNames.every((name) => Array.isArray(given[name] ?? [])))
      throw required('meta', 'valueMeta with lists of profile, security or tag');
    namedReach(request.access, 'update', type);
    const reach = namedReach(request.access, 'read', type);
    const ifMatch = versionOf(request.headers.ifMatch);
    for (let attempt = 1; ; attempt++) {
      const found = await latest(fhir.reader, type, id, reach);
      await fhir.audit([auditOf(fhir, request, 'meta', type, found, id)]);
      const stored = contentOf(found, `${type}/${id}`);
      const labels = change(labelsOf(stored.meta), labelsOf(given));
      const version = found?.version ?? 0;
      if (JSON.stringify(labels) === JSON.stringify(labelsOf(stored.meta)) && (ifMatch ?? version) === version)
        return answer(stored);
      const resource = { ...stored, meta: { ...(isObject(stored.meta) ? stored.meta : {}), ...present(labels) } };
      try {
        const change: Change = { method: 'update', type, id, resource, ifMatch: ifMatch ?? version };
        const [written] = await fhir.write(request.access, [change], { request: request.id });
        return answer(parseJson(written?.content ?? '{}') as JsonObject);
      } catch (error) {
        // Somebody else was first; labels are a set, so the change still means what it meant.
        const isRace = error instanceof OperationOutcomeError && error.status === 412 && ifMatch === undefined;
        if (!isRace || attempt === mostAttempts) throw error;
      }
    }
  };
}

function added(before: Labels, named: Labels): Labels {
  const both = (one: unknown[], other: unknown[]) => {
    const known = new Set(one.map(nameOf));
    return [...one, ...other.filter((label) => !known.has(nameOf(label)) && known.add(nameOf(label)))];
  };
  return {
    profile: both(before.profile, named.profile),
    security: both(before.security, named.security),
    tag: both(before.tag, named.tag),
  };
}

function deleted(before: Labels, named: Labels): Labels {
  const without = (one: unknown[], other: unknown[]) => {
    const names = new Set(other.map(nameOf));
    return one.filter((label) => !names.has(nameOf(label)));
  };
  return {
    profile: without(before.profile, named.profile),
    security: without(before.security, named.security),
    tag: without(before.tag, named.tag),
  };
}

/** A label is the same by its system and code, whatever it is displayed as. */
const nameOf = (label: unknown): string =>
  isObject(label) ? JSON.stringify([label.system ?? null, label.code ?? null]) : JSON.stringify(label);

function labelsOf(meta: unknown): Labels {
  const list = (name: string) => (isObject(meta) && Array.isArray(meta[name]) ? (meta[name] as unknown[]) : []);
  return { profile: list('profile'), security: list('security'), tag: list('tag') };
}

/** Empty lists are not allowed in FHIR JSON. */
const present = (labels: Labels): JsonObject =>
  Object.fromEntries(Object.entries(labels).map(([name, list]) => [name, list.length > 0 ? list : undefined]));

function answer({ meta }: JsonObject): Answer {
  const body = { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: meta }] };
  return { status: 200, body: JSON.stringify(body) };
}

function refuseQuery({ query }: FhirRequest): void {
  const unknown = [...new URLSearchParams(query).keys()].find((name) => name !== '_format' && name !== '_pretty');
  if (unknown !== undefined) throw badRequest(`There is no parameter "${unknown}" here`, 'not-supported', [unknown]);
}
