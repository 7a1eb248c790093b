// OperationDefinition: the profiles of its parameters against the parameters it lists. "The profile is a constraint on the
// Parameters resource as a whole. If present the profile shall not conflict with what is specified in the parameters."
// FHIR R4, https://hl7.org/fhir/R4/operationdefinition-definitions.html#OperationDefinition.inputProfile

import { type ElementDefinition, fixedOf, patternOf } from '../../definitions/element-definition.ts';
import { snapshotOf } from '../../definitions/snapshot.ts';
import { SnapshotError } from '../../definitions/snapshot-error.ts';
import { type JsonObject, numberText } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';

export function operationDefinition(resource: JsonObject, place: Place): void {
  for (const [use, name] of [
    ['in', 'inputProfile'],
    ['out', 'outputProfile'],
  ] as const) {
    const canonical = resource[name];
    const profile =
      typeof canonical === 'string' ? place.definitions.find('StructureDefinition', canonical) : undefined;
    if (canonical === undefined) continue;
    const path = `${place.path}.${name}`;
    if (profile === undefined) {
      place.report(
        'warning',
        'not-found',
        path,
        `${canonical} is not known here: the parameters are not checked by it`,
      );
    } else if (profile.type !== 'Parameters') {
      place.report('error', 'business-rule', path, `${canonical} is a profile of ${profile.type}, not of Parameters`);
    } else
      checkProfile(
        profile,
        objects(resource.parameter).filter((one) => one.use === use),
        path,
        place,
      );
  }
}

/** What a profile says of one parameter: a slice of Parameters.parameter. */
type Slice = { name: string; min: number; max: string; types: readonly string[] };

function checkProfile(profile: JsonObject, parameters: readonly JsonObject[], path: string, place: Place): void {
  const slices = slicesOf(profile, place);
  if (slices === undefined) {
    place.report(
      'warning',
      'not-supported',
      path,
      `${profile.url} has no snapshot: the parameters are not checked by it`,
    );
    return;
  }
  for (const parameter of parameters) {
    place.spend(slices.length);
    const slice = slices.find(({ name }) => name === parameter.name);
    if (slice) checkSlice(slice, parameter, path, place);
    else if (slices.length > 0)
      place.report(
        'warning',
        'business-rule',
        path,
        `${profile.url} says nothing of the parameter "${parameter.name}"`,
      );
  }
  const names = new Set(parameters.map(({ name }) => name));
  for (const { name } of slices)
    if (!names.has(name))
      place.report(
        'warning',
        'business-rule',
        path,
        `The operation has no parameter "${name}", which ${profile.url} has`,
      );
}

/** A profile may ask for more than the operation does, which is told; it must not let in what the operation does not know. */
function checkSlice({ name, min, max, types }: Slice, parameter: JsonObject, path: string, place: Place): void {
  const least = Number(numberText(parameter.min) ?? 0);
  const most = String(parameter.max);
  const isWider = min < least || (most !== '*' && (max === '*' || Number(max) > Number(most)));
  if (isWider || min !== least || max !== most)
    place.report(
      isWider ? 'error' : 'warning',
      'business-rule',
      path,
      `The parameter "${name}" is there ${least}..${most} times, in the profile ${min}..${max}`,
    );
  const { type } = parameter;
  const other = types.find((one) => one !== type);
  if (typeof type === 'string' && !GENERAL.has(type) && other !== undefined && !types.some((one) => GENERAL.has(one)))
    place.report(
      'error',
      'business-rule',
      path,
      `The parameter "${name}" is of type ${type}, in the profile of ${types.join(' or ')}`,
    );
}

const GENERAL = new Set(['Any', 'Element', 'Resource', 'DomainResource']);

function slicesOf(profile: JsonObject, { definitions }: Place): Slice[] | undefined {
  try {
    const elements = snapshotOf(profile, definitions);
    const found = elements.filter(({ path, sliceName }) => path === 'Parameters.parameter' && sliceName !== undefined);
    return found.map((slice) => sliceOf(slice, new Map(elements.map((element) => [element.id, element]))));
  } catch (error) {
    if (error instanceof SnapshotError) return undefined;
    throw error;
  }
}

function sliceOf(
  { id, sliceName, min = 0, max = '*' }: ElementDefinition,
  byId: ReadonlyMap<string, ElementDefinition>,
): Slice {
  const name = byId.get(`${id}.name`);
  const fixed = name && (fixedOf(name) ?? patternOf(name))?.value;
  const value = ['value[x]', 'resource']
    .map((child) => byId.get(`${id}.${child}`))
    .filter((one) => one && String(one.max) !== '0');
  const types = value.flatMap((one) => one?.type?.map(({ code }) => code) ?? []);
  return { name: typeof fixed === 'string' ? fixed : String(sliceName), min, max, types: [...new Set(types)] };
}
