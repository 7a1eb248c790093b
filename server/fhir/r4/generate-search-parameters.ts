// The search parameters of the base specification: those for all resources, and those that CapabilityStatement/base
// lists. The package also holds examples and parameters of extensions, which are left out.

export type SearchParameter = {
  url: string;
  version?: string;
  code: string;
  type: string;
  base?: string[];
  expression?: string;
  target?: string[];
  component?: { definition: string; expression: string }[];
};
export type CapabilityStatement = {
  id: string;
  rest: { resource: { searchParam?: { definition: string }[] }[] }[];
};

// A parameter that names every type that can be a target (all but Parameters) is written with the one word Resource.
const TARGETS_OF_ANY = 145;

const RELATION = 'http://hl7.org/fhir/SearchParameter/DocumentReference-relation';

/** R4 gives the two parts of DocumentReference?relationship each the definition of the other. */
const mended: ReadonlyMap<string, string> = new Map([
  [`${RELATION}ship code`, RELATION],
  [`${RELATION}ship target`, 'http://hl7.org/fhir/SearchParameter/DocumentReference-relatesto'],
]);

/** One line per parameter, in the order of their urls. */
export function searchParameterLines(all: SearchParameter[], base: CapabilityStatement) {
  const listed = new Set(
    base.rest.flatMap(({ resource }) => resource.flatMap((r) => (r.searchParam ?? []).map((p) => p.definition))),
  );
  const isForAll = ({ base }: SearchParameter) =>
    base?.some((type) => type === 'Resource' || type === 'DomainResource');
  return all
    .filter((parameter) => parameter.version === '4.0.1' && (isForAll(parameter) || listed.has(parameter.url)))
    .sort((a, b) => (a.url < b.url ? -1 : 1))
    .map(({ url, code, type, base, expression, target, component }) => ({
      code,
      type,
      base,
      expression,
      target: (target?.length ?? 0) < TARGETS_OF_ANY ? target : ['Resource'],
      component: component?.map(({ definition, expression }) => ({
        definition: mended.get(`${url} ${expression}`) ?? definition,
        expression,
      })),
      url,
    }));
}
