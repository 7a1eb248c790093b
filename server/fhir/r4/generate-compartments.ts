// CompartmentDefinitions of the base specification -> for each resource type the parameters that put it in.

export type CompartmentDefinition = {
  code: string;
  version?: string;
  resource: { code: string; param?: string[] }[];
};

/** One line per compartment (`Patient`, `Device`, …); types that are never in it are absent. */
export function compartmentLines(definitions: CompartmentDefinition[]): Record<string, Record<string, string[]>> {
  const lines: Record<string, Record<string, string[]>> = {};
  for (const { code, version, resource } of definitions) {
    if (version !== '4.0.1') continue; // the example definition has no version
    lines[code] = Object.fromEntries(resource.flatMap(parametersOf));
  }
  return lines;
}

// {def} says that a resource of the compartment's own type is in its own compartment; it is no parameter.
function parametersOf({ code, param }: CompartmentDefinition['resource'][number]): [string, string[]][] {
  const codes = (param ?? []).filter((name) => name !== '{def}');
  return codes.length ? [[code, codes]] : [];
}
