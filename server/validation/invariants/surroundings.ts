// What a FHIRPath asks of what is around the values: variables, references, terminology, profiles, the narrative, the time.
// https://hl7.org/fhir/R4/fhirpath.html#variables and #functions

import { typeDefinition } from '../../fhir/definitions.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { argument, type Evaluate, type FunctionTable, forEach, singleText, type Test, takes } from './functions.ts';
import { type Node, nodeOf, nothing, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import type { Scope } from './scope.ts';

/** The value of `%name`. Throws a SyntaxError for one that is not defined. */
export function variable(name: string): Evaluate {
  if (name === 'context') return (_focus, { context }) => [context];
  if (name === 'resource') return (_focus, { resource }) => (resource === undefined ? nothing : [resource]);
  if (name === 'rootResource') return (_focus, { root }) => (root === undefined ? nothing : [root]);
  const text = constantText(name);
  if (text === undefined) throw new SyntaxError(`FHIRPath has no variable %${name} here`);
  const nodes = [nodeOf('System.String', text)];
  return () => nodes;
}

const constants: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  'us-zip': '[0-9]{5}(-[0-9]{4}){0,1}',
};

function constantText(name: string): string | undefined {
  if (Object.hasOwn(constants, name)) return constants[name];
  if (name.startsWith('vs-')) return `http://hl7.org/fhir/ValueSet/${name.slice(3)}`;
  return name.startsWith('ext-') ? `http://hl7.org/fhir/StructureDefinition/${name.slice(4)}` : undefined;
}

export const surroundings: FunctionTable<Evaluate> = {
  // What is not found is left out.
  resolve: takes(0, 0, ({ of }) => (focus, scope) => {
    const out: Node[] = [];
    forEach(of(focus, scope), scope, (_one, { value }) => {
      const reference = isObject(value) ? value.reference : value;
      const found = typeof reference === 'string' ? resolved(reference, scope) : undefined;
      if (found !== undefined) out.push(nodeOf('Resource', found));
    });
    return out;
  }),
  now: takes(0, 0, () => (_focus, scope) => [nodeOf('System.DateTime', instant(scope))]),
  today: takes(0, 0, () => (_focus, scope) => [nodeOf('System.Date', instant(scope).slice(0, 10))]),
  timeOfDay: takes(0, 0, () => (_focus, scope) => [nodeOf('System.Time', instant(scope).slice(11, 23))]),
  type: takes(0, 0, ({ of }) => (focus, scope) => {
    return of(focus, scope).map(({ type }) => nodeOf('System.TypeInfo', typeInfo(type)));
  }),
};

export const surroundingTests: FunctionTable<Test> = {
  memberOf: takes(1, 1, (call) => {
    const valueSet = argument(call);
    return (focus, scope) => {
      const node = single(call.of(focus, scope));
      const asked = singleText(valueSet(focus, scope));
      if (node === undefined || asked === undefined) return undefined;
      return told(scope.needed.memberOf?.(asked, node.value, node.type), 'memberOf()');
    };
  }),
  conformsTo: takes(1, 1, (call) => {
    const profile = argument(call);
    return (focus, scope) => {
      const node = single(call.of(focus, scope));
      const asked = singleText(profile(focus, scope));
      if (node === undefined || asked === undefined) return undefined;
      return told(scope.needed.conformsTo?.(asked, node.value, node.type), 'conformsTo()');
    };
  }),
  htmlChecks: takes(0, 0, ({ of }) => (focus, scope) => {
    const node = single(of(focus, scope));
    if (typeof node?.value !== 'string') return undefined;
    return told(scope.needed.htmlChecks?.(node.value), 'htmlChecks()');
  }),
};

function told(answer: boolean | undefined, what: string): boolean {
  if (answer === undefined) throw new NotEvaluable(`${what} cannot be told here`);
  return answer;
}

function resolved(reference: string, { resource, root, needed }: Scope): JsonObject | undefined {
  if (!reference.startsWith('#')) return needed.resolve?.(reference, objectOf(root));
  const container = objectOf(root) ?? objectOf(resource);
  if (reference === '#') return container;
  for (const owner of [objectOf(resource), container]) {
    const contained: readonly unknown[] = Array.isArray(owner?.contained) ? owner.contained : [];
    const found = contained.find((one) => isObject(one) && one.id === reference.slice(1));
    if (isObject(found)) return found;
  }
  return undefined;
}

const objectOf = (node: Node | undefined): JsonObject | undefined => (isObject(node?.value) ? node.value : undefined);

function instant({ needed }: Scope): string {
  if (needed.now === undefined) throw new NotEvaluable('it asks what time it is');
  return needed.now();
}

function typeInfo(type: string): JsonObject {
  const [namespace, name] = type.startsWith('System.') ? ['System', type.slice(7)] : ['FHIR', type];
  return { namespace, name, baseType: typeDefinition(type)?.base };
}
