// Answers about codes from the definitions at hand. Every code system and value set is compiled when it is first asked about, and
// kept: the answers of one Terminology are those of one state of its definitions.
// FHIR R4, https://hl7.org/fhir/R4/terminology-service.html

import type { Definitions } from '../definitions/definitions.ts';
import { isOwnName, urlOf } from '../definitions/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { cannotExpand } from '../fhir/outcome.ts';
import { type CodeIndex, codeIndex, type Placed } from './code-index.ts';
import { isoCodes } from './iso-codes.ts';
import { isMember, isUntold, type Member, type Members, type Sources, untoldMembers } from './member.ts';
import { membersOf } from './members.ts';
import { systemRule } from './systems-by-rule.ts';
import type { CodeCheck, Coded, Terminology } from './terminology.ts';
import { isDisplayOf } from './words.ts';

/** What the operations ask beyond validation: the compiled things themselves. */
export type CompiledTerminology = Omit<Terminology, 'expand'> & {
  expand(valueSet: JsonObject | string): readonly Member[];
  /** The resource of a canonical, also of those that SNOMED CT and LOINC have for all their codes. */
  valueSet(canonical: string): JsonObject | undefined;
  codeIndex(canonical: string): CodeIndex | undefined;
  /** By canonical, or of a resource that came with the question. */
  members(valueSet: JsonObject | string): Members;
};

// A chain of value sets that is longer is no value set anybody wrote.
const mostNested = 100;

/**
 * `isOver`: whether what is asked has taken too long; then value sets answer that they cannot be worked out. `released`: the system
 * whose own release the definitions were read from; of those that are known by a rule, no other CodeSystem is the whole.
 */
export function createTerminology(
  definitions: Definitions,
  { isOver = () => false, released }: { isOver?: () => boolean; released?: string } = {},
): CompiledTerminology {
  // By the names that resources have themselves: other strings come from whoever asks, and there is no end of those.
  const indexes = new Map<string, CodeIndex>();
  const compiled = new Map<string, Members>();
  const fragments = new WeakMap<CodeIndex, CodeIndex>();
  const made = new WeakMap<JsonObject, Members>();
  /** The value sets that are being compiled, outermost first. */
  const open = new Set<JsonObject>();
  const sources: Sources = { codeIndex: indexOf, rule: systemRule, members: compiledBy, isOver };
  return { inValueSet, inCodeSystem, expand, valueSet, codeIndex: indexOf, members };

  function inValueSet(valueSet: string, coded: Coded): CodeCheck {
    const { system, code } = coded;
    const found = compiledBy(valueSet).find(system, code);
    if (isMember(found)) return inside(found, coded);
    if (isUntold(found))
      return { result: undefined, cause: found.cause, message: `The codes cannot be worked out: ${found.why}` };
    const of = system === undefined ? `The code "${code}"` : `The code "${code}" of ${system}`;
    return { result: false, cause: 'not-in-value-set', message: `${of} is not in the value set ${valueSet}` };
  }

  function inCodeSystem({ system, version, code, display }: Coded & { system: string }): CodeCheck {
    const index = indexOf(version === undefined ? system : `${system}|${version}`);
    const placed = index?.find(code);
    if (index && placed) return worded(index, placed, display);
    if (index?.content === 'complete') return unknownCode(system, code);
    if (index?.content === 'supplement')
      return {
        result: false,
        cause: 'unknown-system',
        message: `${system} is a supplement, whose codes are those of the code system it supplements`,
      };
    const answer = systemRule(system)?.test(code);
    if (answer === true) return { result: true };
    if (answer === false)
      return { result: false, cause: 'unknown-code', message: `"${code}" is none of the ${systemRule(system)?.name}` };
    const why = index ? `is here with content "${index.content}", not "complete"` : 'is not known here';
    return { result: undefined, cause: 'unknown-system', message: `The code system ${system} ${why}` };
  }

  function expand(valueSet: JsonObject | string): readonly Member[] {
    const list = members(valueSet).list();
    if (isUntold(list)) throw cannotExpand(list.why);
    return list as readonly Member[];
  }

  function members(valueSet: JsonObject | string): Members {
    if (typeof valueSet === 'string') return compiledBy(valueSet);
    const known = made.get(valueSet);
    if (known) return known;
    open.add(valueSet);
    try {
      const all = membersOf(valueSet, sources);
      made.set(valueSet, all);
      return all;
    } finally {
      open.delete(valueSet);
    }
  }

  function compiledBy(canonical: string): Members {
    const known = compiled.get(canonical);
    if (known) return known;
    const found = valueSet(canonical);
    if (!found)
      return untoldMembers({ why: `the ValueSet ${canonical} is not stored here`, cause: 'unknown-value-set' });
    if (open.has(found))
      return untoldMembers({ why: `the ValueSet ${canonical} includes itself`, cause: 'cannot-expand' });
    if (open.size >= mostNested)
      return untoldMembers({ why: `more than ${mostNested} value sets stand in each other`, cause: 'cannot-expand' });
    const all = members(found);
    if (isOwnName(canonical, found)) compiled.set(canonical, all);
    return all;
  }

  function valueSet(canonical: string): JsonObject | undefined {
    return definitions.find('ValueSet', canonical) ?? implicitValueSets.get(urlOf(canonical));
  }

  function indexOf(canonical: string): CodeIndex | undefined {
    const known = indexes.get(canonical);
    if (known) return known;
    const found = definitions.find('CodeSystem', canonical);
    const index = isoCodes(definitions, urlOf(canonical)) ?? (found && trusted(codeIndex(found)));
    if (index && isOwnName(canonical, index.source)) indexes.set(canonical, index);
    return index;
  }

  /** Guides list the few codes of LOINC or UCUM that they use and call that complete: it must not make the others unknown. */
  function trusted(index: CodeIndex): CodeIndex {
    if (index.content !== 'complete' || index.system === released || !systemRule(index.system)) return index;
    const known = fragments.get(index);
    if (known) return known;
    const fragment = { ...index, content: 'fragment' };
    fragments.set(index, fragment);
    return fragment;
  }
}

