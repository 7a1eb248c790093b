// A code in a value set, and what can be said of a value set: the words that the parts of value sets share.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import type { JsonObject } from '../fhir/json.ts';
import { type CodeIndex, isAbstract, type Placed } from './code-index.ts';
import type { SystemRule } from './systems-by-rule.ts';

/** A code in a value set. `placed`: where it stands in its code system; `source`: what the value set itself says of it. */
export type Member = {
  system: string;
  code: string;
  display?: string;
  isAbstract: boolean;
  placed?: Placed;
  source?: JsonObject;
};

/** Why something cannot be told: `why` completes "The codes cannot be worked out: …". */
export type Untold = { why: string; cause: 'unknown-system' | 'unknown-value-set' | 'cannot-expand' };

export type Members = {
  /** False for a code that is not in it. A code without a system may be of any. */
  find(system: string | undefined, code: string): Member | Untold | false;
  /** All of them, each once, in the order of the value set; a reason where there is no list. */
  list(): readonly Member[] | Untold;
};

/** Where a part's code systems and value sets come from. */
export type Sources = {
  codeIndex(canonical: string): CodeIndex | undefined;
  rule(system: string): SystemRule | undefined;
  members(canonical: string): Members;
  /** Whether enough time has gone into one question: a value set that was sent may be made to take for ever. */
  isOver(): boolean;
};

export const isMember = (found: Member | Untold | false): found is Member => found !== false && 'code' in found;
export const isUntold = (found: object | false): found is Untold => found !== false && 'why' in found;

export const isUntoldList = (list: readonly Member[] | Untold): list is Untold => !Array.isArray(list);

export const untoldMembers = (untold: Untold): Members => ({ find: () => untold, list: () => untold });

/** `why` completes "The codes cannot be worked out: …". */
export const cannotExpand = (why: string): Untold => ({ why, cause: 'cannot-expand' });

export const tooSlow = (url: string): Untold => cannotExpand(`the ValueSet ${url} takes too long`);

export const keyOf = ({ system, code }: Member): string => `${system}|${code}`;

/** Every concept of a code system that is all here. */
export function membersOfSystem(index: CodeIndex): readonly Member[] {
  const known = ofSystems.get(index);
  if (known) return known;
  const made = [...index.concepts.values()].map((placed) => memberOf(index, placed));
  ofSystems.set(index, made);
  return made;
}

const ofSystems = new WeakMap<CodeIndex, readonly Member[]>();

export function memberOf(index: CodeIndex, placed: Placed): Member {
  const { display } = placed.source;
  return {
    system: index.system,
    code: placed.code,
    ...(typeof display === 'string' ? { display } : {}),
    isAbstract: isAbstract(placed),
    placed,
  };
}

/** Made when it is first asked for, and kept. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
