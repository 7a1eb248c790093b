// SearchParameter expressions compiled to closures: for one type, a function from a resource to the values it finds,
// each with its FHIR type. http://hl7.org/fhirpath/N1/ as R4 search parameters use it; nothing is parsed at run time.

import { choiceKey, elementsOf, resourceTypes, typeDefinition } from './definitions.ts';
import { isObject, type JsonObject, numberText } from './json.ts';
import { type Expression, parseExpression } from './path-syntax.ts';

/** `type` is a FHIR type (`CodeableConcept`, `dateTime`, `Patient`, `Observation.component`); `value` is as parsed. */
export type TypedValue = {
  type: string;
  value: unknown;
  /** Of a `code`: the code systems of its required binding. */
  systems?: readonly string[];
};
/** For the expression of a composite's component, `value` is the element found and `resource` what it was found in. */
export type CompiledExpression = (value: object, resource?: object) => TypedValue[];

/** Takes one value; `out` gathers results, `root` is the resource the evaluation began with. */
type Sink = (value: unknown, out: TypedValue[], root: object) => void;
/** What to do with the values of a type; asked once per type, while compiling. `systems` are those of a bound code. */
type Next = (type: string, systems?: readonly string[]) => Sink;
type Test = (value: unknown, root: object) => boolean;

/**
 * Compiles an expression for values of one type: a resource type, or the type a composite's expression found
 * (`Observation.component`), for its components' expressions. Alternatives of other resource types are dropped, and an
 * expression that has none for this type finds nothing. Throws a SyntaxError for FHIRPath it does not know and an
 * Error for an element the type does not have.
 */
export function compileExpression(expression: string, resourceType: string): CompiledExpression {
  const run = compile(parseExpression(expression), resourceType, emitter);
  return (value, resource = value) => {
    const out: TypedValue[] = [];
    run(value, out, resource);
    return out;
  };
}

/** True for an expression that finds nothing in any resource of this type. Throws as `compileExpression` does. */
export function selectsNothing(expression: string, resourceType: string): boolean {
  return compile(parseExpression(expression), resourceType, emitter) === NOTHING;
}

/**
 * The resource type a Reference points to: by the type in its `reference`, else its `type` element, else the contained
 * resource of `root` it names. Undefined when none of these says (urn:uuid, an identifier alone).
 */
export function referencedType(reference: unknown, root: object): string | undefined {
  if (!isObject(reference)) return undefined;
  const literal = reference.reference;
  if (typeof literal === 'string') {
    if (literal.startsWith('#')) return containedType(literal.slice(1), root);
    const type = TYPE_IN_REFERENCE.exec(literal)?.[1];
    if (type !== undefined && resourceTypes.has(type)) return type;
  }
  return typeof reference.type === 'string' ? reference.type : undefined;
}

// Type/id, with anything before (a server's base) and perhaps /_history/version after; also Type?criteria.
const TYPE_IN_REFERENCE = /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$|\?)/;

function containedType(id: string, root: object): string | undefined {
  const { contained, resourceType } = root as JsonObject;
  const target = id === '' ? root : Array.isArray(contained) ? contained.find((item) => item?.id === id) : undefined;
  const type = id === '' ? resourceType : (target as JsonObject | undefined)?.resourceType;
  return typeof type === 'string' ? type : undefined;
}

const NOTHING: Sink = () => {};

function emitter(type: string, systems?: readonly string[]): Sink {
  if (systems) return (value, out) => void out.push({ type, value, systems });
  if (!isAbstractResource(type)) return (value, out) => void out.push({ type, value });
  return (value, out) => void out.push({ type: typeOfResource(value) ?? type, value });
}

