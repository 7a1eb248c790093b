// One search parameter with its value -> Filter: what is asked, in marks, ranges and prefixes.
// FHIR R4 search, https://hl7.org/fhir/R4/search.html; chaining and `_has`: sections "Chained Parameters", "Reverse Chaining".

import { patientCompartmentParameters, resourceTypes } from '../fhir/definitions.ts';
import { badRequest, OperationOutcomeError, unknownParameter } from '../fhir/outcome.ts';
import { type DateFilter, parseDateFilter } from './date.ts';
import { presence } from './extract.ts';
import { mark } from './hash.ts';
import { mainDateOf, type Parameter, parametersOf } from './parameters.ts';
import { askedReferences } from './reference.ts';
import { normalise } from './string.ts';
import { askedToken } from './token.ts';

export type Filter =
  | { kind: 'id'; ids: string[] }
  | { kind: 'updated'; dates: DateFilter[] }
  | { kind: 'date'; code: string; isMain: boolean; present: string; dates: DateFilter[] }
  | { kind: 'string'; code: string; number: number; population: boolean; contains: boolean; norms: string[] }
  | {
      kind: 'marks';
      marks: string[];
      negated: boolean;
      /** The population terms to walk, when there is one for every value. */
      terms?: string[];
      /** The Patient ids meant, when the parameter is a way into the patient compartment. */
      patients?: string[];
    }
  /** Refers by `parameter` to something that fits one of these. Resolved to marks before the statement is made. */
  | { kind: 'chain'; parameter: Parameter; targets: { type: string; filter: Filter }[] }
  /** Is referred to, by `parameter` of a resource of type `source` that fits. Resolved to ids. */
  | { kind: 'has'; source: string; parameter: Parameter; filter: Filter };

export type QueryOptions = { lenient: boolean; nowMs: number; base: string };

const mostValues = 200;
const deepestChain = 4;

/** Throws OperationOutcomeError 400 that names the known parameters, the modifier or the value at fault. */
export function parseFilter(type: string, name: string, value: string, options: QueryOptions, depth = 0): Filter {
  if (depth > deepestChain) throw badRequest(`A chain may be ${deepestChain} links long`, 'too-costly');
  if (name.startsWith('_has:')) return hasFilter(type, name, value, options, depth);
  if (name.includes('.')) return chainFilter(type, name, value, options, depth);
  const [code = '', modifier] = splitModifier(name);
  const values = splitValues(value);
  if (values.length === 0) throw badRequest(`${name} has no value`, 'value', [name]);
  if (values.length > mostValues) throw badRequest(`${name} has more than ${mostValues} values`, 'too-costly', [name]);
  if (code === '_id') return noModifier(name, modifier, { kind: 'id', ids: values });
  if (code === '_lastUpdated') {
    return noModifier(name, modifier, {
      kind: 'updated',
      dates: values.map((text) => dateFilter(name, text, options)),
    });
  }
  const parameter = parametersOf(type).get(code);
  if (!parameter) throw unknownParameter(name, type, knownCodes(type));
  if (modifier === 'missing') return missing(type, name, code, value);
  if (parameter.type === 'date') {
    return noModifier(name, modifier, {
      kind: 'date',
      code,
      isMain: mainDateOf(type)?.code === code,
      present: mark(presence(type, code)),
      dates: values.map((text) => dateFilter(name, text, options)),
    });
  }
  if (parameter.type === 'string') return stringFilter(type, name, modifier, parameter, values);
  if (parameter.type === 'token') return tokenFilter(type, name, modifier, parameter, values);
  if (parameter.type === 'reference') return referenceFilter(type, name, modifier, parameter, values, options.base);
  return noModifier(
    name,
    modifier,
    marksFilter(
      parameter,
      values.map((text) => `${type}.${code}=${text}`),
      false,
    ),
  );
}

