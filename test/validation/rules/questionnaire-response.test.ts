// A QuestionnaireResponse against its Questionnaire, FHIR R4: https://hl7.org/fhir/R4/questionnaireresponse.html
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitionsOf } from '../../../server/definitions/definitions.ts';
import { type JsonObject, parseJson } from '../../../server/fhir/json.ts';
import { findByRules, found, terminologyOf } from './found.ts';

const url = 'https://tsumugi.example/fhir/Questionnaire/test';
const core = (name: string) => `http://hl7.org/fhir/StructureDefinition/${name}`;
const sdc = (name: string) => `http://hl7.org/fhir/uv/sdc/StructureDefinition/${name}`;
const form = (...item: JsonObject[]): JsonObject => ({ resourceType: 'Questionnaire', url, status: 'active', item });
const response = (item: JsonObject[], members: JsonObject = {}): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: url,
  status: 'completed',
  item,
  ...members,
});
const question = (linkId: string, type: string, members: JsonObject = {}): JsonObject => ({ linkId, type, ...members });
const answered = (linkId: string, ...answer: JsonObject[]): JsonObject => ({ linkId, answer });
const text = (value: string): JsonObject => ({ valueString: value });

/** What is found when a form of one question, `q`, is answered so. */
const whenAsked = (type: string, members: JsonObject, ...answer: JsonObject[]): string[] =>
  found(response([answered('q', ...answer)]), [form(question('q', type, members))]);

describe('the questionnaire', () => {
  test('that is not known leaves the answers unchecked, with a warning', () => {
    expect(found(response([]))).toEqual(['warning not-found QuestionnaireResponse.questionnaire']);
  });
  test('that is not named leaves them unchecked', () => {
    expect(found(response([], { questionnaire: undefined }))).toEqual([
      'information informational QuestionnaireResponse',
    ]);
  });
  test('may be contained', () => {
    const contained = [{ ...form(question('q', 'string')), id: 'f' }];
    expect(found(response([answered('r', text('a'))], { questionnaire: '#f', contained }))).toEqual([
      'error not-found QuestionnaireResponse.item[0]',
    ]);
  });
  test.each([
    ['2021-12-31', 1],
    ['2022-06', 0],
    ['2023-01-01', 1],
  ])('whose effectivePeriod is 2022 was answered %s: %i warning', (authored, warnings) => {
    const questionnaire = { ...form(), effectivePeriod: { start: '2022', end: '2022' } };
    expect(found(response([], { authored }), [questionnaire])).toHaveLength(warnings);
  });
});

describe('items', () => {
  const group = question('g', 'group', {
    item: [question('a', 'string', { required: true }), question('b', 'string')],
  });

  test.each<[string, JsonObject[], string[]]>([
    ['in order', [{ linkId: 'g', item: [answered('a', text('1')), answered('b', text('2'))] }], []],
    [
      'out of order',
      [{ linkId: 'g', item: [answered('b', text('1')), answered('a', text('2'))] }],
      ['error structure QuestionnaireResponse.item[0].item[1]'],
    ],
    [
      'that the form does not have',
      [{ linkId: 'g', item: [answered('a', text('1')), answered('x', text('2'))] }],
      ['error not-found QuestionnaireResponse.item[0].item[1]'],
    ],
    [
      'outside their group',
      [{ linkId: 'g', item: [answered('a', text('1'))] }, answered('b', text('2'))],
      ['error structure QuestionnaireResponse.item[1]'],
    ],
    ['missing, in a group that is there', [{ linkId: 'g' }], ['error required QuestionnaireResponse.item[0]']],
    ['missing, in a group that is missing too', [], []],
    [
      'without an answer',
      [{ linkId: 'g', item: [{ linkId: 'a' }] }],
      ['error required QuestionnaireResponse.item[0].item[0]'],
    ],
    [
      'twice',
      [{ linkId: 'g', item: [answered('a', text('1')), answered('a', text('1'))] }],
      ['error invalid QuestionnaireResponse.item[0].item[1]'],
    ],
    [
      'of a group that has answers',
      [{ linkId: 'g', answer: [text('1')], item: [answered('a', text('1'))] }],
      ['error structure QuestionnaireResponse.item[0]'],
    ],
  ])('%s', (_name, items, expected) => {
    expect(found(response(items), [form(group)])).toEqual(expected);
  });

  test.each([
    ['completed', 'error'],
    ['amended', 'error'],
    ['in-progress', 'warning'],
    ['stopped', 'warning'],
  ])('missing in a response that is %s: %s', (status, severity) => {
    const questionnaire = form(question('q', 'string', { required: true }));
    expect(found(response([], { status }), [questionnaire])).toEqual([`${severity} required QuestionnaireResponse`]);
  });

  test('below a question stand in its answer', () => {
    const questionnaire = form(question('q', 'string', { item: [question('r', 'string')] }));
    const inside = { linkId: 'q', answer: [{ valueString: 'a', item: [answered('r', text('b'))] }] };
    expect(found(response([inside]), [questionnaire])).toEqual([]);
    const beside = { linkId: 'q', answer: [text('a')], item: [answered('r', text('b'))] };
    expect(found(response([beside]), [questionnaire])).toEqual(['error structure QuestionnaireResponse.item[0]']);
  });

  test('of type display have no answers, of the abstract type question neither', () => {
    expect(whenAsked('display', {}, text('a'))).toEqual(['error structure QuestionnaireResponse.item[0]']);
    expect(whenAsked('question', {}, text('a'))).toEqual(['error structure QuestionnaireResponse.item[0]']);
  });

  test('repeat only where the form says so, as often as it says', () => {
    expect(whenAsked('string', {}, text('a'), text('b'))).toEqual(['error invalid QuestionnaireResponse.item[0]']);
    expect(whenAsked('string', { repeats: true }, text('a'), text('b'))).toEqual([]);
    const extension = [
      { url: core('questionnaire-minOccurs'), valueInteger: 2 },
      { url: core('questionnaire-maxOccurs'), valueInteger: 3 },
    ];
    const count = (n: number) => whenAsked('string', { repeats: true, extension }, ...Array(n).fill(text('a')));
    expect([1, 2, 3, 4].map((n) => count(n).length)).toEqual([1, 0, 0, 1]);
  });
});

