// The definitions that ours stand on, with all their texts: from the HL7 packages that developers have, and from folders of JSON
// such as an unpacked JP Core. The shipped pack has no texts, and a snapshot has to have them (sdf-3).

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../fhir/json.ts';
import { type Definitions, definitionsOf, layered } from '../definitions.ts';
import type { Guide } from '../guide.ts';

/** Later ones go before earlier ones. */
const PACKAGES = ['hl7.fhir.r4.examples', 'hl7.fhir.uv.extensions.r4'] as const;

/** Ours, those of the folders, and HL7's. Throws where a folder is none. */
export function publishingDefinitions({ definitions }: Guide, folders: readonly string[]): Definitions {
  const require = createRequire(import.meta.url);
  const places = [...PACKAGES.map((name) => dirname(require.resolve(`${name}/package.json`))), ...folders];
  const bases = places.map((folder) => definitionsOf(structuresIn(folder))).reduce((under, one) => layered(one, under));
  return layered(definitionsOf(definitions.map(({ resource }) => resource)), bases);
}

function structuresIn(folder: string): JsonObject[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith('StructureDefinition-') && file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonObject);
}
