// One search parameter with its value -> Filter: what is asked, in marks, ranges and prefixes.
// FHIR R4 search, https://hl7.org/fhir/R4/search.html; chaining and `_has`: sections "Chained Parameters", "Reverse Chaining".

import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest, OperationOutcomeError, tooCostly } from '../fhir/outcome.ts';
import {
  type Asked,
  escaped,
  type Filter,
  noModifier,
  type QueryOptions,
  split,
  unescaped,
  unknownModifier,
} from './asked.ts';
import { partsOf } from './composite.ts';
import { askedDate } from './date.ts';
import { derivedFrom, type Parts } from './derived.ts';
import { mark } from './hash.ts';
import { kinds } from './kinds.ts';
import { cannotUse, generalParameters, type Parameter, parametersOf } from './parameters.ts';
import { presence } from './sheet.ts';

export type { Filter, QueryOptions } from './asked.ts';

const mostValues = 200;
const deepestChain = 8;

/** Throws OperationOutcomeError 400 that names the known parameters, the modifier or the value at fault. */
export function parseFilter(type: string, name: string, value: string, options: QueryOptions, depth = 0): Filter {
  refuseDepth(depth);
  if (name.startsWith('_has:')) return hasFilter(type, name, value, options, depth);
  if (name.includes('.')) return chainFilter(type, name, value, options, depth);
  const values = split(value, ',').filter((part) => part !== '');
  if (values.length === 0) throw badRequest(`${name} has no value`, 'value', [name]);
  if (values.length > mostValues) throw badRequest(`${name} has more than ${mostValues} values`, 'too-costly', [name]);
  return valuesFilter(type, name, values, options);
}

/** Throws OperationOutcomeError 400 behind more links than a chain may have. */
export function refuseDepth(depth: number): void {
  if (depth > deepestChain) throw badRequest(`A chain may be ${deepestChain} links long`, 'too-costly');
}

/** The same for a name without a chain and values (with their escapes) of which one must fit. */
export function valuesFilter(type: string, name: string, values: string[], options: QueryOptions): Filter {
  const [code = '', modifier] = splitModifier(name);
  if (code === '_id') {
    if (modifier !== undefined) throw unknownModifier(name, []);
    return { kind: 'id', ids: values.map(unescaped) };
  }
  if (code === '_list') {
    if (modifier !== undefined) throw unknownModifier(name, []);
    return { kind: 'list', lists: values.map(askedList) };
  }
  if (code === '_lastUpdated') {
    if (modifier !== undefined) throw unknownModifier(name, []);
    return { kind: 'updated', dates: values.map((text) => askedDate(name, text, options.nowMs)) };
  }
  const parameter = parametersOf(type).get(code);
  if (!parameter) throw cannotUse(name, { type, code, known: knownCodes(type) });
  const parts = derivedFrom(type, code);
  if (modifier === 'missing' && parameter.expression !== '') return missing(type, name, code, values.join());
  const asked = { type, name, modifier, parameter, values, options };
  return parts ? derivedFilter(parts, asked) : kinds[parameter.type].filter(asked);
}

/** The values of a composite's parts go to the parameters that it is made of; any other value goes to each of them. */
function derivedFilter(parts: Parts, asked: Asked): Filter {
  noModifier(asked);
  const { type, name, parameter, values } = asked;
  const part = (code: string, own: string[]): Filter => {
    const found = parametersOf(type).get(code);
    if (!found) throw cannotUse(name, { type, code, known: knownCodes(type) });
    return kinds[found.type].filter({ ...asked, parameter: found, values: own });
  };
  if ('some' in parts) {
    const some = parts.some.map((one) => (typeof one === 'string' ? part(one, values) : derivedFilter(one, asked)));
    return { kind: 'some', filters: some };
  }
  const some = values.map((value): Filter => {
    const own = partsOf(value, { ...asked, parameter });
    return { kind: 'every', filters: parts.every.map((code, n) => part(code, [own[n] ?? ''])) };
  });
  const [only] = some;
  return only && some.length === 1 ? only : { kind: 'some', filters: some };
}

function missing(type: string, name: string, code: string, value: string): Filter {
  if (value !== 'true' && value !== 'false') throw badRequest(`${name} takes true or false`, 'value', [name]);
  const parts = derivedFrom(type, code);
  const found = parts ? present(type, parts) : present(type, code);
  if (value === 'false') return found;
  return found.kind === 'marks' ? { ...found, negated: true } : { kind: 'not', filter: found };
}

