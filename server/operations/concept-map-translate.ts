// ConceptMap/$translate: what a code is in another code system. FHIR R4, https://hl7.org/fhir/R4/conceptmap-operation-translate.html

import { type Definitions, urlOf } from '../definitions/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest, Operation, PathNames } from '../interaction/request.ts';
import { parseQuery } from '../search/parse-query.ts';
import { objects } from '../terminology/code-index.ts';
import { type Match, translated } from '../terminology/translate.ts';
import { bestFirst, type Wanted } from '../terminology/with-resources.ts';
import { askedCodes, codeKinds } from './asked-code.ts';
import { type AskedParameters, askedParameters, type Kind } from './asked-parameters.ts';
import { askedInstance, sourcesOf, stored } from './terminology-sources.ts';

const kinds: Record<string, Kind> = {
  ...codeKinds,
  system: 'text',
  version: 'text',
  url: 'text',
  conceptMap: 'resource',
  conceptMapVersion: 'text',
  source: 'text',
  target: 'text',
  targetsystem: 'text',
  reverse: 'boolean',
  'tx-resource': 'resource',
};

const on = {
  code: 'translate',
  definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
  type: 'ConceptMap',
  methods: ['GET', 'POST'],
  documentation:
    'By one map, or by every map here from the code’s system to the target that is named (a value set or a code system). Maps read backwards with reverse.',
  run: translate,
} as const;

export const translateOperations: readonly Operation[] = [
  { ...on, level: 'type' },
  { ...on, level: 'instance' },
];