function stringFilter(
  type: string,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: string[],
): Filter {
  if (modifier === 'exact') {
    return { kind: 'marks', negated: false, marks: values.map((text) => mark(`${type}.${parameter.code}"${text}`)) };
  }
  if (modifier !== undefined && modifier !== 'contains') throw unknownModifier(name, ['exact', 'contains', 'missing']);
  const { code, number, population } = parameter;
  return { kind: 'string', code, number, population, contains: modifier === 'contains', norms: values.map(normalise) };
}

function tokenFilter(
  type: string,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: string[],
): Filter {
  if (modifier !== undefined && modifier !== 'not') throw unknownModifier(name, ['not', 'missing']);
  const asked = values.map(askedToken);
  const filter = marksFilter(
    parameter,
    asked.map(({ fact }) => `${type}.${parameter.code}${fact}`),
    modifier === 'not',
  );
  const codes = asked.map(({ code }) => code).filter((code) => code !== undefined);
  if (!parameter.population || filter.negated || codes.length !== asked.length)
    return { ...filter, terms: undefined } as Filter;
  return { ...filter, terms: codes.map((code) => mark(`${type}.${parameter.code}|${code}`)) };
}

function referenceFilter(
  type: string,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: string[],
  base: string,
): Filter {
  const { code, targets } = parameter;
  if (modifier === 'identifier') {
    return marksFilter(
      parameter,
      values.map((text) => `${type}.${code}>:${askedToken(text).fact}`),
      false,
    );
  }
  const mayPointTo = targets.length > 0 ? targets.includes(modifier ?? '') : resourceTypes.has(modifier ?? '');
  if (modifier !== undefined && !mayPointTo) throw unknownModifier(name, [...targets, 'identifier', 'missing']);
  const asked = values.flatMap((text) => askedReferences(text, modifier ? [modifier] : targets, base));
  if (asked.length === 0) throw badRequest(`${name} may refer to any type: give it as Type/id`, 'value', [name]);
  const filter = marksFilter(
    parameter,
    asked.map((fact) => `${type}.${code}${fact}`),
    false,
  );
  const patients = asked.map((fact) => /^>Patient\/(.+)$/.exec(fact)?.[1]).filter((id) => id !== undefined);
  // A Patient is in its own compartment only, whatever it links to (see fhir/compartments.ts).
  const isWayIn = type !== 'Patient' && leadsIntoCompartment(type, code) && patients.length > 0;
  // An id alone may mean other types as well (subject=123): then only the one that can lead into a compartment is walked,
  // and the row check still takes all of them, so the walk would lose the others.
  const onlyPatients = isWayIn && patients.length === asked.length;
  return onlyPatients ? { ...filter, patients } : filter;
}

/**
 * R4's compartment names `subject` for Observation, MedicationRequest and many more, never the `patient` they have as well,
 * which takes the patients among the same references.
 */
function leadsIntoCompartment(type: string, code: string): boolean {
  const codes = patientCompartmentParameters(type);
  return codes.includes(code) || (code === 'patient' && codes.length > 0);
}

function marksFilter(parameter: Parameter, facts: string[], negated: boolean): Extract<Filter, { kind: 'marks' }> {
  const marks = facts.map(mark);
  return { kind: 'marks', marks, negated, ...(parameter.population && !negated ? { terms: marks } : {}) };
}

function missing(type: string, name: string, code: string, value: string): Filter {
  if (value !== 'true' && value !== 'false') throw badRequest(`${name} takes true or false`, 'value', [name]);
  return { kind: 'marks', marks: [mark(presence(type, code))], negated: value === 'true' };
}

/** `patient.identifier`, `subject:Patient.name`, `performer.partof.name`: the rest of the name is a search on the target. */
function chainFilter(type: string, name: string, value: string, options: QueryOptions, depth: number): Filter {
  const dot = name.indexOf('.');
  const [code = '', wanted] = splitModifier(name.slice(0, dot));
  const rest = name.slice(dot + 1);
  const parameter = parametersOf(type).get(code);
  if (parameter?.type !== 'reference') throw unknownParameter(name, type, referenceCodes(type));
  const allowed = parameter.targets.length > 0 ? parameter.targets : [...resourceTypes];
  if (wanted !== undefined && !allowed.includes(wanted)) throw unknownModifier(name, parameter.targets);
  if (wanted === undefined && parameter.targets.length === 0) {
    throw badRequest(`${name} may refer to any type: write ${code}:Type.${rest}`, 'value', [name]);
  }
  return {
    kind: 'chain',
    parameter,
    targets: whereItMakesSense(wanted ? [wanted] : allowed, rest, value, options, depth),
  };
}

