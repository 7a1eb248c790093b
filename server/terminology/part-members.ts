// One include or exclude of a value set: the codes of a system, and of every value set it names.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions

import type { JsonObject } from '../fhir/json.ts';
import { objects } from './code-index.ts';
import {
  cannotExpand,
  isMember,
  isUntold,
  isUntoldList,
  type Member,
  type Members,
  once,
  type Sources,
  tooSlow,
  type Untold,
  untoldMembers,
} from './member.ts';
import { systemMembers } from './system-members.ts';

/** "All the conditions": of the system, in the list or through the filters, and in every value set. */
export function partMembers(url: string, part: JsonObject, sources: Sources): Members {
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
