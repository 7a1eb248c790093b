// The guide's observations, conditions, allergies and questionnaires: every code has its words in Japanese and English, every
// binding a value set, every example what its profile asks, and every rule can be broken.
import { existsSync, readFileSync } from 'node:fs';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, test } from 'vitest';
import { definitionsOf } from '../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { parseDay } from '../../server/forecast/days.ts';
import { type PlanningResource, planningInput } from '../../server/forecast/facts/planning-input.ts';
import { growthRecord, WANTED } from '../../server/operations/growth-record.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';
import { leftOut } from '../support/left-out.ts';
import { refusalsOf } from '../support/valid.ts';
import { type Published, published, undefinedIn } from './published.ts';
import { spoiledObservations } from './spoiled-observations.ts';

type Coding = { system: string; code: string; display?: string };
type Constraint = { key: string; expression: string; severity: string };
type Element = {
  id: string;
  path: string;
  patternCodeableConcept?: { coding: Coding[] };
  constraint?: Constraint[];
  binding?: { strength: string; valueSet: string };
};
type Profile = JsonObject & {
  url: string;
  type: string;
  baseDefinition: string;
  differential: { element: Element[] };
};

/** What the planner reads of them. */
const READ = ['Observation', 'Condition', 'AllergyIntolerance'];
const TYPES = ['Observation', 'DiagnosticReport', 'Condition', 'AllergyIntolerance', 'QuestionnaireResponse'];
const definitions = shippedDefinitions();
const terminology = createTerminology(definitions);
const contentOf = (folder: string) =>
  published(folder).map(({ content }: Published) => content as unknown as JsonObject);
const profiles = contentOf('structure-definitions').filter(
  ({ kind, type }) => kind === 'resource' && TYPES.includes(String(type)),
) as Profile[];
const examples = contentOf('examples').filter(({ resourceType }) => TYPES.includes(String(resourceType)));
const questionnaires = contentOf('questionnaires');
const valueSets = contentOf('value-sets');
const named = <T extends JsonObject>(list: readonly T[]) => list.map((one) => [String(one.id), one] as const);
const evaluate = (resource: JsonObject, expression: string) =>
  fhirpath.evaluate(resource, expression, { resource }, r4, { async: false }) as unknown[];
const profilesOf = ({ meta }: JsonObject) =>
  profiles.filter(({ url }) => ((meta as { profile?: string[] })?.profile ?? []).includes(url));

test.each(
  ['value-sets', 'questionnaires', 'examples'].flatMap((folder) =>
    published(folder).map((one) => [folder, one] as const),
  ),
)('%s: $file is valid and named for its id', (_, { file, content }) => {
  expect(refusalsOf(content)).toEqual([]);
  expect(file).toBe(`${content.id}.json`);
});

describe('words', () => {
  type Concept = { code: string; display?: string; designation?: { language?: string; value: string }[] };
  const isWorded = ({ display, designation = [] }: Concept) =>
    Boolean(display) && designation.some(({ language, value }) => language === 'ja' && value !== '');

  test.each(named(contentOf('code-systems').filter(({ concept }) => concept !== undefined)))(
    'every code of the code system %s has an English and a Japanese word',
    (_, { concept, count }) => {
      expect((concept as Concept[]).filter((one) => !isWorded(one)).map(({ code }) => code)).toEqual([]);
      expect(count).toBe((concept as Concept[]).length);
    },
  );

  test('an item of the infant check-ups belongs to check-ups that there are', () => {
    const items = contentOf('code-systems').find(({ id }) => id === 'infant-checkup-item') as JsonObject;
    const stages = new Set(evaluate(items, 'concept.property.value').map(String));
    const system = 'https://tsumugi.example/fhir/CodeSystem/checkup-stage';
    expect([...stages].filter((code) => !terminology.inCodeSystem({ system, code }).result)).toEqual([]);
    expect(stages.size).toBe(7);
  });

  test.each(named(valueSets))('the value set %s can be listed, with its words', (_, valueSet) => {
    const { include } = valueSet.compose as { include: { system: string; concept?: Concept[] }[] };
    for (const { system, concept = [] } of include)
      for (const one of concept) {
        expect([one.code, isWorded(one)]).toEqual([one.code, true]);
        const known = terminology.inCodeSystem({ system, code: one.code, display: one.display ?? '' });
        expect([one.code, known.result ?? true]).toEqual([one.code, true]);
      }
    expect(terminology.expand(valueSet).length).toBeGreaterThan(1);
  });
});