/** A parameter that only some of the targets have is asked of those. */
function whereItMakesSense(
  types: readonly string[],
  name: string,
  value: string,
  options: QueryOptions,
  depth: number,
) {
  const targets: { type: string; filter: Filter }[] = [];
  let refusal: OperationOutcomeError | undefined;
  for (const type of types) {
    try {
      targets.push({ type, filter: parseFilter(type, name, value, options, depth + 1) });
    } catch (error) {
      if (!(error instanceof OperationOutcomeError)) throw error;
      // A value at fault says more than a parameter that this target does not have, and leniency must not pass over it.
      if (refusal === undefined || isUnknown(refusal)) refusal = error;
    }
  }
  if (targets.length === 0) throw refusal;
  return targets;
}

const isUnknown = ({ issues }: OperationOutcomeError): boolean => issues[0]?.code === 'not-supported';

/** `_has:Observation:patient:code`: some Observation refers to this by `patient` and has that code. */
function hasFilter(type: string, name: string, value: string, options: QueryOptions, depth: number): Filter {
  const [, source = '', code = '', ...rest] = name.split(':');
  if (!resourceTypes.has(source) || rest.length === 0) {
    throw badRequest(`${name} must be of the form _has:Type:reference:parameter`, 'value', [name]);
  }
  const parameter = parametersOf(source).get(code);
  const pointsHere =
    parameter?.type === 'reference' && (parameter.targets.length === 0 || parameter.targets.includes(type));
  if (!pointsHere) throw unknownParameter(name, source, referenceCodes(source));
  return { kind: 'has', source, parameter, filter: parseFilter(source, rest.join(':'), value, options, depth + 1) };
}

/** The filter "refers by this parameter to one of these", each `Type/id`. */
export function referenceTo(type: string, parameter: Parameter, references: readonly string[]): Filter {
  return referenceFilter(type, parameter.code, undefined, parameter, [...references], '');
}

/** The filter "has one of these canonical URLs", for a type that has them. */
export function hasUrl(type: string, urls: readonly string[]): Filter {
  const marks = urls.map((url) => mark(`${type}.url=${url}`));
  return { kind: 'marks', marks, negated: false, terms: marks };
}

const referenceCodes = (type: string): string[] =>
  [...parametersOf(type).values()].filter((one) => one.type === 'reference').map(({ code }) => code);

/** The codes that a search on this type may use. */
function knownCodes(type: string): string[] {
  return ['_id', '_lastUpdated', ...parametersOf(type).keys()].sort();
}

function dateFilter(name: string, text: string, { nowMs }: QueryOptions): DateFilter {
  const filter = parseDateFilter(text, nowMs);
  if (!filter) throw badRequest(`${name}: "${text}" is not a date of FHIR`, 'value', [name]);
  return filter;
}

function noModifier(name: string, modifier: string | undefined, filter: Filter): Filter {
  if (modifier !== undefined) throw unknownModifier(name, name.startsWith('_') ? [] : ['missing']);
  return filter;
}

const unknownModifier = (name: string, known: readonly string[]): OperationOutcomeError =>
  badRequest(`${name}: this modifier is not supported. Known here: ${known.join(', ') || 'none'}`, 'not-supported', [
    name,
  ]);

function splitModifier(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** Commas mean "or"; `\,` is a comma. */
function splitValues(value: string): string[] {
  return (value.match(/(?:\\.|[^,\\])+/g) ?? []).map((part) => part.replace(/\\([,|$\\])/g, '$1'));
}
