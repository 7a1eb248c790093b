// A CodeSystem resource that is too large for every server's memory, as facts about its codes.
// FHIR R4, https://hl7.org/fhir/R4/codesystem.html

import { isObject, type JsonObject, numberText } from '../../fhir/json.ts';
import type { CodeFact } from '../../store/write-code-system.ts';
import { objects } from '../../terminology/code-index.ts';
import type { LargeProperty } from '../../terminology/large-code-systems.ts';

// More are kept in tables: a definition is parsed and held by every server.
const mostInMemory = 100_000;
const batch = 1_000;
const relations = ['parent', 'subsumedBy'];

/** Whether the resource has more concepts than a definition in memory may have. */
export function isLarge(codeSystem: JsonObject): boolean {
  let count = 0;
  const open = [codeSystem.concept];
  for (let next = open.pop(); next !== undefined && count <= mostInMemory; next = open.pop()) {
    for (const { concept } of objects(next)) {
      count++;
      if (concept !== undefined) open.push(concept);
    }
  }
  return count > mostInMemory;
}

/** The definition without its concepts, which are elsewhere. */
export function headOf({ concept: _, ...codeSystem }: JsonObject): JsonObject {
  return { ...codeSystem, content: 'not-present' };
}

/** `file` is where the resource came from; a line is the number of the concept. */
export async function* conceptFacts(codeSystem: JsonObject, file: string): AsyncGenerator<CodeFact[]> {
  let facts: CodeFact[] = [];
  let line = 0;
  const open: { concepts: JsonObject[]; parent?: string }[] = [{ concepts: objects(codeSystem.concept) }];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const concept of next.concepts) {
      facts.push(...factsOf(concept, next.parent, { file, line: ++line }));
      if (concept.concept !== undefined)
        open.push({ concepts: objects(concept.concept), parent: String(concept.code) });
      if (facts.length >= batch) {
        yield facts;
        facts = [];
      }
    }
  }
  yield facts;
}

function factsOf(concept: JsonObject, parent: string | undefined, at: { file: string; line: number }): CodeFact[] {
  const code = String(concept.code ?? '');
  const all = objects(concept.property).flatMap(propertyOf);
  const values = (name: string) => all.filter((one) => one.code === name).map(({ value }) => value);
  const isTrue = (name: string) => values(name).includes('true');
  const { display, definition } = concept;
  const fact: CodeFact = {
    ...{ code, isThere: true, ...at },
    ...(typeof display === 'string' && { display }),
    ...(typeof definition === 'string' && { definition }),
    ...((isTrue('inactive') || values('status').includes('retired')) && { isInactive: true }),
    ...((isTrue('notSelectable') || isTrue('abstract')) && { isAbstract: true }),
    parents: [...(parent === undefined ? [] : [parent]), ...relations.flatMap(values)],
    properties: all.filter((one) => !relations.includes(one.code) && one.code !== 'child'),
    designations: objects(concept.designation).map(designationOf),
  };
  return [fact, ...values('child').map((child) => ({ code: child, parents: [code], ...at }))];
}

const types: Record<string, LargeProperty['type']> = {
  valueCode: 'code',
  valueCoding: 'Coding',
  valueString: 'string',
  valueInteger: 'integer',
  valueBoolean: 'boolean',
  valueDateTime: 'dateTime',
  valueDecimal: 'decimal',
};

function propertyOf(property: JsonObject): LargeProperty[] {
  const [name, type] = Object.entries(types).find(([name]) => name in property) ?? [];
  if (name === undefined || type === undefined || typeof property.code !== 'string') return [];
  const value = property[name];
  const text = isObject(value) ? String(value.code ?? '') : (numberText(value) ?? String(value));
  return [{ code: property.code, type, value: text }];
}

function designationOf({ language, use, value }: JsonObject) {
  const coding = isObject(use) && typeof use.code === 'string' ? use : undefined;
  const system = typeof coding?.system === 'string' ? { system: coding.system } : {};
  return {
    ...(typeof language === 'string' && { language }),
    ...(coding && { use: { ...system, code: String(coding.code) } }),
    value: String(value ?? ''),
  };
}
