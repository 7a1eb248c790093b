// The codes of an expansion that a ValueSet brings with it. FHIR R4, https://hl7.org/fhir/R4/valueset.html#expansion

import { type JsonObject, numberText } from '../fhir/json.ts';
import { objects } from './code-index.ts';
import { cannotExpand, keyOf, type Member, type Members, once, type Sources } from './member.ts';

const unclosed = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';
const toocostly = 'http://hl7.org/fhir/StructureDefinition/valueset-toocostly';
// R4's own expansions end after 1,000 codes of each filter, and not all of them say so (condition-code).
const r4Cut = 1000;

/** An expansion's codes without headings; undefined where a code stands there without its system, which may mean anything. */
export function expandedMembers(
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
    for (const one of objects(next.contains).reverse()) open.push(one);
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
