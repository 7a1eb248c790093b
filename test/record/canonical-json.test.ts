// RFC 8785, with the examples of its sections 3.2.2 and 3.2.3 as far as plain data has them.
import { expect, test } from 'vitest';
import { canonicalJson } from '../../server/record/canonical-json.ts';

test('canonicalJson > sorts members by UTF-16 code units, at every depth, and leaves lists in their order', () => {
  const value = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: [{ b: 1, a: 2 }, 3] };
  expect(Object.keys(JSON.parse(canonicalJson(value)))).toHaveLength(7);
  expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":[{"a":2,"b":1},3],"€":1,"😀":5,"\ufb33":3}');
});

test('canonicalJson > writes numbers and strings in their one form', () => {
  const text =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"literals":[null,true,false]}';
  expect(canonicalJson(JSON.parse(text))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
  );
  expect(canonicalJson('\u20ac$\u000F\nA\'B"\\/')).toBe('"€$\\u000f\\nA\'B\\"\\\\/"');
});