describe.each(named(profiles))('profile %s', (_, profile) => {
  const { element } = profile.differential;

  test('binds to value sets that there are', () => {
    const bound = element.flatMap(({ binding }) => binding?.valueSet ?? []);
    expect(bound.filter((url) => definitions.find('ValueSet', url) === undefined)).toEqual([]);
  });

  test('fixes codes that there are', () => {
    const fixed = element.flatMap(({ patternCodeableConcept }) => patternCodeableConcept?.coding ?? []);
    expect(fixed.filter((coding) => terminology.inCodeSystem(coding).result === false)).toEqual([]);
  });

  test('has an example', () => {
    expect(examples.some((one) => profilesOf(one).includes(profile))).toBe(true);
  });
});

describe.each(named(examples))('example %s', (_, example) => {
  const own = profilesOf(example);
  const elements = own.flatMap(({ differential }) => differential.element);

  test('claims one profile of its type, and uses no code of ours that is not defined', () => {
    expect(own.map(({ type }) => type)).toEqual([example.resourceType]);
    expect(undefinedIn(example)).toEqual([]);
  });

  test('keeps every rule', () => {
    expect(broken(example)).toEqual([]);
  });

  test('has codes of the value sets that are required', () => {
    for (const { path, binding } of elements.filter((one) => one.binding?.strength === 'required')) {
      const where = path.replaceAll('[x]', '');
      for (const found of evaluate(example, where)) {
        const codings = codingsOf(found);
        const isIn = codings.some((coding) => terminology.inValueSet(binding?.valueSet ?? '', coding).result);
        expect([path, codings.length === 0 || isIn]).toEqual([path, true]);
      }
    }
  });

  test('calls each code by a name of its own', () => {
    const codings = evaluate(example, 'descendants().coding').filter(isObject) as unknown as Coding[];
    const wrong = codings.filter((coding) => terminology.inCodeSystem(coding).result === false);
    expect(wrong).toEqual([]);
    for (const { system, code, display } of codings.filter((one) => one.system === 'http://loinc.org'))
      expect([system, code, display]).toEqual([system, code, loincNames.get(code)]);
  });
});

/** What our value sets call the LOINC codes, which are not shipped. */
const loincNames = new Map(
  valueSets.flatMap((one) =>
    (evaluate(one, "compose.include.where(system = 'http://loinc.org').concept") as Coding[]).map(
      ({ code, display }) => [code, display] as const,
    ),
  ),
);

/** The keys of the rules that a resource breaks, each at any element of its path. */
function broken(resource: JsonObject): string[] {
  const constraints = profilesOf(resource).flatMap(({ differential }) =>
    differential.element.flatMap(({ path, constraint = [] }) => constraint.map((one) => ({ ...one, path }))),
  );
  const isKept = ({ path, expression }: { path: string; expression: string }) =>
    evaluate(resource, `${path.replaceAll('[x]', '')}.all(${expression})`)[0] === true;
  return constraints.filter((one) => !isKept(one)).map(({ key }) => key);
}

/** The codings of a concept; a code element is one without a system. */
function codingsOf(value: unknown): { system?: string; code: string }[] {
  if (typeof value === 'string') return [{ code: value }];
  return isObject(value) && Array.isArray(value.coding) ? (value.coding as Coding[]) : [];
}