function present(type: string, parts: string | Parts): Filter {
  if (typeof parts === 'string') return { kind: 'marks', marks: [mark(presence(type, parts))], negated: false };
  if ('some' in parts) return { kind: 'some', filters: parts.some.map((part) => present(type, part)) };
  return { kind: 'every', filters: parts.every.map((part) => present(type, part)) };
}

/** `patient.identifier`, `subject:Patient.name`, `performer.partof.name`: the rest of the name is a search on the target. */
function chainFilter(type: string, name: string, value: string, options: QueryOptions, depth: number): Filter {
  const dot = name.indexOf('.');
  const [code = '', wanted] = splitModifier(name.slice(0, dot));
  const rest = name.slice(dot + 1);
  const behind = (target: string) => parseFilter(target, rest, value, options, depth + 1);
  return chainTo(type, { name, code, wanted, example: `${code}:Type.${rest}` }, options, behind);
}

/** A link of a chain: the reference parameter, as part of `name`, and the one type it is to lead to, if it was said. */
export type ChainLink = { name: string; code: string; wanted: string | undefined; example: string };

/** What refers by this link to something that fits what `behind` makes for its type. */
export function chainTo(
  type: string,
  { name, code, wanted, example }: ChainLink,
  options: QueryOptions,
  behind: (target: string) => Filter,
): Filter {
  const parameter = parametersOf(type).get(code);
  if (parameter?.type !== 'reference') throw cannotUse(name, { type, code, known: referenceCodes(type) });
  const allowed = parameter.targets.length > 0 ? parameter.targets : [...resourceTypes];
  if (wanted !== undefined && !allowed.includes(wanted)) throw unknownModifier(name, parameter.targets);
  if (wanted === undefined && parameter.targets.length === 0) {
    throw badRequest(`${name} may refer to any type: write ${example}`, 'value', [name]);
  }
  return { kind: 'chain', parameter, targets: whereItMakesSense(wanted ? [wanted] : allowed, options, behind) };
}

/** A parameter that only some of the targets have is asked of those. */
function whereItMakesSense(types: readonly string[], { links }: QueryOptions, behind: (target: string) => Filter) {
  const targets: { type: string; filter: Filter }[] = [];
  let refusal: OperationOutcomeError | undefined;
  for (const type of types) {
    if (links) links.left -= 1;
    if (links && links.left < 0)
      throw tooCostly('The chains lead through too many types; name them, as in subject:Patient');
    try {
      targets.push({ type, filter: behind(type) });
    } catch (error) {
      // One of the targets is not in the index yet: what the others have would be a part of the answer.
      if (
        !(error instanceof OperationOutcomeError) ||
        ['too-costly', 'transient'].includes(error.issues[0]?.code ?? '')
      )
        throw error;
      // A value at fault says more than a parameter that this target does not have, and leniency must not pass over it.
      if (refusal === undefined || isUnknown(refusal)) refusal = error;
    }
  }
  if (targets.length === 0) throw refusal;
  return targets;
}

const isUnknown = ({ issues }: OperationOutcomeError): boolean => issues[0]?.code === 'not-supported';

/** `_list=42`, where `$current-problems` and its like would be lists that a server keeps by itself: this one keeps none. */
function askedList(text: string): string {
  const id = unescaped(text).replace(/^List\//, '');
  if (id.startsWith('$'))
    throw badRequest(`_list=${id}: functional lists are not kept here; name a List by its id`, 'not-supported', [
      '_list',
    ]);
  return id;
}

/** `_has:Observation:patient:code`: some Observation refers to this by `patient` and has that code. */
function hasFilter(type: string, name: string, value: string, options: QueryOptions, depth: number): Filter {
  const [, source = '', code = '', ...rest] = name.split(':');
  if (!resourceTypes.has(source) || rest.length === 0) {
    throw badRequest(`${name} must be of the form _has:Type:reference:parameter`, 'value', [name]);
  }
  const parameter = parametersOf(source).get(code);
  const pointsHere =
    parameter?.type === 'reference' && (parameter.targets.length === 0 || parameter.targets.includes(type));
  if (!pointsHere) throw cannotUse(name, { type: source, code, known: referenceCodes(source) });
  return { kind: 'has', source, parameter, filter: parseFilter(source, rest.join(':'), value, options, depth + 1) };
}

/** The filter "refers by this parameter to one of these", each `Type/id`. */
export function referenceTo(type: string, parameter: Parameter, references: readonly string[]): Filter {
  const options = { lenient: false, nowMs: 0, base: '' };
  const asked = { type, name: parameter.code, modifier: undefined, parameter, options };
  return kinds.reference.filter({ ...asked, values: references.map(escaped) });
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
  return [...generalParameters.map(({ code }) => code), ...parametersOf(type).keys()].sort();
}

function splitModifier(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}
