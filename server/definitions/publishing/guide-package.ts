// The implementation guide as the files of a FHIR package: manifest, index, definitions with their snapshots, examples.
// https://hl7.org/fhir/packages.html, https://confluence.hl7.org/display/FHIR/NPM+Package+Specification

import { CANONICAL } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/json.ts';
import type { Definitions } from '../definitions.ts';
import type { Guide, GuideEntry } from '../guide.ts';
import { partialSnapshotOf } from '../snapshot.ts';
import type { ArchivedFile } from './tar.ts';

export const PACKAGE = { id: 'tsumugi.phr.r4', version: '0.1.0' } as const;
const DATE = '2026-11-23';
const TITLE = 'Tsumugi 紡ぎ: records of mothers and children in Japan';

/** What our definitions name of others. */
const DEPENDENCIES = {
  'hl7.fhir.r4.core': '4.0.1',
  'hl7.terminology.r4': '7.0.1',
  'hl7.fhir.uv.extensions.r4': '5.3.0-ballot-tc1',
  'jpfhir.jp.core': '1.2.0',
} as const;
const JP_CORE = 'http://jpfhir.jp/fhir/core/ImplementationGuide/jpfhir.jp.core';

/** `withoutSnapshot`: canonicals of profiles that stand on definitions that are not at hand, and those. */
export type GuidePackage = {
  files: ArchivedFile[];
  withoutSnapshot: { profile: string; missing: readonly string[] }[];
};

/** `definitions` are those of the bases, with all their texts: a snapshot repeats them. Throws SnapshotError. */
export function guidePackage({ definitions: own, examples }: Guide, definitions: Definitions): GuidePackage {
  const withoutSnapshot: GuidePackage['withoutSnapshot'] = [];
  const resources = own.map((entry) => {
    if (entry.type !== 'StructureDefinition') return entry.resource;
    const { elements, missing } = partialSnapshotOf(entry.resource, definitions);
    if (missing.length === 0) return withSnapshot(entry.resource, elements);
    withoutSnapshot.push({ profile: String(entry.resource.url), missing });
    return entry.resource;
  });
  resources.push(implementationGuide(own, examples));
  const illustrations = examples.map(({ resource }) => resource);
  const files = [
    { name: 'package/package.json', text: textOf(manifest()) },
    { name: 'package/.index.json', text: textOf(indexOf(resources)) },
    ...resources.map((one) => ({ name: `package/${fileOf(one)}`, text: textOf(one) })),
    { name: 'package/example/.index.json', text: textOf(indexOf(illustrations)) },
    ...illustrations.map((one) => ({ name: `package/example/${fileOf(one)}`, text: textOf(one) })),
  ];
  return { files, withoutSnapshot };
}

/** The differential comes behind the snapshot, as FHIR has them in order. */
function withSnapshot({ differential, ...others }: JsonObject, elements: readonly JsonObject[]): JsonObject {
  return { ...others, snapshot: { element: elements.map(withoutEmptyTexts) }, differential };
}

/** JP Core 1.2.0 has empty comments, which are no valid JSON of FHIR. */
const withoutEmptyTexts = (element: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(element).filter(([, value]) => value !== ''));

function manifest(): JsonObject {
  return {
    name: PACKAGE.id,
    version: PACKAGE.version,
    'tools-version': 3,
    type: 'IG',
    date: `${DATE.replaceAll('-', '')}000000`,
    license: 'Apache-2.0',
    canonical: CANONICAL,
    url: CANONICAL,
    title: TITLE,
    description: 'Profiles on JP Core for the health record of mothers and children, with value sets and examples',
    fhirVersions: ['4.0.1'],
    dependencies: DEPENDENCIES,
    author: 'Tsumugi',
    directories: { lib: 'package', example: 'example' },
    jurisdiction: 'urn:iso:std:iso:3166#JP',
  };
}

function implementationGuide(own: readonly GuideEntry[], examples: readonly GuideEntry[]): JsonObject {
  const named = ({ type, id, resource }: GuideEntry) => ({
    reference: { reference: `${type}/${id}` },
    name: String(resource.title ?? resource.name ?? id),
  });
  const resource = [
    ...own.map((entry) => ({ ...named(entry), exampleBoolean: false })),
    ...examples.map((entry) => ({ ...named(entry), exampleCanonical: profileOf(entry) })),
  ];
  return {
    resourceType: 'ImplementationGuide',
    id: PACKAGE.id,
    url: `${CANONICAL}/ImplementationGuide/${PACKAGE.id}`,
    version: PACKAGE.version,
    name: 'Tsumugi',
    title: TITLE,
    status: 'active',
    experimental: false,
    date: DATE,
    publisher: 'Tsumugi',
    packageId: PACKAGE.id,
    license: 'Apache-2.0',
    fhirVersion: ['4.0.1'],
    dependsOn: [{ uri: JP_CORE, packageId: 'jpfhir.jp.core', version: DEPENDENCIES['jpfhir.jp.core'] }],
    definition: { resource },
  };
}

const profileOf = ({ resource: { meta } }: GuideEntry): unknown =>
  (meta as { profile?: unknown[] } | undefined)?.profile?.[0];

/** https://hl7.org/fhir/packages.html, version 2 of the index. */
function indexOf(resources: readonly JsonObject[]): JsonObject {
  const files = resources.map((one) => {
    const { resourceType, id, url, version, kind, type } = one;
    return {
      filename: fileOf(one),
      resourceType,
      id,
      url,
      version,
      kind,
      type: typeof type === 'string' ? type : undefined,
    };
  });
  return { 'index-version': 2, files };
}

const fileOf = ({ resourceType, id }: JsonObject): string => `${resourceType}-${id}.json`;

const textOf = (value: JsonObject): string => `${JSON.stringify(value, null, 2)}\n`;
