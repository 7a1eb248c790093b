// The CapabilityStatement, made from what is mounted: the table of interactions, the operations, the compiled search
// parameters. FHIR R4, https://hl7.org/fhir/R4/capabilitystatement.html

import type { CapabilityStatement } from '@medplum/fhirtypes';
import { supportedProfiles } from '../definitions/guide.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { compartments, resourceTypes } from '../fhir/definitions.ts';
import type { Operation, View } from '../interaction/request.ts';
import { generalParameters, parametersOf } from '../search/parameters.ts';
import { interactions } from './routes.ts';

type Security = NonNullable<NonNullable<CapabilityStatement['rest']>[0]['security']>;
type Resource = NonNullable<NonNullable<CapabilityStatement['rest']>[0]['resource']>[0];

/** `startedAt` is an ISO 8601 instant. */
export function capabilityStatement({
  base,
  version,
  startedAt,
  operations,
  security,
  views = [],
}: {
  base: string;
  version: string;
  startedAt: string;
  operations: readonly Operation[];
  /** Where tokens come from. */
  security: Security;
  views?: readonly View[];
}): CapabilityStatement {
  const profiles = supportedProfiles();
  return {
    resourceType: 'CapabilityStatement',
    url: `${CANONICAL}/CapabilityStatement/server`,
    status: 'active',
    date: startedAt,
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    software: { name: 'Tsumugi', version },
    implementation: {
      description: 'Tsumugi 紡ぎ, a personal health record server for mothers and children',
      url: base,
    },
    rest: [
      {
        mode: 'server',
        security,
        resource: [...resourceTypes]
          .sort()
          .map((type) => resourceOf(type, operations, views, profiles.get(type) ?? [])),
        interaction: [{ code: 'transaction' }, { code: 'batch' }, ...systemCodes.map((code) => ({ code }))],
        compartment: [...compartments].map((name) => `http://hl7.org/fhir/CompartmentDefinition/${name.toLowerCase()}`),
        operation: operations.filter(({ level }) => level === 'system').map(operationOf),
      },
    ],
  };
}

const known = [...new Set(interactions.map(({ interaction }) => interaction))];
const isOfSystem = (code: string): code is 'history-system' | 'search-system' => code.endsWith('-system');
const systemCodes = known.filter(isOfSystem);
const codes = known.filter((code) => !isOfSystem(code));

function resourceOf(
  type: string,
  operations: readonly Operation[],
  views: readonly View[],
  profiles: readonly string[],
): Resource {
  const parameters = [...parametersOf(type).values()];
  const documentation = views.find((view) => view.type === type)?.documentation;
  const own = once(operations.filter((operation) => isOn(type, operation)));
  return {
    type: type as Resource['type'],
    ...(profiles.length > 0 ? { supportedProfile: [...profiles] } : {}),
    ...(documentation === undefined ? {} : { documentation }),
    interaction: codes.map((code) => ({ code: code as 'read' })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalRead: 'full-support',
    conditionalCreate: true,
    conditionalUpdate: true,
    conditionalDelete: 'single',
    referencePolicy: ['literal', 'logical'],
    searchInclude: ['*', ...parameters.filter((one) => one.type === 'reference').map(({ code }) => `${type}:${code}`)],
    searchRevInclude: ['*', ...referringParameters(type)],
    searchParam: [...generalParameters, ...parameters].map((one) => ({
      name: one.code,
      ...('url' in one && one.url ? { definition: one.url } : {}),
      type: one.type,
    })),
    ...(own.length > 0 ? { operation: own.map(operationOf) } : {}),
  };
}

/** `Observation:subject` for Patient: the parameters that name the type among those they may point to. */
function referringParameters(type: string): string[] {
  return [...resourceTypes].flatMap((source) =>
    [...parametersOf(source).values()]
      .filter((one) => one.type === 'reference' && one.targets.includes(type))
      .map(({ code }) => `${source}:${code}`),
  );
}

// What is done to a resource and to one of its versions is one operation.
const isOn = (name: string, { type, level }: Operation): boolean =>
  (type === name || type === 'Resource') && level !== 'version';

/** What is mounted on a type and on its resources is one operation. */
function once(operations: readonly Operation[]): Operation[] {
  return [...new Map(operations.map((operation) => [operation.definition, operation])).values()];
}

const operationOf = ({ code, definition, documentation }: Operation) => ({
  name: code,
  definition,
  ...(documentation === undefined ? {} : { documentation }),
});
