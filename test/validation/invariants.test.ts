// Constraints compiled to closures: against fhirpath.js on HL7's examples, and by hand where that engine is no judge.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, it } from 'vitest';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { choiceKey, elementsOf, typeDefinition } from '../../server/fhir/definitions.ts';
import { parseFhirPath } from '../../server/fhir/fhirpath-syntax.ts';
import { isObject, type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { compileInvariant } from '../../server/validation/invariants/compile-invariant.ts';
import { compileTest } from '../../server/validation/invariants/compile-path.ts';
import { nativeInvariants } from '../../server/validation/invariants/corrected.ts';
import { nodeOf } from '../../server/validation/invariants/node.ts';
import { Scope } from '../../server/validation/invariants/scope.ts';

const patient = parseJson(
  '{"resourceType":"Patient","active":true,"birthDate":"2024-01-02","multipleBirthInteger":2,"name":[{"family":"試験",' +
    '"given":["花子","hana"],"_given":[null,{"id":"g"}]},{"_family":{"extension":[{"url":"u","valueString":"x"}]}}],' +
    '"contained":[{"resourceType":"Organization","id":"o","name":"試験病院"}],"managingOrganization":{"reference":"#o"}}',
) as JsonObject;

const holds = (expression: string, type = 'Patient', value: unknown = patient, resource = patient) =>
  compileInvariant(expression, type)(value, resource);

describe('an invariant', () => {
  it.each([
    ["name[0].family = '試験'", true],
    // A name without a value is a second one.
    ["name.family = '試験'", false],
    ["name.given contains '花子'", true],
    ['name.given.count() = 2 and name.count() = 2', true],
    ['name[1].family.exists() and name[1].family.hasValue().not()', true],
    ["name.family.extension('u').value = 'x'", true],
    ["name.given.where(id = 'g') = 'hana'", true],
    ['multipleBirth is integer and multipleBirth.ofType(boolean).empty()', true],
    ['multipleBirth > 1 implies name.exists()', true],
    ["managingOrganization.resolve().name = '試験病院'", true],
    ['contained.all($this is DomainResource)', true],
    ["name.select(family & '!').first() = '試験!'", true],
    ['iif(active, name, contact).count() = 2', true],
    ['descendants().where($this is HumanName).count() = 2', true],
    ["name.given.aggregate($total & $this, '') = '花子hana'", true],
    ['birthDate <= @2024-01-02 and birthDate > @2023', true],
    ["Patient.name.given.matches('^[a-z]+$').not()", undefined],
    ["birthDate.toString().matches('^[0-9-]{10}$')", true],
    ["deceased.exists() or gender = 'female'", false],
    // Empty counts as broken.
    ["gender = 'female'", false],
    ['birthDate = @2024-01', false],
    ['(birthDate = @2024-01).empty()', true],
    // Of two given names none is the one that startsWith() is about.
    ["name.given.startsWith('h')", undefined],
    ["name.memberOf('http://example.org/vs')", undefined],
    ['today() > birthDate', undefined],
    ['name.frobnicate()', undefined],
    ['name.where(', undefined],
    ['%nobody.exists()', undefined],
    ["name.first().family.matches('(')", undefined],
  ])('%s is %s', (expression, expected) => {
    expect(holds(expression)).toBe(expected);
  });

  it('takes numbers by their value, and their text as it was sent', () => {
    const quantity = parseJson('{"value":1.50,"unit":"kg"}');
    expect(holds('value = 1.5', 'Quantity', quantity)).toBe(true);
    expect(holds("value.toString() = '1.50'", 'Quantity', quantity)).toBe(true);
    expect(holds("$this > 1.4 'kg'", 'Quantity', quantity)).toBe(true);
    expect(holds("$this > 1400 'g'", 'Quantity', quantity)).toBe(undefined);
    const long = parseJson('{"value":12345678901234567890.10}');
    expect(holds('value > 12345678901234567890', 'Quantity', long)).toBe(true);
    expect(holds('0.1 + 0.2 = 0.3')).toBe(true);
  });

  it('is asked of a primitive with what stands beside it', () => {
    const hasValue = compileInvariant("hasValue() or extension('u').exists()", 'string');
    expect(hasValue('x', patient)).toBe(true);
    expect(hasValue(undefined, patient, patient, { extension: [{ url: 'u' }] })).toBe(true);
    expect(hasValue(undefined, patient, patient, { id: 'a' })).toBe(false);
  });

  it('tells a contained resource from what contains it', () => {
    const [organization] = patient.contained as JsonObject[];
    const rule = compileInvariant("%resource.name = '試験病院' and %rootResource.active", 'Organization');
    expect(rule(organization, organization as JsonObject, patient)).toBe(true);
  });

  it.each([
    ['2024-01-02', '2024-01-01', false],
    ['2024-01-01', '2024-01-02', true],
    // Open, which is not in order: HL7's validator says the same.
    ['2024', '2024-05-01', false],
    ['2024-05-01', '2024-05-01T09:00:00+09:00', false],
    ['2024-06', '2024-05-01', false],
    ['2024-01-01T00:30:00+09:00', '2023-12-31T15:31:00Z', true],
    ['2024-01-01T00:30:00+09:00', '2023-12-31T15:29:00Z', false],
    ['2024-03-01T00:00:00+14:00', '2024-02-29T10:00:00.0Z', true],
  ])('a Period from %s to %s is in order: %s', (start, end, expected) => {
    const perOne = 'start.hasValue().not() or end.hasValue().not() or (start <= end)';
    expect(holds(perOne, 'Period', { start, end })).toBe(expected);
  });

  it.each([
    ["fullUrl.contains('/_history/').not()", 'Bundle.entry', {}, true],
    ["name.matches('[A-Z]([A-Za-z0-9_]){0,254}')", 'ValueSet', { resourceType: 'ValueSet' }, true],
    ["name.matches('[A-Z]([A-Za-z0-9_]){0,254}')", 'ValueSet', { resourceType: 'ValueSet', name: 'two Words' }, false],
    ['enableWhen.count() > 2 implies enableBehavior.exists()', 'Questionnaire.item', { enableWhen: [{}, {}] }, false],
    [
      "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
      'Timing.repeat',
      { offset: 1, when: ['ACM', 'AC'] },
      true,
    ],
    ['probability is decimal implies (probability as decimal) <= 100', 'RiskAssessment.prediction', {}, true],
  ])('%s is taken as it is meant', (expression, type, value, expected) => {
    expect(holds(expression, type, value)).toBe(expected);
  });

  it('is compiled in a time that grows with its length, and not at all when it is too long', () => {
    expect(holds(`active${'.not()'.repeat(1000)}`)).toBe(true);
    expect(holds(`name${'.where(exists().not()).empty()'.repeat(30)}`)).toBe(true);
    expect(holds(`active${'.not()'.repeat(100_000)}`)).toBe(undefined);
    expect(holds(`${'('.repeat(1000)}true${')'.repeat(1000)}`)).toBe(undefined);
  });

  it('ends where it would walk over too much', () => {
    const names = { ...patient, name: Array.from({ length: 400 }, (_, n) => ({ id: `${n}` })) };
    const costly = 'descendants().select(%resource.descendants()).select(%resource.descendants()).count() > 0';
    expect(holds(costly, 'Patient', names, names)).toBe(undefined);
  });

  it('never throws, whatever it is asked of', () => {
    const expressions = [...constraints().values()].flat().map(({ expression }) => expression);
    const types = ['Patient', 'Period', 'Quantity', 'Observation', 'string', 'decimal', 'Bundle', 'Extension'];
    const anything = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 1, -1.5, '', '2024', '#', 'Patient', 'x'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...members), tie('value'), { maxKeys: 5 }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.constantFrom(...expressions), fc.constantFrom(...types), anything, (expression, type, value) => {
        const resource = isObject(value) ? value : patient;
        expect([true, false, undefined]).toContain(compileInvariant(expression, type)(value, resource, patient, value));
      }),
      { numRuns: 2000 },
    );
  });
});

