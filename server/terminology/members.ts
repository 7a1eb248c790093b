// What is in a value set, as an answer in three: in it, not in it, cannot be told from what is here. A value set is compiled to the
// tests of its parts; nothing is copied from a code system that is included whole, and a list is made only for who asks for it.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import { isObject, type JsonObject } from '../fhir/json.ts';
import { objects } from './code-index.ts';
import { expandedMembers } from './expanded-members.ts';
import {
  cannotExpand,
  isMember,
  isUntold,
  isUntoldList,
  keyOf,
  type Member,
  type Members,
  once,
  type Sources,
  tooSlow,
  type Untold,
  untoldMembers,
} from './member.ts';
import { partMembers } from './part-members.ts';

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
  const isNested = [...objects(compose.include), ...objects(compose.exclude)].some(
    (part) => part.valueSet !== undefined,
  );
  const late = () => (sources.isOver() ? tooSlow(url) : undefined);
  return { find: isNested ? askedOnce(find, sources) : find, list: once(() => listOf(includes, excludes, late)) };
}

/** Value sets that name others by many ways lead to each of these many times with one question, which is answered once. */
function askedOnce(find: Members['find'], { isOver }: Sources): Members['find'] {
  const answers = new Map<string | undefined, Member | Untold | false>();
  let asked: string | undefined;
  return (system, code) => {
    if (code !== asked) answers.clear();
    asked = code;
    const found = answers.get(system) ?? find(system, code);
    if (!isOver()) answers.set(system, found);
    return found;
  };
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
