// StructureDefinitions of the base specification -> one line per type. An element is written as
// "min..max types", where types are joined by |, Reference(A|B) names its targets and code=name its required value set.
// An element of the summary has a Σ behind its cardinality, as the pages of the specification show it.

type Extension = { url: string; valueUrl?: string; valueString?: string };
type ElementType = { code: string; targetProfile?: string[]; extension?: Extension[] };
type Element = {
  path: string;
  min: number;
  max: string;
  isSummary?: boolean;
  base?: { path: string };
  type?: ElementType[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
};

export type StructureDefinition = {
  url: string;
  name: string;
  type: string;
  kind: string;
  abstract: boolean;
  derivation?: string;
  baseDefinition?: string;
  snapshot: { element: Element[] };
};

type TypeLine = { kind: string; base?: string; abstract?: true; regex?: string; elements?: Record<string, string> };

const DEFINITION = 'http://hl7.org/fhir/StructureDefinition/';
const FHIR_TYPE = `${DEFINITION}structuredefinition-fhir-type`;
const REGEX = `${DEFINITION}regex`;

/**
 * The types by name (`Patient`, `Patient.contact`, `code`), sorted, holding only the elements that a type adds to its
 * base; and the names of the value sets, of those `known`, that they use. Throws when the package holds something this form cannot say.
 */
export function typeLines(structures: StructureDefinition[], known: ReadonlySet<string>) {
  const types: Record<string, TypeLine> = {};
  const used = new Set<string>();
  const base = structures.filter((s) => s.kind !== 'logical' && s.derivation !== 'constraint');
  for (const structure of base.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const line = structure.kind === 'primitive-type' ? primitive(structure) : undefined;
    types[structure.type] = line ?? {
      kind: structure.kind,
      ...(structure.baseDefinition ? { base: structure.baseDefinition.replace(DEFINITION, '') } : {}),
      ...(structure.abstract ? { abstract: true as const } : {}),
    };
    if (!line) addElements(structure, types, known, used);
  }
  return { types, valueSets: [...used].sort() };
}

function primitive(structure: StructureDefinition): TypeLine {
  const value = structure.snapshot.element.find((element) => element.path === `${structure.type}.value`);
  const regex = value?.type?.[0]?.extension?.find((extension) => extension.url === REGEX)?.valueString;
  return {
    kind: structure.kind,
    base: structure.baseDefinition?.replace(DEFINITION, '') ?? 'Element',
    ...(regex ? { regex } : {}),
  };
}

function addElements(
  { type, snapshot }: StructureDefinition,
  types: Record<string, TypeLine>,
  known: ReadonlySet<string>,
  used: Set<string>,
): void {
  const nested = new Set<string>();
  for (const { path } of snapshot.element) nested.add(path.slice(0, path.lastIndexOf('.')));
  for (const element of snapshot.element) {
    const { path, max } = element;
    if (path === type || max === '0') continue;
    const owner = path.slice(0, path.lastIndexOf('.'));
    const line = types[owner];
    if (!line) throw new Error(`${path} has no owner`);
    const isNested = nested.has(path);
    if (isNested) types[path] = { kind: 'backbone', base: element.type?.[0]?.code ?? 'Element' };
    if (element.base?.path !== path) continue; // inherited: it comes from the base type
    if (max !== '1' && max !== '*') throw new Error(`${path} has max ${max}`);
    line.elements ??= {};
    const written = isNested ? path : typesText(element, known, used);
    line.elements[path.slice(owner.length + 1)] = `${element.min}..${max}${element.isSummary ? 'Σ' : ''} ${written}`;
  }
}

function typesText(element: Element, known: ReadonlySet<string>, used: Set<string>): string {
  if (element.contentReference) return element.contentReference.slice(1);
  // R4 says string here; ids of resources are of type id (corrected in R4B).
  if (element.path === 'Resource.id') return 'id';
  return (element.type ?? []).map((type) => typeText(type, element, known, used)).join('|');
}

function typeText(type: ElementType, { binding }: Element, known: ReadonlySet<string>, used: Set<string>): string {
  const code = type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl ?? type.code;
  if (code === 'Reference' && type.targetProfile) {
    const targets = type.targetProfile.map((profile) => profile.replace(DEFINITION, ''));
    return targets.includes('Resource') ? code : `Reference(${targets.join('|')})`;
  }
  const valueSet = binding?.strength === 'required' ? valueSetName(binding.valueSet) : undefined;
  if (code !== 'code' || !valueSet || !known.has(valueSet)) return code;
  used.add(valueSet);
  return `code=${valueSet}`;
}

function valueSetName(canonical: string | undefined): string | undefined {
  return canonical?.replace('http://hl7.org/fhir/ValueSet/', '').replace(/\|.*$/, '');
}
