// What is in a value set, as an answer in three: in it, not in it, cannot be told from what is here. A value set is compiled to the
// tests of its parts; nothing is copied from a code system that is included whole, and a list is made only for who asks for it.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { type CodeIndex, isAbstract, objects, type Placed } from './code-index.ts';
import { filteredCodes } from './filters.ts';
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

/** The members of a ValueSet resource: its expansion where it is whole, and else what its compose says. */
export function membersOf(valueSet: JsonObject, sources: Sources): Members {
  const { url, compose, expansion } = valueSet;
  const listed = isObject(expansion) ? expandedMembers(valueSet, expansion, sources) : undefined;
  const composed = isObject(compose) ? composedMembers(String(url), compose, sources) : undefined;
  if (!composed)
    return (
      listed?.members ??
      untoldMembers(cannotExpand(`the ValueSet ${url} has neither a compose nor a complete expansion`))
    );
  if (!listed) return composed;
  // The list of a whole expansion is the value set; of a cut one it is right in what it has, and says nothing of what it lacks.
  if (listed.isWhole) return listed.members;
  return {
    find(system, code) {
      const found = composed.find(system, code);
      if (!isUntold(found)) return found;
      const ready = listed.members.find(system, code);
      return isMember(ready) ? ready : found;
    },
    list: composed.list,
  };
}

export const untoldMembers = (untold: Untold): Members => ({ find: () => untold, list: () => untold });

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

function composedMembers(url: string, compose: JsonObject, sources: Sources): Members {
  const includes = objects(compose.include).map((part) => partMembers(url, part, sources));
  const excludes = objects(compose.exclude).map((part) => partMembers(url, part, sources));
  if (includes.length === 0)
    return untoldMembers(cannotExpand(`the ValueSet ${url} has neither a compose nor a complete expansion`));
  const find: Members['find'] = (system, code) => {
    if (sources.isOver()) return tooSlow(url);
    const found = firstOf(includes, system, code);
    if (found === false || excludes.length === 0) return found;
    const out = firstOf(excludes, isMember(found) ? found.system : system, code);
    if (isMember(out)) return false;
    return isUntold(out) ? out : found;
  };
  return { find, list: once(() => listOf(includes, excludes, () => (sources.isOver() ? tooSlow(url) : undefined))) };
}

/** In one of them, in none of them, or not to be told. */
function firstOf(parts: readonly Members[], system: string | undefined, code: string): Member | Untold | false {
  let untold: Untold | undefined;
  for (const part of parts) {
    const found = part.find(system, code);
    if (found === false) continue;
    if (isMember(found)) return found;
    untold ??= found;
  }
  return untold ?? false;
}

function listOf(
  includes: readonly Members[],
  excludes: readonly Members[],
  late: () => Untold | undefined,
): readonly Member[] | Untold {
  const lists = includes.map((part) => late() ?? part.list());
  const untold = lists.find(isUntoldList) ?? excludes.map((part) => late() ?? part.list()).find(isUntoldList);
  if (untold) return untold;
  const [only, ...others] = lists as (readonly Member[])[];
  if (only && others.length === 0 && excludes.length === 0) return only;
  const found = new Map<string, Member>();
  for (const list of lists as (readonly Member[])[]) {
    for (const one of list) if (!found.has(keyOf(one))) found.set(keyOf(one), one);
  }
  for (const part of excludes) for (const one of part.list() as readonly Member[]) found.delete(keyOf(one));
  return [...found.values()];
}

const tooSlow = (url: string): Untold => cannotExpand(`the ValueSet ${url} takes too long`);

const isUntoldList = (list: readonly Member[] | Untold): list is Untold => !Array.isArray(list);
const keyOf = ({ system, code }: Member): string => `${system}|${code}`;

