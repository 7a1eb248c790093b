// One element of a StructureDefinition: the part of ElementDefinition that validation works from, and the readers of its choice
// members. FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html

import { typeDefinition } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';

export type Discriminator = { type: string; path: string };

export type Slicing = {
  discriminator?: readonly Discriminator[];
  ordered?: boolean;
  rules?: 'closed' | 'open' | 'openAtEnd';
};

export type ElementType = {
  code: string;
  profile?: readonly string[];
  targetProfile?: readonly string[];
  aggregation?: readonly ('contained' | 'referenced' | 'bundled')[];
  versioning?: 'either' | 'independent' | 'specific';
  extension?: readonly JsonObject[];
};

export type Constraint = {
  key: string;
  severity: 'error' | 'warning';
  human: string;
  expression?: string;
  source?: string;
};

export type Binding = {
  strength: 'required' | 'extensible' | 'preferred' | 'example';
  valueSet?: string;
  extension?: readonly JsonObject[];
};

/** Members that are not listed here (`fixed[x]`, `pattern[x]`, `minValue[x]`, …) stand as they came. */
export type ElementDefinition = JsonObject & {
  id: string;
  path: string;
  sliceName?: string;
  slicing?: Slicing;
  min?: number;
  max?: string;
  base?: { path: string; min: number; max: string };
  contentReference?: string;
  type?: readonly ElementType[];
  maxLength?: number;
  constraint?: readonly Constraint[];
  mustSupport?: boolean;
  isModifier?: boolean;
  binding?: Binding;
  short?: string;
};

/** Whether a value has the shape that all of this reads; whether it says anything sensible is another question. */
export function isElementDefinition(value: unknown): value is ElementDefinition {
  if (!isObject(value) || typeof value.path !== 'string') return false;
  const { type, constraint, slicing, binding, extension, sliceName, contentReference } = value;
  return (
    areObjects(type, ({ code, extension }) => typeof code === 'string' && areObjects(extension)) &&
    areObjects(type, ({ profile, targetProfile }) => areTexts(profile) && areTexts(targetProfile)) &&
    areObjects(constraint, ({ key }) => typeof key === 'string') &&
    (slicing === undefined || (isObject(slicing) && areObjects(slicing.discriminator))) &&
    (binding === undefined || (isObject(binding) && areObjects(binding.extension))) &&
    areObjects(extension) &&
    [sliceName, contentReference].every((text) => text === undefined || typeof text === 'string')
  );
}

const areObjects = (value: unknown, isRight: (one: JsonObject) => boolean = () => true): boolean =>
  value === undefined || (Array.isArray(value) && value.every((one) => isObject(one) && isRight(one)));

const areTexts = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'));

/** What a choice member of an element says, with the type its name ends in: `{ type: 'Coding', value: { … } }`. */
export type Stated = { type: string; value: unknown };

export const fixedOf = (element: ElementDefinition): Stated | undefined => stated(element, 'fixed');
export const patternOf = (element: ElementDefinition): Stated | undefined => stated(element, 'pattern');
export const minValueOf = (element: ElementDefinition): Stated | undefined => stated(element, 'minValue');
export const maxValueOf = (element: ElementDefinition): Stated | undefined => stated(element, 'maxValue');

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';
const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/**
 * The FHIR type that a type of an element names. Ids, urls and the values of primitives are typed as FHIRPath's System types; an
 * extension beside the code names the FHIR type, and where it is missing the System type's own name serves: `string`, `dateTime`.
 */
export function typeCode({ code, extension }: ElementType): string {
  if (!code.startsWith(SYSTEM_TYPE)) return code;
  const named = extension?.find(({ url }) => url === FHIR_TYPE);
  const type = named?.valueUrl ?? named?.valueUri;
  if (typeof type === 'string') return type;
  const name = code.slice(SYSTEM_TYPE.length);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** The value set no code may lie outside of, where the binding itself is weaker than required. */
export function maxValueSetOf({ binding }: ElementDefinition): string | undefined {
  const found = binding?.extension?.find(({ url }) => url === MAX_VALUE_SET);
  const canonical = found?.valueCanonical ?? found?.valueUri;
  return typeof canonical === 'string' ? canonical : undefined;
}

function stated(element: ElementDefinition, stem: string): Stated | undefined {
  for (const name in element)
    if (isChoiceOf(stem, name)) return { type: typeNamed(name.slice(stem.length)), value: element[name] };
  return undefined;
}

/** True for `fixedCode` of the stem `fixed`. */
export function isChoiceOf(stem: string, name: string): boolean {
  return name.length > stem.length && name.startsWith(stem) && /[A-Z]/.test(name.charAt(stem.length));
}

/** Names of primitive types begin with a small letter, which behind a stem is a capital one. */
const typeNamed = (suffix: string): string =>
  typeDefinition(suffix) ? suffix : suffix.charAt(0).toLowerCase() + suffix.slice(1);