function compile(expression: Expression, type: string, next: Next): Sink {
  switch (expression.op) {
    case 'this':
      return next(type);
    case 'resource': {
      const sink = next(type.replace(/\..*$/, ''));
      return (_value, out, root) => sink(root, out, root);
    }
    case 'name':
      return isTypeName(expression.name) ? root(expression.name, type, next) : field(type, expression.name, next);
    case 'field':
      return compile(expression.of, type, (of) => field(of, expression.name, next));
    case 'as':
      return compile(expression.of, type, (of) => cast(of, expression.type, next));
    case 'where':
      return compile(expression.of, type, (of) => filter(test(expression.condition, of), next(of)));
    case 'extension':
      return compile(expression.of, type, (of) => extension(of, expression.url, next));
    case 'index':
      return indexed(compile(expression.of, type, emitter), expression.index, next);
    case 'union': {
      const left = compile(expression.left, type, next);
      const right = compile(expression.right, type, next);
      if (left === NOTHING || right === NOTHING) return left === NOTHING ? right : left;
      return (value, out, root) => {
        left(value, out, root);
        right(value, out, root);
      };
    }
    case 'literal': {
      const sink = next(typeof expression.value);
      return (_value, out, root) => sink(expression.value, out, root);
    }
    case 'resolve':
      throw new Error('resolve() can only be asked for its type');
    default: {
      if (!appliesTo(expression, type)) return NOTHING;
      const holds = test(expression, type);
      const sink = next('boolean');
      return (value, out, root) => sink(holds(value, root), out, root);
    }
  }
}

function root(name: string, type: string, next: Next): Sink {
  if (name === type) return next(type);
  const own = typeDefinition(type);
  const isBase = name === 'Resource' || (name === 'DomainResource' && own?.base === 'DomainResource');
  return own?.kind === 'resource' && isBase ? next(type) : NOTHING;
}

/** The values of one element; each JSON member a choice can have is looked at. */
function field(type: string, name: string, next: Next): Sink {
  if (isAbstractResource(type)) return byResourceType((actual) => field(actual, name, next));
  const element = elementsOf(type).get(name);
  if (!element) throw new Error(`${type} has no element ${name}`);
  const systems = element.systems.length > 0 ? element.systems : undefined;
  const sinks = element.types.map((of) => member(element.isChoice ? choiceKey(name, of) : name, next(of, systems)));
  const useful = sinks.filter((sink) => sink !== NOTHING);
  const [only] = useful;
  if (useful.length < 2) return only ?? NOTHING;
  return (value, out, root) => {
    for (const sink of useful) sink(value, out, root);
  };
}

function member(key: string, next: Sink): Sink {
  if (next === NOTHING) return NOTHING;
  return (value, out, root) => {
    if (typeof value !== 'object' || value === null) return;
    const found = (value as JsonObject)[key];
    if (found === undefined || found === null) return;
    if (!Array.isArray(found)) return next(found, out, root);
    for (const item of found) if (item !== undefined && item !== null) next(item, out, root);
  };
}

/** For `contained` and Bundle.entry.resource: compiled for each resource type that turns up, once. */
function byResourceType(next: Next): Sink {
  const sinks = new Map<string, Sink>();
  return (value, out, root) => {
    const type = typeOfResource(value);
    if (type === undefined) return;
    let sink = sinks.get(type);
    if (!sink) {
      sink = orNothing(next, type);
      sinks.set(type, sink);
    }
    sink(value, out, root);
  };
}

// What turns up at run time need not have the element; that is no fault of the expression.
function orNothing(next: Next, type: string): Sink {
  try {
    return next(type);
  } catch {
    return NOTHING;
  }
}

function cast(type: string, typeName: string, next: Next): Sink {
  // Observation's code-value-date says `as(DateTime)`, meaning dateTime.
  const wanted = typeDefinition(typeName) ? typeName : typeName.charAt(0).toLowerCase() + typeName.slice(1);
  if (isAbstractResource(type)) return byResourceType((actual) => (actual === wanted ? next(actual) : NOTHING));
  return type === wanted ? next(type) : NOTHING;
}