const members =
  'resourceType id extension url value valueQuantity _value start end low high code coding entry name item'.split(' ');

describe('what FHIR asks', () => {
  it('can all be compiled', () => {
    for (const { key, expression } of [...constraints().values()].flat()) {
      expect(() => compileTest(parseFhirPath(expression)), key).not.toThrow();
    }
  });

  it('has the answers of fhirpath.js on examples of HL7', () => {
    const folder = new URL('../../node_modules/hl7.fhir.r4.examples/', import.meta.url);
    const files = readdirSync(folder).filter((name) => /^[A-Z].*\.json$/.test(name));
    let asked = 0;
    for (const name of files.filter((_name, n) => n % 97 === 0)) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      if (text.length > 50_000) continue;
      asked += compareAll(parseJson(text) as JsonObject, JSON.parse(text), name);
    }
    expect(asked).toBeGreaterThan(100);
  });
});

type Constraint = { key: string; expression: string };

/** By type and by the path of an element. */
function constraints(): ReadonlyMap<string, Constraint[]> {
  const found = new Map<string, Constraint[]>();
  for (const url of shippedDefinitions().urls('StructureDefinition')) {
    const definition = shippedDefinitions().find('StructureDefinition', url) as {
      derivation?: string;
      snapshot?: { element: { path: string; constraint?: Constraint[] }[] };
    };
    if (definition.derivation !== 'specialization') continue;
    for (const { path, constraint = [] } of definition.snapshot?.element ?? []) {
      const asked = constraint.filter(({ key, expression }) => expression && !nativeInvariants.has(key));
      if (asked.length > 0) found.set(path, asked);
    }
  }
  return found;
}

/** Every constraint of every element of a resource; the number of answers. Where fhirpath.js throws it is no judge. */
function compareAll(resource: JsonObject, plain: JsonObject, name: string): number {
  const all = constraints();
  let answers = 0;
  walk(String(resource.resourceType), String(resource.resourceType), resource, plain);
  return answers;

  function walk(type: string, path: string, value: unknown, same: unknown): void {
    for (const { key, expression } of [...(all.get(type) ?? []), ...(path === type ? [] : (all.get(path) ?? []))]) {
      const theirs = judged(type, expression, same);
      if (theirs === 'no judge') continue;
      answers++;
      expect(raw(type, expression, value), `${key} in ${name}`).toBe(theirs);
    }
    if (!isObject(value) || !isObject(same) || typeDefinition(type) === undefined) return;
    for (const [element, { types, isChoice }] of elementsOf(type)) {
      for (const of of types) {
        const member = isChoice ? choiceKey(element, of) : element;
        // A resource in a resource has its own %resource.
        if (of === 'Resource' || value[member] === undefined) continue;
        const theirs = [same[member]].flat();
        for (const [n, one] of [value[member]].flat().entries()) walk(of, `${type}.${element}`, one, theirs[n]);
      }
    }
  }

  function raw(type: string, expression: string, value: unknown): boolean | undefined {
    const own = nodeOf('Resource', resource);
    const node = nodeOf(type, value);
    return compileTest(parseFhirPath(expression))([node], new Scope(node, own, own, {}));
  }

  function judged(type: string, expression: string, value: unknown): unknown {
    try {
      const options = { traceFn: () => undefined };
      const [answer] = fhirpath.evaluate(value, { base: type, expression }, { resource: plain }, r4, options);
      return answer;
    } catch {
      return 'no judge';
    }
  }
}