/** "All the conditions": of the system, in the list or through the filters, and in every value set. */
function partMembers(url: string, part: JsonObject, sources: Sources): Members {
  const named = Array.isArray(part.valueSet) ? part.valueSet.filter((one) => typeof one === 'string') : [];
  const conditions = named.map((one) => sources.members(one));
  const { system } = part;
  const late = () => (sources.isOver() ? tooSlow(url) : undefined);
  const [first] = conditions;
  if (typeof system !== 'string') {
    if (first) return allOf([first, ...conditions.slice(1)], late);
    return untoldMembers(cannotExpand(`an include of the ValueSet ${url} names neither a system nor a value set`));
  }
  // A system beside value sets asks for their codes of that system: the CodeSystem itself need not be here.
  if (first && objects(part.concept).length === 0 && objects(part.filter).length === 0)
    return allOf([ofSystem(first, system), ...conditions.slice(1)], late);
  return allOf([systemMembers(part, system, sources), ...conditions], late);
}

const ofSystem = (members: Members, system: string): Members => ({
  find: (asked, code) => (asked === undefined || asked === system ? members.find(system, code) : false),
  list: once(() => {
    const list = members.list();
    return isUntoldList(list) ? list : list.filter((one) => one.system === system);
  }),
});

function allOf([first, ...others]: readonly [Members, ...Members[]], late: () => Untold | undefined): Members {
  if (others.length === 0) return first;
  return {
    find(system, code) {
      const found = first.find(system, code);
      if (found === false) return false;
      let untold = isUntold(found) ? found : undefined;
      for (const one of others) {
        const beside = one.find(isMember(found) ? found.system : system, code);
        if (beside === false) return false;
        if (isUntold(beside)) untold ??= beside;
      }
      return untold ?? found;
    },
    list: once(() => {
      const list = first.list();
      if (isUntoldList(list)) return list;
      const kept: Member[] = [];
      for (const member of list) {
        const fits = late() ?? inAll(others, member);
        if (typeof fits !== 'boolean') return fits;
        if (fits) kept.push(member);
      }
      return kept;
    }),
  };
}

function inAll(conditions: readonly Members[], { system, code }: Member): Untold | boolean {
  for (const one of conditions) {
    const found = one.find(system, code);
    if (found === false || isUntold(found)) return found;
  }
  return true;
}

/** An include of one system: a list of codes, the whole of it, or what filters leave. */
function systemMembers(part: JsonObject, system: string, sources: Sources): Members {
  const name = typeof part.version === 'string' ? `${system}|${part.version}` : system;
  const filters = objects(part.filter);
  const concepts = objects(part.concept);
  if (concepts.length > 0) return listedMembers(concepts, system, name, sources);
  const index = sources.codeIndex(name);
  const isComplete = index?.content === 'complete';
  if (index && isComplete) return filters.length > 0 ? filteredMembers(index, filters) : wholeSystem(index);
  const rule = sources.rule(system);
  const missing: Untold = index
    ? cannotExpand(`the CodeSystem ${name} is stored here with content "${index.content}", not "complete"`)
    : { why: `the CodeSystem ${name} is not stored here`, cause: 'unknown-system' };
  const noList: Untold = rule?.isAll ? cannotExpand(`${rule.name} cannot be listed`) : missing;
  return {
    find(asked, code) {
      if (asked !== undefined && asked !== system) return false;
      const placed = index?.find(code);
      const answer = placed ? undefined : rule?.test(code);
      if (answer === false) return false;
      if (filters.length > 0) return missing;
      if (index && placed) return memberOf(index, placed);
      return answer ? { system, code, isAbstract: false } : missing;
    },
    list: () => noList,
  };
}