const exampleOf = (id: string): JsonObject => {
  const found = examples.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no example ${id}`);
  return structuredClone(found);
};

describe('rules', () => {
  test.each(spoiledObservations)('%s is broken by a spoiled %s, and it alone', (key, id, spoil) => {
    const example = exampleOf(id);
    spoil(example);
    expect(broken(example)).toEqual([key]);
  });

  test('each has a spoiled example', () => {
    const keys = profiles.flatMap(({ differential }) =>
      differential.element.flatMap(({ constraint = [] }) => constraint.map(({ key }) => key)),
    );
    expect([...new Set(spoiledObservations.map(([key]) => key))].sort()).toEqual([...new Set(keys)].sort());
  });
});

describe('questionnaires', () => {
  type Item = { linkId: string; type: string; item?: Item[]; answerValueSet?: string; code?: Coding[]; _text?: object };
  type Answer = { linkId: string; item?: Answer[]; answer?: { [value: string]: unknown }[] };
  const allItems = (items: readonly Item[] = []): Item[] => items.flatMap((one) => [one, ...allItems(one.item)]);
  const allAnswers = (items: readonly Answer[] = []): Answer[] =>
    items.flatMap((one) => [one, ...allAnswers(one.item)]);
  const memberOf: Record<string, string> = {
    boolean: 'valueBoolean',
    integer: 'valueInteger',
    decimal: 'valueDecimal',
    choice: 'valueCoding',
    string: 'valueString',
    text: 'valueString',
  };

  test.each(named(questionnaires))(
    '%s asks once for each thing, in both languages, with codes that there are',
    (_, one) => {
      const items = allItems(one.item as Item[]);
      expect(new Set(items.map(({ linkId }) => linkId)).size).toBe(items.length);
      expect(items.filter(({ _text }) => _text === undefined)).toEqual([]);
      const sets = items.flatMap(({ answerValueSet }) => answerValueSet ?? []);
      expect(sets.filter((url) => definitions.find('ValueSet', url) === undefined)).toEqual([]);
      const answers = evaluate(one, 'descendants().enableWhen.answer').filter((value) => isObject(value)) as Coding[];
      const codes = [...items.flatMap(({ code = [] }) => code), ...answers];
      expect(codes.filter((coding) => terminology.inCodeSystem(coding).result === false)).toEqual([]);
      const asked = new Set(items.map(({ linkId }) => linkId));
      expect(evaluate(one, 'descendants().enableWhen.question').filter((linkId) => !asked.has(String(linkId)))).toEqual(
        [],
      );
    },
  );

  test.each(named(examples.filter(({ resourceType }) => resourceType === 'QuestionnaireResponse')))(
    '%s answers what is asked, as it is asked',
    (_, response) => {
      const questionnaire = definitions.find('Questionnaire', String(response.questionnaire));
      const items = new Map(allItems(questionnaire?.item as Item[]).map((one) => [one.linkId, one]));
      for (const { linkId, answer = [] } of allAnswers(response.item as Answer[])) {
        const item = items.get(linkId);
        expect([linkId, item !== undefined]).toEqual([linkId, true]);
        for (const value of answer) {
          const coding = value.valueCoding as Coding | undefined;
          expect([linkId, Object.keys(value)[0]]).toEqual([linkId, memberOf[item?.type ?? '']]);
          if (coding && item?.answerValueSet)
            expect([linkId, terminology.inValueSet(item.answerValueSet, coding).result]).toEqual([linkId, true]);
        }
      }
    },
  );

  test('the total of the EPDS is the sum of its items', () => {
    const scores = evaluate(exampleOf('epds-answers'), "item.where(linkId = 'items').item.answer.value").map(Number);
    expect(scores).toHaveLength(10);
    const total = scores.reduce((sum, score) => sum + score, 0);
    expect(evaluate(exampleOf('epds-answers'), "item.where(linkId = 'total').answer.value")).toEqual([total]);
    expect(evaluate(exampleOf('epds'), 'value.value')).toEqual([total]);
  });
});

describe('one vocabulary', () => {
  type Map = { source: string; element: { code: string; display?: string; target: { code: string }[] }[] }[];
  const mapOf = (id: string) => contentOf('concept-maps').find((one) => one.id === id)?.group as Map;
  const isIn = (id: string, coding: { system: string; code: string }) =>
    terminology.inValueSet(`https://tsumugi.example/fhir/ValueSet/${id}`, coding).result === true;

  test('every LOINC code that the planner reads is in a value set of the guide', () => {
    const group = mapOf('planning-fact').find(({ source }) => source === 'http://loinc.org');
    const sets = ['body-measurement', 'vital-sign', 'birth-fact', 'pregnancy-dating', 'maternal-laboratory-test'];
    const left = (group?.element ?? []).filter(
      ({ code }) => !sets.some((id) => isIn(id, { system: 'http://loinc.org', code })),
    );
    expect(left.map(({ code }) => code)).toEqual([]);
  });

  test('every code that growth charts read is in a value set of the guide', () => {
    const sets = ['body-measurement', 'birth-fact', 'pregnancy-dating'];
    expect(WANTED.filter((coding) => !sets.some((id) => isIn(id, coding)))).toEqual([]);
  });

  test('a growth chart reads from the examples what they say', () => {
    const ofChild = examples.filter((one) => evaluate(one, 'Observation.subject.reference')[0] === 'Patient/child');
    const { measured, gestationDays } = growthRecord(ofChild, parseDay('2026-07-10') ?? 0);
    expect(measured.map(({ measure, value }) => `${measure} ${value}`).sort()).toEqual([
      'bmi 16.9',
      'head-circumference 41.2',
      'height 49',
      'height 62.5',
      'weight 2.98',
      'weight 6.6',
    ]);
    expect(gestationDays).toBe(280);
  });

  test('the planner reads from the examples what they say', () => {
    const facts = (subject: string, asOf: string) => {
      const told = examples.filter(({ resourceType }) => READ.includes(String(resourceType)));
      const of = told.filter((one) => evaluate(one, '(subject | patient).reference').includes(subject));
      const record = { patient: { resourceType: 'Patient', birthDate: '2026-07-10' }, immunizations: [] } as const;
      return planningInput({ ...record, facts: of as unknown as PlanningResource[] }, asOf).input.observations;
    };
    expect(facts('Patient/mother', '2026-05-20')).toContainEqual({ code: 'pregnancy-edd', date: '2026-07-10' });
    expect(facts('Patient/child', '2026-11-20')).toContainEqual(
      expect.objectContaining({ code: 'birth-weight', value: 2980 }),
    );
    expect(facts('Patient/older-child', '2026-11-20')).toContainEqual(
      expect.objectContaining({ code: 'convulsion-history' }),
    );
  });

  test.each(['jlac10-to-loinc', 'jp-body-measurement-to-loinc'])(
    '%s leads to LOINC codes that the guide names',
    (id) => {
      const targets = mapOf(id).flatMap(({ element }) => element.flatMap(({ target }) => target));
      expect(targets.filter(({ code }) => !loincNames.has(code))).toEqual([]);
    },
  );

  const list = new URL(
    '../../../shared/data/jp-core/echeckup/CodeSystem-specialCheckup-observations-cs.json',
    import.meta.url,
  );
  const isHere = existsSync(list);
  if (!isHere) leftOut('JLAC10 codes against the item list of check-up reports: ../shared/data is missing');
  test.skipIf(!isHere)('every code of the check-up reports is one of their list, by its name there', () => {
    const system = 'urn:oid:1.2.392.200119.6.1005';
    const theirs = createTerminology(definitionsOf([JSON.parse(readFileSync(list, 'utf8')) as JsonObject]));
    for (const { element } of mapOf('jlac10-to-loinc'))
      for (const { code, display = '' } of element)
        expect([code, theirs.inCodeSystem({ system, code, display }).result]).toEqual([code, true]);
  });
});
