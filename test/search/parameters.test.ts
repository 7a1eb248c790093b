// Every search parameter of the base specification is there, on every type, and can be searched by.
import { describe, expect, test } from 'vitest';
import { resourceTypes, searchParametersOf } from '../../server/fhir/definitions.ts';
import { extract } from '../../server/search/extract.ts';
import { parseFilter } from '../../server/search/filter.ts';
import { type Parameter, parametersOf } from '../../server/search/parameters.ts';

/** What is not among the compiled parameters, and why. */
const elsewhere: Record<string, string> = {
  _id: 'a column',
  _lastUpdated: 'a column',
  _query: 'names a query that the server defines, and this one defines none',
};
const options = { lenient: false, nowMs: 0, base: 'https://tsumugi.test/fhir' };

test('146 types have all their parameters', () => {
  expect(resourceTypes.size).toBe(146);
  for (const type of resourceTypes) {
    const wanted = searchParametersOf(type).map(({ code }) => code);
    expect([type, ...parametersOf(type).keys()]).toEqual([type, ...wanted.filter((code) => !(code in elsewhere))]);
  }
});

const value: Record<Parameter['type'], string> = {
  number: 'gt5',
  quantity: 'le5|http://unitsofmeasure.org|g',
  date: '2026',
  string: 'a',
  token: 'a|b',
  reference: 'Patient/a',
  uri: 'http://a.test',
  special: '1|2|3|km',
  composite: '',
};
const valueFor = ({ type, components }: Parameter): string =>
  type === 'composite' ? components.map(({ parameter }) => valueFor(parameter)).join('$') : value[type];
const missing = { _text: '', _content: '' };

test.each([...resourceTypes])(
  '%s: every parameter takes a value, :missing where it has one, and no modifier made up',
  (type) => {
    expect(extract({ resourceType: type }, []).terms).toEqual([]);
    for (const parameter of parametersOf(type).values()) {
      expect(parseFilter(type, parameter.code, valueFor(parameter), options)).toBeDefined();
      if (!(parameter.code in missing))
        expect(parseFilter(type, `${parameter.code}:missing`, 'true', options)).toBeDefined();
      expect(() => parseFilter(type, `${parameter.code}:made-up`, 'a', options)).toThrow(/not supported/);
    }
  },
);

const texts = (type: string) => [...parametersOf(type).values()].filter((parameter) => parameter.type === 'token');

describe('paths into the stored text', () => {
  test(':text is there for every token that has words, bar those whose expression needs more than a path', () => {
    const refused: string[] = [];
    for (const type of resourceTypes) {
      for (const { code } of texts(type)) {
        try {
          parseFilter(type, `${code}:text`, 'a', options);
        } catch {
          refused.push(`${type}?${code}`);
        }
      }
    }
    // Booleans, codes and strings have no words beside them.
    for (const code of ['Patient?gender', 'Patient?active', 'Observation?status']) expect(refused).toContain(code);
    for (const code of ['Observation?code', 'Patient?identifier', 'Observation?value-concept', 'Basic?_tag'])
      expect(refused).not.toContain(code);
  });
  test(':below is there for every uri', () => {
    for (const type of resourceTypes) {
      for (const parameter of parametersOf(type).values()) {
        if (parameter.type !== 'uri') continue;
        expect(parseFilter(type, `${parameter.code}:below`, 'http://a.test', options)).toMatchObject({
          kind: 'content',
        });
      }
    }
  });
});