/** Of all codes of a system that has such a url for them. https://hl7.org/fhir/R4/loinc.html, https://hl7.org/fhir/R4/snomedct.html */
const implicitValueSets: ReadonlyMap<string, JsonObject> = new Map(
  [
    { url: 'http://loinc.org/vs', system: 'http://loinc.org' },
    { url: 'http://snomed.info/sct?fhir_vs', system: 'http://snomed.info/sct' },
  ].map(({ url, system }) => [
    url,
    { resourceType: 'ValueSet', url, status: 'active', compose: { include: [{ system }] } },
  ]),
);

function inside({ system, code, display, isAbstract: abstract }: Member, coded: Coded): CodeCheck {
  if (abstract) return abstractCode(coded.system ?? system, code);
  return display === undefined ? yes : { result: true, display };
}

const yes: CodeCheck = Object.freeze({ result: true });

const abstractCode = (system: string, code: string): CodeCheck => ({
  result: false,
  cause: 'abstract',
  message: `The code "${code}" of ${system} is abstract: it groups others and is not to be used itself`,
});

const unknownCode = (system: string, code: string): CodeCheck => ({
  result: false,
  cause: 'unknown-code',
  message: `The code system ${system} has no code "${code}"`,
});

function worded(index: CodeIndex, placed: Placed, display: string | undefined): CodeCheck {
  const right = typeof placed.source.display === 'string' ? placed.source.display : undefined;
  if (display === undefined || isDisplayOf(placed, display))
    return right === undefined ? yes : { result: true, display: right };
  return {
    result: false,
    cause: 'wrong-display',
    message: `The display is none of the words that ${index.system} has for "${placed.code}"${right === undefined ? '' : `, such as "${right}"`}`,
    ...(right === undefined ? {} : { display: right }),
  };
}
