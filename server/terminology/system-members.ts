// The codes that a part of a value set takes from one code system: those it lists, all there are, or what filters leave.
// FHIR R4, https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include

import type { JsonObject } from '../fhir/json.ts';
import { type CodeIndex, isAbstract, objects } from './code-index.ts';
import { filteredCodes } from './filters.ts';
import {
  cannotExpand,
  type Member,
  type Members,
  memberOf,
  membersOfSystem,
  once,
  type Sources,
  type Untold,
} from './member.ts';

/** An include of one system: a list of codes, the whole of it, or what filters leave. */
export function systemMembers(part: JsonObject, system: string, sources: Sources): Members {
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
