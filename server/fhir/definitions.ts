// What FHIR R4 4.0.1 defines: types and their elements, search parameters, compartments. Read once from
// r4/definitions.json (made by `npm run definitions`); each type is compiled when it is first asked for.

import { readFileSync } from 'node:fs';

export type ElementDefinition = {
  /** Name without `[x]`: `value` for valueQuantity, valueString, … */
  name: string;
  min: number;
  /** 1, or Infinity for `*`. An element is an array in JSON when it is Infinity. */
  max: number;
  /** FHIR type names; a backbone element has a type of its own such as `Patient.contact`. More than one only in a choice. */
  types: readonly string[];
  isChoice: boolean;
  /** Resource types a Reference may point to; empty when any may be. */
  targets: readonly string[];
  /** The codes of a required binding of a `code`, where R4 lists at most 60; undefined elsewhere. */
  codes: ReadonlySet<string> | undefined;
  /** The code systems of that binding, nearly always one: what a search means by the system of a `code`. Else empty. */
  systems: readonly string[];
  /** True when `_summary=true` shows it. */
  isSummary: boolean;
};

export type TypeDefinition = {
  name: string;
  kind: 'resource' | 'complex-type' | 'backbone' | 'primitive-type';
  base: string | undefined;
  isAbstract: boolean;
  /** Inherited ones first, by name without `[x]`. */
  elements: ReadonlyMap<string, ElementDefinition>;
  /** Of a primitive, to be matched against the whole text; undefined for xhtml. */
  regex: string | undefined;
};

export type SearchParameterDefinition = {
  code: string;
  type: 'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special';
  /** Types it is defined for, perhaps Resource or DomainResource. */
  base: readonly string[];
  /** FHIRPath, for `compileExpression`; absent for _text, _content and _query. */
  expression?: string;
  /** Resource types a reference parameter may point to; the one word `Resource` stands for any. */
  target?: readonly string[];
  /** Parts of a composite: the url of a parameter, and its path from the element the composite's expression finds. */
  component?: readonly { definition: string; expression: string }[];
  url: string;
};

type TypeLine = { kind: string; base?: string; abstract?: true; regex?: string; elements?: Record<string, string> };
type Definitions = {
  types: Record<string, TypeLine>;
  valueSets: Record<string, string[]>;
  codeSystems: Record<string, string[]>;
  searchParameters: SearchParameterDefinition[];
  compartments: Record<string, Record<string, string[]>>;
};

const definitions: Definitions = JSON.parse(readFileSync(new URL('r4/definitions.json', import.meta.url), 'utf8'));
const typesByName = new Map<string, TypeDefinition>();
const codesByValueSet = new Map<string, ReadonlySet<string>>();
const parametersByType = new Map<string, readonly SearchParameterDefinition[]>();

/** The 146 resource types a server can hold, without the abstract Resource and DomainResource. */
export const resourceTypes: ReadonlySet<string> = new Set(
  Object.entries(definitions.types).flatMap(([name, { kind, abstract }]) =>
    kind === 'resource' && !abstract ? [name] : [],
  ),
);

/** A resource, complex, backbone (`Patient.contact`) or primitive type; undefined when R4 has no such type. */
export function typeDefinition(name: string): TypeDefinition | undefined {
  const known = typesByName.get(name);
  if (known) return known;
  if (!Object.hasOwn(definitions.types, name)) return undefined;
  const { kind, base, abstract, regex, elements = {} } = definitions.types[name] as TypeLine;
  const own = Object.entries(elements).map(([key, text]) => elementDefinition(key, text));
  const definition: TypeDefinition = {
    name,
    kind: kind as TypeDefinition['kind'],
    base,
    isAbstract: abstract === true,
    elements: new Map([...(base ? elementsOf(base) : []), ...own.map((element) => [element.name, element] as const)]),
    regex,
  };
  typesByName.set(name, definition);
  return definition;
}

/** Elements of a type, inherited ones included, by name without `[x]`. Empty for a type that R4 does not have. */
export function elementsOf(typeName: string): ReadonlyMap<string, ElementDefinition> {
  return typeDefinition(typeName)?.elements ?? noElements;
}

/** JSON member name of one type of a choice: `value` and `dateTime` give `valueDateTime`. */
export function choiceKey(elementName: string, type: string): string {
  return elementName + type.charAt(0).toUpperCase() + type.slice(1);
}

/** The base parameters of a resource type, those of Resource and DomainResource first. Empty for an unknown type. */
export function searchParametersOf(resourceType: string): readonly SearchParameterDefinition[] {
  const known = parametersByType.get(resourceType);
  if (known) return known;
  if (!resourceTypes.has(resourceType)) return [];
  const bases = baseTypes(resourceType);
  const found = bases.flatMap((type) => definitions.searchParameters.filter(({ base }) => base.includes(type)));
  parametersByType.set(resourceType, found);
  return found;
}

/** A base parameter by its url; undefined for any other. */
export function searchParameterOf(url: string): SearchParameterDefinition | undefined {
  return definitions.searchParameters.find((parameter) => parameter.url === url);
}

/** Patient, Encounter, RelatedPerson, Practitioner, Device. */
export const compartments: ReadonlySet<string> = new Set(Object.keys(definitions.compartments));

/** Codes of the parameters that put a resource of this type into a Patient compartment; empty when it is never in one. */
export function patientCompartmentParameters(type: string): string[] {
  return compartmentParameters('Patient', type);
}

/** The same for another compartment: Patient, Encounter, RelatedPerson, Practitioner or Device. */
export function compartmentParameters(compartment: string, type: string): string[] {
  if (!resourceTypes.has(compartment) || !resourceTypes.has(type)) return [];
  // R4 leaves Task out of the Patient compartment; R5 has it there, by whom it is for. A Task about a patient is of their record.
  if (compartment === 'Patient' && type === 'Task') return ['patient'];
  return definitions.compartments[compartment]?.[type] ?? [];
}

const noElements: ReadonlyMap<string, ElementDefinition> = new Map();

/** `Resource`, `DomainResource` (not for Bundle, Binary, Parameters), the type itself. */
function baseTypes(type: string): string[] {
  const base = typeDefinition(type)?.base;
  return base === 'DomainResource' ? ['Resource', 'DomainResource', type] : ['Resource', type];
}

// "0..*Σ Reference(Patient|Group)", "1..1Σ code=observation-status", "0..1 boolean|dateTime"
function elementDefinition(key: string, text: string): ElementDefinition {
  const isChoice = key.endsWith('[x]');
  const space = text.indexOf(' ');
  const isSummary = text.charAt(space - 1) === 'Σ';
  const [min, max] = text.slice(0, isSummary ? space - 1 : space).split('..');
  const written = text.slice(space + 1);
  const targets = /Reference\(([^)]*)\)/.exec(written)?.[1]?.split('|') ?? [];
  const [types = '', valueSet] = written.replace(/\([^)]*\)/, '').split('=');
  return {
    name: isChoice ? key.slice(0, -3) : key,
    min: Number(min),
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    types: types.split('|'),
    isChoice,
    targets,
    codes: valueSet !== undefined && Object.hasOwn(definitions.valueSets, valueSet) ? codesOf(valueSet) : undefined,
    systems: (valueSet !== undefined && definitions.codeSystems[valueSet]) || [],
    isSummary,
  };
}

function codesOf(valueSet: string): ReadonlySet<string> {
  const known = codesByValueSet.get(valueSet);
  if (known) return known;
  const codes = new Set(definitions.valueSets[valueSet]);
  codesByValueSet.set(valueSet, codes);
  return codes;
}
