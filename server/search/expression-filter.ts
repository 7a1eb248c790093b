// A `_filter` -> the same tree of filters that plain parameters make, by the parsers of the parameter types. What "in the set"
// means: some value of the parameter. `ne` of what is compared as a whole (strings, tokens, references, URIs) finds what has
// a value but not this one. `ss` and `sb` say what the value does: it subsumes the code in the record (:below), or is
// subsumed by it (:above). FHIR R4, https://hl7.org/fhir/R4/search_filter.html

import { resourceTypes } from '../fhir/definitions.ts';
import { normalise } from '../fhir/normalise.ts';
import { badRequest } from '../fhir/outcome.ts';
import { escaped, type Filter, type QueryOptions } from './asked.ts';
import { chainTo, parseFilter, refuseDepth, valuesFilter } from './filter.ts';
import { type Expression, type Operator, parseExpression } from './filter-expression.ts';
import { generalParameters, type Parameter, parametersOf } from './parameters.ts';

type Test = Extract<Expression, { kind: 'test' }>;

/** Throws OperationOutcomeError 400 for what cannot be read or asked. */
export function expressionFilter(type: string, text: string, options: QueryOptions): Filter {
  return filterOf(type, parseExpression(text), options, 0);
}

const compared: readonly Operator[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** What the operators can mean for each type of parameter. */
const takes: Readonly<Record<Parameter['type'], readonly Operator[]>> = {
  string: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'pr'],
  token: ['eq', 'ne', 'in', 'ni', 'ss', 'sb', 'pr'],
  reference: ['eq', 'ne', 're', 'pr'],
  uri: ['eq', 'ne', 'ss', 'sb', 'pr'],
  date: [...compared, 'po', 'pr'],
  number: [...compared, 'pr'],
  quantity: [...compared, 'pr'],
  composite: ['eq', 'pr'],
  special: ['eq', 'co'],
};
const ofGeneral: Readonly<Record<string, readonly Operator[]>> = {
  _id: ['eq', 'ne'],
  _lastUpdated: [...compared, 'po'],
  _list: ['eq', 'ne'],
};

function filterOf(type: string, expression: Expression, options: QueryOptions, depth: number): Filter {
  if (expression.kind === 'test') return testFilter(type, expression, options, depth);
  if (expression.kind === 'not') return { kind: 'not', filter: filterOf(type, expression.of, options, depth) };
  const filters = expression.parts.map((part) => filterOf(type, part, options, depth));
  return { kind: expression.kind === 'and' ? 'every' : 'some', filters };
}

function testFilter(type: string, test: Test, options: QueryOptions, depth: number): Filter {
  refuseDepth(depth);
  const [{ name, filter }, next, ...rest] = test.path;
  if (!next) return valueFilter(type, name, test, options);
  const within = filter?.kind === 'and' ? filter.parts : filter ? [filter] : [];
  const wanted = within.map(typeNamed).find((found) => found !== undefined);
  const conditions = within.filter((part) => typeNamed(part) === undefined);
  const example = `${name}[type eq Type].${next.name}`;
  return chainTo(type, { name, code: name, wanted, example }, options, (target) => {
    const behind = testFilter(target, { ...test, path: [next, ...rest] }, options, depth + 1);
    const others = conditions.map((one) => filterOf(target, one, options, depth + 1));
    return others.length > 0 ? { kind: 'every', filters: [...others, behind] } : behind;
  });
}

/** `[type eq Patient]` behind a reference names the type it leads to, where Patient is one; else `type` is a parameter. */
function typeNamed(expression: Expression): string | undefined {
  if (expression.kind !== 'test' || expression.path.length > 1 || expression.operator !== 'eq') return undefined;
  return expression.path[0].name === 'type' && resourceTypes.has(expression.value) ? expression.value : undefined;
}

function valueFilter(type: string, name: string, { operator, value }: Test, options: QueryOptions): Filter {
  if (value.trim() === '') throw badRequest(`_filter: ${name} ${operator} has no value`, 'value', ['_filter']);
  const parameter = parametersOf(type).get(name);
  // Throws for what is no parameter, and names those that are.
  if (!parameter && !Object.hasOwn(ofGeneral, name)) return parseFilter(type, name, 'x', options);
  const kind = parameter?.type ?? generalParameters.find(({ code }) => code === name)?.type ?? 'special';
  const possible = ofGeneral[name] ?? takes[kind];
  if (!possible.includes(operator))
    throw badRequest(
      `_filter: ${name} is of type ${kind}, which takes no ${operator}. Known here: ${possible.join(', ')}`,
      'not-supported',
      ['_filter'],
    );
  const by = (modifier: string, text: string) => valuesFilter(type, `${name}${modifier}`, [text], options);
  if (operator === 'pr') return by(':missing', isPresent(name, value) ? 'false' : 'true');
  if (kind === 'string') return stringFilter(name, operator, value, by);
  if (operator === 'in') return by(':in', escaped(value));
  if (operator === 'ni') return by(':not-in', escaped(value));
  if (operator === 'ss') return by(':below', value);
  if (operator === 'sb') return by(':above', value);
  if (operator === 'po') return overlapping(by('', value));
  if (kind === 'date' || kind === 'number' || kind === 'quantity') return by('', `${operator}${value}`);
  if (operator !== 'ne') return by('', value);
  const other: Filter = { kind: 'not', filter: by('', value) };
  return parameter ? { kind: 'every', filters: [by(':missing', 'false'), other] } : other;
}

type By = (modifier: string, text: string) => Filter;

const jsonpath: Partial<Record<Operator, string>> = { eq: '==', gt: '>', lt: '<', ge: '>=', le: '<=' };

function stringFilter(code: string, operator: Operator, value: string, by: By): Filter {
  if (operator === 'co') return by(':contains', escaped(value));
  if (operator === 'sw') return by('', escaped(value));
  const norm = normalise(value);
  if (operator === 'ew') return { kind: 'ending', code, norms: [norm] };
  const sign = jsonpath[operator === 'ne' ? 'eq' : operator] ?? '==';
  const compared: Filter = { kind: 'facts', code, tests: [{ test: `@ ${sign} $norm`, values: { norm } }] };
  if (operator === 'ne')
    return { kind: 'every', filters: [by(':missing', 'false'), { kind: 'not', filter: compared }] };
  // What equals it begins with it, and beginnings are found over everyone.
  return operator === 'eq' ? { kind: 'every', filters: [by('', escaped(value)), compared] } : compared;
}

function isPresent(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false')
    throw badRequest(`_filter: ${name} pr takes true or false`, 'value', ['_filter']);
  return value === 'true';
}

/** "Approximately" without a margin: the two periods have an instant in common. */
function overlapping(filter: Filter): Filter {
  if (filter.kind !== 'date' && filter.kind !== 'updated') return filter;
  return { ...filter, dates: filter.dates.map(({ range }) => ({ prefix: 'ap', range })) };
}