describe('enableWhen', () => {
  const asked = (type: string, condition: JsonObject, ...answer: JsonObject[]): boolean => {
    const questionnaire = form(
      question('q', type, { repeats: true }),
      question('then', 'string', { required: true, enableWhen: [{ question: 'q', ...condition }] }),
    );
    const items = answer.length > 0 ? [answered('q', ...answer)] : [];
    const isDemanded = found(response(items), [questionnaire]).includes('error required QuestionnaireResponse');
    const isRefused = found(response([...items, answered('then', text('a'))]), [questionnaire]).length > 0;
    expect(isRefused).toBe(!isDemanded);
    return isDemanded;
  };

  test.each<[string, JsonObject, JsonObject[], boolean]>([
    ['integer', { operator: '=', answerInteger: 3 }, [{ valueInteger: 3 }], true],
    ['integer', { operator: '=', answerInteger: 3 }, [{ valueInteger: 4 }, { valueInteger: 3 }], true],
    ['integer', { operator: '!=', answerInteger: 3 }, [{ valueInteger: 3 }], false],
    ['integer', { operator: '!=', answerInteger: 3 }, [], false],
    ['integer', { operator: '>', answerInteger: 3 }, [{ valueInteger: 4 }], true],
    ['integer', { operator: '>', answerInteger: 3 }, [{ valueInteger: 3 }], false],
    ['integer', { operator: '<=', answerInteger: 3 }, [{ valueInteger: 3 }], true],
    ['decimal', { operator: '>=', answerDecimal: 37.5 }, [{ valueDecimal: 38 }], true],
    ['date', { operator: '<', answerDate: '2026-04-01' }, [{ valueDate: '2026-03-31' }], true],
    ['date', { operator: '<', answerDate: '2026-04-01' }, [{ valueDate: '2026-04' }], false],
    ['time', { operator: '<', answerTime: '09:00:00' }, [{ valueTime: '08:59:59' }], true],
    ['boolean', { operator: '=', answerBoolean: true }, [{ valueBoolean: true }], true],
    ['boolean', { operator: 'exists', answerBoolean: true }, [], false],
    ['boolean', { operator: 'exists', answerBoolean: false }, [], true],
    ['boolean', { operator: 'exists', answerBoolean: true }, [{ valueBoolean: false }], true],
    [
      'choice',
      { operator: '=', answerCoding: { system: 'urn:a', code: 'x' } },
      [{ valueCoding: { system: 'urn:a', code: 'x', display: 'X' } }],
      true,
    ],
    [
      'choice',
      { operator: '=', answerCoding: { system: 'urn:a', code: 'x' } },
      [{ valueCoding: { system: 'urn:b', code: 'x' } }],
      false,
    ],
    [
      'quantity',
      { operator: '>', answerQuantity: { value: 2, system: 'http://unitsofmeasure.org', code: 'kg' } },
      [{ valueQuantity: { value: 2500, system: 'http://unitsofmeasure.org', code: 'g' } }],
      true,
    ],
  ])('%s %o answered %o', (type, condition, answers, expected) => {
    expect(asked(type, condition, ...answers)).toBe(expected);
  });

  test('with enableBehavior all asks for every condition, with any for one', () => {
    const conditions = [
      { question: 'a', operator: '=', answerBoolean: true },
      { question: 'b', operator: '=', answerBoolean: true },
    ];
    const items = [answered('a', { valueBoolean: true }), answered('b', { valueBoolean: false })];
    const asks = (enableBehavior: string) =>
      found(response(items), [
        form(
          question('a', 'boolean'),
          question('b', 'boolean'),
          question('c', 'string', { required: true, enableWhen: conditions, enableBehavior }),
        ),
      ]).length > 0;
    expect([asks('all'), asks('any')]).toEqual([false, true]);
  });

  test('looks at the question of the same repetition of a group', () => {
    const questionnaire = form(
      question('g', 'group', {
        repeats: true,
        item: [
          question('a', 'boolean'),
          question('b', 'string', { enableWhen: [{ question: 'a', operator: '=', answerBoolean: true }] }),
        ],
      }),
    );
    const repetition = (value: boolean) => ({
      linkId: 'g',
      item: [answered('a', { valueBoolean: value }), answered('b', text('x'))],
    });
    expect(found(response([repetition(true), repetition(false)]), [questionnaire])).toEqual([
      'error invalid QuestionnaireResponse.item[1].item[1]',
    ]);
  });
});

