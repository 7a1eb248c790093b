// The FHIR R4 4.0.1 definitions of the npm package hl7.fhir.r4.examples (CC0) as the text of definitions.json, one
// definition per line: types, small required value sets, the code systems of required bindings, search parameters,
// compartments.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type CompartmentDefinition, compartmentLines } from './generate-compartments.ts';
import { type CapabilityStatement, type SearchParameter, searchParameterLines } from './generate-search-parameters.ts';
import { type StructureDefinition, typeLines } from './generate-types.ts';
import { type CodeSystem, codeLists, systemLists, type ValueSet } from './generate-value-sets.ts';

const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
const fileNames = readdirSync(folder).sort();

/** Always the same text for the same package. Throws when the package holds something the form cannot say. */
export function definitionsText(): string {
  const allValueSets = load<ValueSet>('ValueSet');
  const lists = codeLists(allValueSets, load<CodeSystem>('CodeSystem'));
  const systems = systemLists(allValueSets);
  const known = new Set([...lists.keys(), ...systems.keys()]);
  const { types, valueSets } = typeLines(load<StructureDefinition>('StructureDefinition'), known);
  const base = load<CapabilityStatement>('CapabilityStatement').find(({ id }) => id === 'base');
  if (!base) throw new Error('the package has no CapabilityStatement/base');
  const sections = {
    types,
    valueSets: pick(valueSets, lists),
    codeSystems: pick(valueSets, systems),
    searchParameters: searchParameterLines(load<SearchParameter>('SearchParameter'), base),
    compartments: compartmentLines(load<CompartmentDefinition>('CompartmentDefinition')),
  };
  const members = Object.entries(sections).map(([name, lines]) => `${JSON.stringify(name)}: ${oneALine(lines)}`);
  return `{\n${members.join(',\n')}\n}\n`;
}

function pick(names: string[], lists: ReadonlyMap<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(names.flatMap((name) => (lists.has(name) ? [[name, lists.get(name) ?? []]] : [])));
}

function load<T>(resourceType: string): T[] {
  return fileNames
    .filter((name) => name.startsWith(`${resourceType}-`) && name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T);
}

function oneALine(lines: Record<string, unknown> | unknown[]): string {
  if (Array.isArray(lines)) return `[\n${lines.map((line) => JSON.stringify(line)).join(',\n')}\n]`;
  const members = Object.entries(lines).map(([name, line]) => `${JSON.stringify(name)}:${JSON.stringify(line)}`);
  return `{\n${members.join(',\n')}\n}`;
}
