// ValueSet: that what it includes and excludes is said by code systems, codes and filters that there are.
// FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions and valueset-definitions.html#ValueSet.compose.include.filter

import { isObject, type JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { isAbsolute } from './absolute.ts';
import { isValueSet } from './coding.ts';

export function valueSet({ compose, url }: JsonObject, place: Place): void {
  if (!isObject(compose)) return;
  for (const kind of ['include', 'exclude'] as const) {
    for (const [n, part] of objects(compose[kind]).entries()) {
      const path = `${place.path}.compose.${kind}[${n}]`;
      checkPart(part, path, place);
      if (Array.isArray(part.valueSet) && part.valueSet.includes(url))
        place.report('error', 'business-rule', `${path}.valueSet`, 'The value set includes itself');
    }
  }
}

function checkPart(part: JsonObject, path: string, place: Place): void {
  const { system } = part;
  if (typeof system !== 'string') return;
  if (!isAbsolute(system)) {
    const hint = system.startsWith('#')
      ? '. A contained code system is named by its url, and by the extension valueset-system'
      : '';
    place.report('error', 'invalid', path, `The system has to be an absolute uri${hint}`);
  } else if (isValueSet(system, place))
    place.report(
      'error',
      'invalid',
      `${path}.system`,
      `${system} is a value set: it is included by valueSet, not by system`,
    );
  else {
    checkCodes(part, system, path, place);
    checkFilters(part, system, path, place);
  }
}

function checkCodes(part: JsonObject, system: string, path: string, { terminology, report }: Place): void {
  const seen = new Set<unknown>();
  for (const [n, { code }] of objects(part.concept).entries()) {
    const at = `${path}.concept[${n}]`;
    if (seen.has(code)) report('warning', 'business-rule', at, `The code "${code}" is there twice`);
    seen.add(code);
    if (typeof code !== 'string') continue;
    const { result, cause, message = '' } = terminology.inCodeSystem({ system, code });
    if (result === false && cause !== 'wrong-display') report('warning', 'code-invalid', `${at}.code`, message);
  }
}

/** Properties that every code system has, https://hl7.org/fhir/R4/codesystem.html#defined-props, and those of its concepts. */
const GENERAL: ReadonlyMap<string, string> = new Map(
  Object.entries({
    concept: 'code',
    code: 'code',
    parent: 'code',
    child: 'code',
    partOf: 'code',
    display: 'string',
    definition: 'string',
    designation: 'string',
    status: 'code',
    inactive: 'boolean',
    notSelectable: 'boolean',
    deprecated: 'dateTime',
    effectiveDate: 'dateTime',
    deprecationDate: 'dateTime',
    retirementDate: 'dateTime',
  }),
);
/** Of these the value is a code of the system itself. */
const OWN_CODES = new Set(['concept', 'code', 'parent', 'child']);
const HIERARCHY = new Set(['is-a', 'descendent-of', 'is-not-a', 'generalizes']);

function checkFilters(part: JsonObject, system: string, path: string, place: Place): void {
  const definition = place.definitions.find('CodeSystem', system);
  const properties = new Map(objects(definition?.property).map(({ code, type }) => [code, type]));
  const filters = new Map(objects(definition?.filter).map(({ code, operator }) => [code, operator]));
  for (const [n, { property, op, value }] of objects(part.filter).entries()) {
    const at = `${path}.filter[${n}]`;
    if (typeof property !== 'string' || typeof value !== 'string' || typeof op !== 'string') continue;
    const operators = filters.get(property);
    const type = properties.get(property) ?? GENERAL.get(property);
    if (Array.isArray(operators) && !operators.includes(op))
      place.report(
        'error',
        'invalid',
        at,
        `${system} allows the filter "${property}" with ${operators.join(', ')}, not with ${op}`,
      );
    if (type === undefined && operators === undefined && definition?.content === 'complete')
      place.report('warning', 'invalid', at, `${system} defines no property and no filter "${property}"`);
    const fault = valueFault(
      value,
      op,
      OWN_CODES.has(property) || HIERARCHY.has(op) ? 'own code' : type,
      system,
      place,
    );
    if (fault !== undefined)
      place.report('error', 'invalid', at, `The value of a filter by "${property}" with ${op} ${fault}`);
  }
}

/** What a value has to be by its property's type. Numbers and dates are let be: a code system may read `>5` or `lt2` there. */
function valueFault(value: string, op: string, type: unknown, system: string, place: Place): string | undefined {
  if (op === 'exists') return isBoolean(value) ? undefined : 'must be true or false';
  if (op === 'regex') return isExpression(value) ? undefined : 'must be a regular expression';
  const values = op === 'in' || op === 'not-in' ? value.split(',').map((one) => one.trim()) : [value];
  for (const one of values) {
    const fault = oneFault(one, type, system, place);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function oneFault(value: string, type: unknown, system: string, { terminology }: Place): string | undefined {
  if (type === 'boolean') return isBoolean(value) ? undefined : 'must be true or false';
  if (type === 'own code') {
    const { result } = terminology.inCodeSystem({ system, code: value });
    return result === false ? `must be a code of ${system}` : undefined;
  }
  if (type !== 'Coding') return undefined;
  const [, of, code] = /^([^#|]+)(?:\|[^#]*)?#(.+)$/.exec(value) ?? [];
  if (of === undefined || code === undefined) return 'must be a Coding, written as system#code';
  const { result } = terminology.inCodeSystem({ system: of, code });
  return result === false ? `must name a code that ${of} has` : undefined;
}

const isBoolean = (value: string): boolean => value === 'true' || value === 'false';

function isExpression(value: string): boolean {
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}