function listedMembers(concepts: readonly JsonObject[], system: string, name: string, sources: Sources): Members {
  // The code system is asked for words and for its cases only, and only when one is needed.
  const indexed = once(() => ({ index: sources.codeIndex(name) }));
  const made = once(() => {
    const found = new Map<string, Member>();
    for (const concept of concepts) {
      const { code, display } = concept;
      if (typeof code !== 'string' || found.has(code)) continue;
      const { index } = indexed();
      const placed = index?.find(code);
      const words = typeof display === 'string' ? display : placed?.source.display;
      found.set(code, {
        system,
        code,
        ...(typeof words === 'string' ? { display: words } : {}),
        isAbstract: placed !== undefined && isAbstract(placed),
        ...(placed ? { placed } : {}),
        source: concept,
      });
    }
    return found;
  });
  return {
    find(asked, code) {
      if (asked !== undefined && asked !== system) return false;
      const found = made().get(code);
      if (found) return found;
      const written = indexed().index?.find(code)?.code;
      return (written !== undefined && written !== code && made().get(written)) || false;
    },
    list: once(() => [...made().values()]),
  };
}

const wholeSystem = (index: CodeIndex): Members => ({
  find(system, code) {
    if (system !== undefined && system !== index.system) return false;
    const placed = index.find(code);
    return placed ? memberOf(index, placed) : false;
  },
  list: () => membersOfSystem(index),
});

function filteredMembers(index: CodeIndex, filters: readonly JsonObject[]): Members {
  const codes = once(() => filteredCodes(index, filters));
  return {
    find(system, code) {
      if (system !== undefined && system !== index.system) return false;
      const placed = index.find(code);
      if (!placed) return false;
      const found = codes();
      if (typeof found === 'string') return cannotExpand(found);
      return found.has(placed.code) && memberOf(index, placed);
    },
    list: once(() => {
      const found = codes();
      if (typeof found === 'string') return cannotExpand(found);
      return membersOfSystem(index).filter(({ code }) => found.has(code));
    }),
  };
}

const unclosed = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';
const toocostly = 'http://hl7.org/fhir/StructureDefinition/valueset-toocostly';
// R4's own expansions end after 1,000 codes of each filter, and not all of them say so (condition-code).
const r4Cut = 1000;

/** An expansion's codes without headings; undefined where a code stands there without its system, which may mean anything. */
function expandedMembers(
  { url, version }: JsonObject,
  expansion: JsonObject,
  sources: Sources,
): { members: Members; isWhole: boolean } | undefined {
  const found = new Map<string, Member>();
  const systems = new Map<string, Member>();
  let entries = 0;
  const open = objects(expansion.contains).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    entries += 1;
    open.push(...objects(next.contains).reverse());
    const { system, code, display, abstract } = next;
    if (typeof code !== 'string' || abstract === true) continue;
    if (typeof system !== 'string') return undefined;
    const placed = sources.codeIndex(system)?.find(code);
    const words = typeof display === 'string' ? { display } : {};
    const member = { system, code, ...words, isAbstract: false, ...(placed ? { placed } : {}), source: next };
    if (!found.has(keyOf(member))) found.set(keyOf(member), member);
    if (!systems.has(code)) systems.set(code, member);
  }
  const isMarked = objects(expansion.extension).some((one) => one.url === unclosed || one.url === toocostly);
  const isR4 = String(url).startsWith('http://hl7.org/fhir/ValueSet/') && version === '4.0.1';
  const isPage = Number(numberText(expansion.offset) ?? 0) > 0 || Number(numberText(expansion.total) ?? 0) > entries;
  const isWhole = !isMarked && !isPage && !(isR4 && (entries >= r4Cut || entries === 0));
  const list = once(() => [...found.values()]);
  const cut = cannotExpand(`the ValueSet ${url} has neither a compose nor a complete expansion`);
  return {
    members: {
      find: (system, code) =>
        (system === undefined ? systems.get(code) : found.get(`${system}|${code}`)) ?? (isWhole ? false : cut),
      list: () => (isWhole ? list() : cut),
    },
    isWhole,
  };
}

const cannotExpand = (why: string): Untold => ({ why, cause: 'cannot-expand' });

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