describe('answers', () => {
  const value = 'QuestionnaireResponse.item[0].answer[0].value';
  const extension = (url: string, member: JsonObject) => ({ extension: [{ url, ...member }] });
  const ucum = (amount: number, code: string) => ({
    value: amount,
    unit: code,
    system: 'http://unitsofmeasure.org',
    code,
  });

  test.each<[string, JsonObject, JsonObject, string[]]>([
    ['boolean', {}, text('はい'), [`error invariant ${value}`]],
    ['integer', {}, { valueDecimal: 1 }, [`error invariant ${value}`]],
    ['choice', {}, { valueCoding: { code: 'a' } }, []],
    ['choice', {}, text('a'), [`error invariant ${value}`]],
    ['open-choice', {}, text('a'), []],
    ['string', { maxLength: 3 }, text('さくら'), []],
    ['string', { maxLength: 3 }, text('さくらさ'), [`error invariant ${value}`]],
    ['string', extension(core('minLength'), { valueInteger: 3 }), text('さ'), [`error invariant ${value}`]],
    ['string', extension(core('regex'), { valueString: '[0-9]{4}' }), text('1234'), []],
    ['string', extension(core('regex'), { valueString: '[0-9]{4}' }), text('12345'), [`error invariant ${value}`]],
    ['string', extension(core('regex'), { valueString: '(' }), text('1'), [`warning not-supported ${value}`]],
    ['string', {}, text('一\n二'), [`warning invariant ${value}`]],
    ['text', {}, text('一\n二'), []],
    ['integer', extension(core('minValue'), { valueInteger: 5 }), { valueInteger: 5 }, []],
    ['integer', extension(core('minValue'), { valueInteger: 5 }), { valueInteger: 4 }, [`error invariant ${value}`]],
    ['date', extension(core('maxValue'), { valueDate: '2026-03' }), { valueDate: '2026-03-31' }, []],
    [
      'date',
      extension(core('maxValue'), { valueDate: '2026-03' }),
      { valueDate: '2026-04-01' },
      [`error invariant ${value}`],
    ],
    [
      'quantity',
      extension(sdc('sdc-questionnaire-maxQuantity'), { valueQuantity: ucum(5, 'kg') }),
      { valueQuantity: ucum(5001, 'g') },
      [`error invariant ${value}`],
    ],
    [
      'quantity',
      extension(sdc('sdc-questionnaire-maxQuantity'), { valueQuantity: ucum(5, 'kg') }),
      { valueQuantity: ucum(1, 'cm') },
      [`warning not-supported ${value}`],
    ],
    [
      'quantity',
      extension(core('questionnaire-unitOption'), { valueCoding: { system: 'http://unitsofmeasure.org', code: 'kg' } }),
      { valueQuantity: ucum(5, 'g') },
      [`error invariant ${value}`],
    ],
    [
      'attachment',
      extension(core('mimeType'), { valueCode: 'image/png' }),
      { valueAttachment: { contentType: 'text/html' } },
      ['error required QuestionnaireResponse.item[0].answer[0]'],
    ],
    [
      'attachment',
      extension(core('maxSize'), { valueDecimal: 2 }),
      { valueAttachment: { data: 'YWJj' } },
      ['error required QuestionnaireResponse.item[0].answer[0]'],
    ],
    [
      'reference',
      extension(core('questionnaire-referenceResource'), { valueCode: 'Patient' }),
      { valueReference: { reference: 'Organization/1' } },
      [`error invariant ${value}`],
    ],
    [
      'reference',
      {},
      { valueReference: { reference: 'https://example.jp/fhir/Chicken/1' } },
      [`error invariant ${value}`],
    ],
    [
      'integer',
      { answerOption: [{ valueInteger: 1 }, { valueInteger: 2 }] },
      { valueInteger: 3 },
      [`error invariant ${value}`],
    ],
    ['choice', { answerOption: [{ valueString: 'a' }] }, text('a'), []],
  ])('%s %o: %o', (type, members, answer, expected) => {
    expect(whenAsked(type, members, answer)).toEqual(expected);
  });

  test('of a decimal have no more places than asked for, as they are written', () => {
    const questionnaire = form(question('q', 'decimal', extension(core('maxDecimalPlaces'), { valueInteger: 1 })));
    const given = (number: string) =>
      found(response([answered('q', { valueDecimal: (parseJson(`[${number}]`) as unknown[])[0] })]), [questionnaire]);
    expect(given('1.5')).toEqual([]);
    expect(given('1.50')).toEqual([`error invariant ${value}`]);
  });

  test('that exclude all others stand alone', () => {
    const none = {
      extension: [{ url: core('questionnaire-optionExclusive'), valueBoolean: true }],
      valueCoding: { code: 'none' },
    };
    const members = { repeats: true, answerOption: [{ valueCoding: { code: 'a' } }, none] };
    const coding = (code: string) => ({ valueCoding: { code } });
    expect(whenAsked('choice', members, coding('none'))).toEqual([]);
    expect(whenAsked('choice', members, coding('a'), coding('none'))).toEqual([
      'error invariant QuestionnaireResponse.item[0].answer[1]',
    ]);
  });

  test.each<[string, JsonObject, string[]]>([
    ['in the value set', { system: 'urn:s', code: 'a' }, []],
    ['not in it', { system: 'urn:s', code: 'b' }, ['error code-invalid QuestionnaireResponse.item[0].answer[0]']],
    ['without a code', { display: 'A' }, ['error code-invalid QuestionnaireResponse.item[0].answer[0]']],
  ])('that are codes %s, shared or contained', (_name, valueCoding, expected) => {
    const answers = response([answered('q', { valueCoding })]);
    const terminology = terminologyOf({ 'urn:vs': ['urn:s#a'], '#vs': ['urn:s#a'] });
    const shared = form(question('q', 'choice', { answerValueSet: 'urn:vs' }));
    expect(found(answers, [shared], terminology)).toEqual(expected);
    const contained = [{ resourceType: 'ValueSet', id: 'vs', status: 'active' }];
    const own = { ...form(question('q', 'choice', { answerValueSet: '#vs' })), contained };
    expect(found(answers, [own], terminology)).toEqual(expected);
  });

  test('whose value set is not known are not refused', () => {
    const questionnaire = form(question('q', 'choice', { answerValueSet: 'urn:other' }));
    expect(found(response([answered('q', { valueCoding: { code: 'a' } })]), [questionnaire])).toEqual([
      'warning not-supported QuestionnaireResponse.item[0].answer[0]',
    ]);
  });

  test('are never quoted, whatever they hold', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ぁ-ん]{6,12}$/), (secret) => {
        const members = {
          maxLength: 3,
          answerOption: [{ valueString: 'a' }],
          ...extension(core('regex'), { valueString: 'a' }),
        };
        const definitions = definitionsOf([form(question('q', 'string', members))]);
        const answers = response([answered('q', text(secret))]);
        const findings = findByRules(answers, { definitions, terminology: terminologyOf() });
        expect(findings).toHaveLength(3);
        expect(JSON.stringify(findings)).not.toContain(secret);
      }),
    );
  });

  test('meet an expression that takes for ever with a warning, soon', () => {
    const slow = extension(core('regex'), { valueString: '(a+)+b' });
    const started = performance.now();
    for (let n = 0; n < 20; n++)
      expect(whenAsked('string', slow, text('a'.repeat(60)))).toEqual([`warning not-supported ${value}`]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