async function translate(fhir: Fhir, request: FhirRequest, names: PathNames): Promise<Answer> {
  const asked = askedParameters(request, kinds);
  const isReverse = asked.flag('reverse') ?? false;
  const codes = askedCodes(asked, { system: asked.text('system'), version: asked.text('version'), display: undefined });
  if (asked.text('code') !== undefined && asked.text('system') === undefined)
    throw badRequest('A code needs its system', 'required', ['system']);
  const { maps, definitions } = await askedMaps(fhir, request, names, asked, isReverse);
  const targetSystem = asked.text('targetsystem');
  const matches = codes.flatMap(({ system, code }) =>
    maps.flatMap((map) =>
      translated(map, { system, code, targetSystem, isReverse }, (url) => definitions.find('ConceptMap', url)),
    ),
  );
  const isFound = matches.some(({ equivalence }) => equivalence !== 'unmatched' && equivalence !== 'disjoint');
  const parameter = [
    { name: 'result', valueBoolean: isFound },
    ...(isFound ? [] : [{ name: 'message', valueString: messageOf(maps, matches) }]),
    ...matches.map(matchParameter),
  ];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

const messageOf = (maps: readonly JsonObject[], matches: readonly Match[]): string => {
  if (maps.length === 0) return 'There is no ConceptMap from this system to that target here';
  return matches.length > 0 ? 'The code has no counterpart' : 'No ConceptMap that was looked at has the code';
};

type Maps = { maps: readonly JsonObject[]; definitions: Definitions };

async function askedMaps(
  fhir: Fhir,
  request: FhirRequest,
  names: PathNames,
  asked: AskedParameters,
  isReverse: boolean,
): Promise<Maps> {
  const instance = await askedInstance(fhir, request, 'translate', names);
  const sent = asked.resource('conceptMap', 'ConceptMap');
  const url = asked.text('url');
  if ([instance, sent, url].filter((one) => one !== undefined).length > 1)
    throw badRequest('Name one ConceptMap: by its address, with url, or with conceptMap', 'invalid', ['url']);
  const along = asked.resources('tx-resource');
  const map = instance ?? sent;
  if (map) return { maps: [map], definitions: await withOthers(fhir, request, [map], along) };
  if (url !== undefined) {
    const version = asked.text('conceptMapVersion');
    const name = version === undefined ? url : `${urlOf(url)}|${version}`;
    const { definitions } = await sourcesOf(fhir, request, [{ type: 'ConceptMap', name }], along);
    const found = definitions.find('ConceptMap', name);
    if (!found) throw notFound(`the ConceptMap ${name}`);
    return { maps: [found], definitions: await withOthers(fhir, request, [found], along) };
  }
  const maps = await fittingMaps(fhir, request, asked, isReverse);
  return { maps, definitions: await withOthers(fhir, request, maps, along) };
}

/** With the maps that stand in where these have no entry. */
async function withOthers(
  fhir: Fhir,
  request: FhirRequest,
  maps: readonly JsonObject[],
  along: readonly JsonObject[],
): Promise<Definitions> {
  const urls = maps
    .flatMap((map) => objects(map.group))
    .flatMap(({ unmapped }) => (isObject(unmapped) ? [unmapped.url] : []));
  const wanted = urls.flatMap((one): Wanted[] => (typeof one === 'string' ? [{ type: 'ConceptMap', name: one }] : []));
  return (await sourcesOf(fhir, request, wanted, along)).definitions;
}

/** Without the name of a map: those between the systems, or the value sets, that are named. Stored ones go first. */
async function fittingMaps(
  fhir: Fhir,
  request: FhirRequest,
  asked: AskedParameters,
  isReverse: boolean,
): Promise<JsonObject[]> {
  const [source, target, targetSystem] = ['source', 'target', 'targetsystem'].map((name) => asked.text(name));
  if (source === undefined && target === undefined && targetSystem === undefined)
    throw badRequest('Name the map with url, or what to translate to with target or targetsystem', 'required', [
      'url',
      'target',
      'targetsystem',
    ]);
  const coding = asked.object('coding') ?? objects(asked.object('codeableConcept')?.coding)[0];
  const system = asked.text('system') ?? coding?.system;
  const fits = (map: JsonObject) =>
    objects(map.group).some((group) => {
      const [from, to] = isReverse ? [group.target, group.source] : [group.source, group.target];
      return (system === undefined || from === system) && (targetSystem === undefined || to === targetSystem);
    }) &&
    (source === undefined || isNamed(map, isReverse ? 'target' : 'source', source)) &&
    (target === undefined || isNamed(map, isReverse ? 'source' : 'target', target));
  const kept = new Map<string, JsonObject>();
  const along = asked.resources('tx-resource').filter(({ resourceType }) => resourceType === 'ConceptMap');
  const own = await storedMaps(fhir, request, typeof system === 'string' ? system : undefined, isReverse);
  for (const map of [...along, ...own.sort(bestFirst), ...shippedMaps(await sourcesOf(fhir, request, [], []))]) {
    const name = String(map.url ?? map.id);
    if (!kept.has(name)) kept.set(name, map);
  }
  return [...kept.values()].filter(fits);
}

function shippedMaps({ definitions }: { definitions: Definitions }): JsonObject[] {
  return [...definitions.urls('ConceptMap')].flatMap((url): JsonObject[] => {
    const found = definitions.find('ConceptMap', url);
    return found ? [found] : [];
  });
}

async function storedMaps(
  fhir: Fhir,
  request: FhirRequest,
  system: string | undefined,
  isReverse: boolean,
): Promise<JsonObject[]> {
  if (system === undefined) return [];
  const name = isReverse ? 'target-system' : 'source-system';
  const value = system.replace(/[\\,$|]/g, '\\$&');
  const { filters } = parseQuery('ConceptMap', [[name, value]], {
    lenient: false,
    nowMs: fhir.nowMs(),
    base: fhir.base,
  });
  const found = await Promise.all(filters.map((filter) => stored(fhir, request.access, 'ConceptMap', filter)));
  return found.flat();
}

/** The value set, or the uri, that a map is from or to. */
function isNamed(map: JsonObject, end: 'source' | 'target', canonical: string): boolean {
  const named = map[`${end}Canonical`] ?? map[`${end}Uri`];
  return typeof named === 'string' && urlOf(named) === urlOf(canonical);
}

function matchParameter({ equivalence, concept, product, source }: Match) {
  return {
    name: 'match',
    part: [
      { name: 'equivalence', valueCode: equivalence },
      ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
      ...product.map((one) => ({
        name: 'product',
        part: [
          { name: 'element', valueUri: one.element },
          { name: 'concept', valueCoding: one.concept },
        ],
      })),
      { name: 'source', valueUri: source },
    ],
  };
}