function filter(holds: Test, next: Sink): Sink {
  return (value, out, root) => {
    if (holds(value, root)) next(value, out, root);
  };
}

function extension(type: string, url: string, next: Next): Sink {
  const sink = next('Extension');
  const select: Sink = (value, out, root) => {
    if (isObject(value) && value.url === url) sink(value, out, root);
  };
  return elementsOf(type).has('extension') ? member('extension', select) : NOTHING;
}

function indexed(of: Sink, index: number, next: Next): Sink {
  const sinks = new Map<string, Sink>();
  return (value, out, root) => {
    const all: TypedValue[] = [];
    of(value, all, root);
    const found = all[index];
    if (!found) return;
    let sink = sinks.get(found.type);
    if (!sink) {
      sink = orNothing(next, found.type);
      sinks.set(found.type, sink);
    }
    sink(found.value, out, root);
  };
}

/** A condition on one value; an empty result counts as false, as where() wants it. */
function test(expression: Expression, type: string): Test {
  switch (expression.op) {
    case 'and': {
      const [left, right] = [test(expression.left, type), test(expression.right, type)];
      return (value, root) => left(value, root) && right(value, root);
    }
    case 'or': {
      const [left, right] = [test(expression.left, type), test(expression.right, type)];
      return (value, root) => left(value, root) || right(value, root);
    }
    case '=':
    case '!=': {
      const [left, right] = [values(expression.left, type), values(expression.right, type)];
      const wanted = expression.op === '=';
      return (value, root) => {
        const [a, b] = [left(value, root), right(value, root)];
        return a.length > 0 && b.length > 0 && sameValues(a, b) === wanted;
      };
    }
    case 'is':
      return typeTest(expression.of, expression.type, type);
    case 'exists': {
      const found = values(expression.of, type);
      return (value, root) => found(value, root).length > 0;
    }
    case 'hasExtension': {
      const found = values({ op: 'extension', of: expression.of, url: expression.url }, type);
      return (value, root) => found(value, root).length > 0;
    }
    default: {
      const found = values(expression, type);
      return (value, root) => {
        const [only, second] = found(value, root);
        return only?.value === true && second === undefined;
      };
    }
  }
}

function typeTest(of: Expression, wanted: string, type: string): Test {
  if (of.op !== 'resolve') {
    const found = values(of, type);
    return (value, root) => found(value, root).some((item) => item.type === wanted);
  }
  const references = values(of.of, type);
  return (value, root) => references(value, root).some((item) => referencedType(item.value, root) === wanted);
}

function values(expression: Expression, type: string): (value: unknown, root: object) => TypedValue[] {
  const run = compile(expression, type, emitter);
  return (value, root) => {
    const out: TypedValue[] = [];
    run(value, out, root);
    return out;
  };
}

function sameValues(left: TypedValue[], right: TypedValue[]): boolean {
  return left.length === right.length && left.every((item, index) => comparable(item) === comparable(right[index]));
}

function comparable(item: TypedValue | undefined): unknown {
  const number = numberText(item?.value);
  return number === undefined ? item?.value : Number(number);
}

/** False when every path of a condition begins with the name of another resource type. */
function appliesTo(expression: Expression, type: string): boolean {
  if ('left' in expression) return appliesTo(expression.left, type) || appliesTo(expression.right, type);
  if ('of' in expression) return appliesTo(expression.of, type);
  if (expression.op === 'name' && isTypeName(expression.name)) return root(expression.name, type, emitter) !== NOTHING;
  return expression.op !== 'literal';
}

function isTypeName(name: string): boolean {
  return /^[A-Z]/.test(name);
}

function isAbstractResource(type: string): boolean {
  return type === 'Resource' || type === 'DomainResource';
}

function typeOfResource(value: unknown): string | undefined {
  const type = isObject(value) ? value.resourceType : undefined;
  return typeof type === 'string' && resourceTypes.has(type) ? type : undefined;
}
