// The definitions that every Tsumugi has: FHIR R4, HL7 Terminology, the extensions pack and the International Patient Summary from
// the pack that `npm run definitions` makes, and our own from profiles/.

import { type Definitions, definitionsOf, layered } from './definitions.ts';
import { guide } from './guide.ts';
import { openPack } from './pack.ts';

/** Ours come first. Read once, when first asked for. */
export function shippedDefinitions(): Definitions {
  shipped ??= layered(
    definitionsOf(guide().definitions.map(({ resource }) => resource)),
    openPack(new URL('shipped', import.meta.url)),
  );
  return shipped;
}

let shipped: Definitions | undefined;
