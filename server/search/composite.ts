// Search parameters of type composite: `part$part`, two or three values that stand in one element.
// FHIR R4 search, section composite, https://hl7.org/fhir/R4/search.html#composite

import { type CompiledExpression, compileExpression, type TypedValue } from '../fhir/paths.ts';
import { type Asked, badValue, type FactTest, type Filter, noModifier, split } from './asked.ts';
import { dateFacts, dateTest } from './date.ts';
import { numberFacts, numberTest } from './number.ts';
import type { Component, Parameter, ParameterType } from './parameter.ts';
import { quantityFacts, quantityTest } from './quantity.ts';
import { referenceFacts, referenceTest } from './reference.ts';
import type { Sheet } from './sheet.ts';
import { stringFacts, stringTest } from './string.ts';
import { tokenPairs, tokenTest } from './token.ts';
import { urisOf, uriTest } from './uri.ts';

type Part = {
  facts(value: TypedValue): readonly unknown[];
  test(text: string, asked: Asked, part: number): FactTest;
};

const parts: Partial<Record<ParameterType, Part>> = {
  token: { facts: tokenPairs, test: tokenTest },
  quantity: { facts: quantityFacts, test: quantityTest },
  number: { facts: numberFacts, test: numberTest },
  date: { facts: dateFacts, test: dateTest },
  string: { facts: stringFacts, test: stringTest },
  reference: { facts: referenceFacts, test: referenceTest },
  uri: { facts: urisOf, test: uriTest },
};

/**
 * A function from a resource to the composite's elements, each a value whose `value` holds the facts of every part:
 * [[…first part's], [… second's]]. Elements that lack a part are left out.
 */
export function compileComposite(
  expression: string,
  type: string,
  components: readonly Component[],
): CompiledExpression {
  const elements = compileExpression(expression, type);
  const ofType = new Map<string, CompiledExpression[]>();
  return (resource) =>
    elements(resource).flatMap((element) => {
      let compiled = ofType.get(element.type);
      if (!compiled) {
        compiled = components.map((component) => compileExpression(component.expression, element.type));
        ofType.set(element.type, compiled);
      }
      const facts: unknown[][] = [];
      // The last part first: a code has many parameters, and its value is of one type.
      for (let n = compiled.length - 1; n >= 0; n--) {
        const found = compiled[n]?.(element.value as object, resource) ?? [];
        const ofPart = found.length === 0 ? [] : found.flatMap(partOf(components[n]).facts);
        if (ofPart.length === 0) return [];
        facts.unshift(ofPart);
      }
      return [{ type: element.type, value: facts }];
    });
}

export function indexComposites(sheet: Sheet, { code }: Parameter, values: readonly TypedValue[]): void {
  sheet.facts[code] = values.map(({ value }) => value);
}

export function compositeFilter(asked: Asked): Filter {
  noModifier(asked);
  return { kind: 'facts', code: asked.parameter.code, tests: asked.values.map((text) => compositeTest(text, asked)) };
}

/** The values of the parts, with their escapes. Throws OperationOutcomeError 400 unless there is one for each. */
export function partsOf(text: string, { name, parameter }: Asked): string[] {
  const values = split(text, '$');
  if (values.length !== parameter.components.length || values.includes('')) {
    const form = parameter.components.map((component) => component.parameter.code).join('$');
    throw badValue(name, text, `of the form ${form}`);
  }
  return values;
}

function compositeTest(text: string, asked: Asked): FactTest {
  const tests = partsOf(text, asked).map((value, n) => {
    const component = asked.parameter.components[n];
    const parameter = component?.parameter ?? asked.parameter;
    return partOf(component).test(value, { ...asked, parameter }, n);
  });
  return {
    test: tests.map(({ test }, n) => `exists(@[${n}][*] ? (${test}))`).join(' && '),
    values: Object.assign({}, ...tests.map(({ values }) => values)),
  };
}

function partOf(component: Component | undefined): Part {
  const part = component && parts[component.parameter.type];
  if (!part) throw new Error(`a composite cannot have a part of type ${component?.parameter.type}`);
  return part;
}
