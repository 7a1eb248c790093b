// The definitions that every Tsumugi has: FHIR R4, HL7 Terminology, the extensions pack and the International Patient Summary from
// the pack that `npm run definitions` makes, and our own from profiles/.

import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../fhir/json.ts';
import { type Definitions, definitionsOf, layered } from './definitions.ts';
import { openPack } from './pack.ts';

/** Ours come first. Read once, when first asked for. */
export function shippedDefinitions(): Definitions {
  shipped ??= layered(ownDefinitions(), openPack(new URL('shipped', import.meta.url)));
  return shipped;
}

let shipped: Definitions | undefined;

function ownDefinitions(): Definitions {
  const folder = new URL('../../profiles/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const found = files
    .filter(({ name }) => name.endsWith('.json'))
    .map(({ parentPath, name }) => JSON.parse(readFileSync(`${parentPath}/${name}`, 'utf8')) as JsonObject);
  return definitionsOf(found.filter(({ url }) => typeof url === 'string'));
}
