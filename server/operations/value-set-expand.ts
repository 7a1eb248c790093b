// ValueSet/$expand: the codes of a value set, in pages, by words. FHIR R4, https://hl7.org/fhir/R4/valueset-operation-expand.html

import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest, Operation, PathNames } from '../interaction/request.ts';
import { mostCodes } from '../terminology/expansion.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import { expanded } from '../terminology/with-large.ts';
import { type AskedParameters, askedParameters, type Kind } from './asked-parameters.ts';
import { askedValueSet, valueSetKinds } from './asked-value-set.ts';

export const expandKinds: Record<string, Kind> = {
  ...valueSetKinds,
  filter: 'text',
  offset: 'integer',
  count: 'integer',
  includeDesignations: 'boolean',
  activeOnly: 'boolean',
  excludeNested: 'boolean',
  excludeNotForUI: 'boolean',
  excludePostCoordinated: 'boolean',
  displayLanguage: 'text',
  'exclude-system': 'text',
};

const on = {
  code: 'expand',
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
  type: 'ValueSet',
  methods: ['GET', 'POST'],
  documentation: `Flat, whole or in pages (offset, count); at most ${mostCodes} codes in one answer. The filter finds words of the code and of all its designations, whatever their width and kind of kana. A value set that cannot be worked out from what is here is refused and never given in part.`,
  run: expand,
} as const;

export const expandOperations: readonly Operation[] = [
  { ...on, level: 'type' },
  { ...on, level: 'instance' },
];

async function expand(fhir: Fhir, request: FhirRequest, names: PathNames): Promise<Answer> {
  const asked = askedParameters(request, expandKinds);
  const count = asked.whole('count');
  if (count !== undefined && count > mostCodes)
    throw badRequest(`count is at most ${mostCodes}; ask for the next page with offset`, 'value', ['count']);
  const { valueSet, terminology } = await askedValueSet(fhir, request, 'expand', names, asked);
  const offset = asked.whole('offset') ?? 0;
  const { large } = terminologyInForce();
  const { total, contains } = await expanded({ terminology, large }, valueSet, {
    filter: asked.text('filter'),
    offset,
    count,
    includeDesignations: asked.flag('includeDesignations') ?? false,
    activeOnly: asked.flag('activeOnly') ?? false,
    excludeNotForUI: asked.flag('excludeNotForUI') ?? false,
    excludedSystems: asked.texts('exclude-system').map((one) => one.split('|')[0] ?? one),
    language: asked.text('displayLanguage') ?? request.language,
  });
  const parameter = echoed(asked);
  const expansion = {
    identifier: `urn:uuid:${randomUUID()}`,
    timestamp: new Date(fhir.nowMs()).toISOString(),
    total,
    ...(count === undefined && offset === 0 ? {} : { offset }),
    ...(parameter.length > 0 ? { parameter } : {}),
    ...(contains.length > 0 ? { contains } : {}),
  };
  const { text: _text, expansion: _old, compose: _compose, ...about } = valueSet;
  return { status: 200, body: JSON.stringify({ ...about, expansion }) };
}

/** The parameters that shaped the expansion, as it has to say. */
function echoed(asked: AskedParameters): JsonObject[] {
  const values = (name: string, kind: Kind): JsonObject[] => {
    if (kind === 'boolean') return asOne(asked.flag(name), 'valueBoolean');
    if (kind === 'integer') return asOne(asked.whole(name), 'valueInteger');
    return asked.texts(name).map((one) => ({ [uris.has(name) ? 'valueUri' : 'valueString']: one }));
  };
  return Object.entries(expandKinds)
    .filter(([name, kind]) => kind !== 'resource' && !(name in valueSetKinds))
    .flatMap(([name, kind]) => values(name, kind).map((value) => ({ name, ...value })));
}

const uris: ReadonlySet<string> = new Set(['exclude-system']);
const asOne = (value: unknown, member: string): JsonObject[] => (value === undefined ? [] : [{ [member]: value }]);
