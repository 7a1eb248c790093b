// Constraints of R4 4.0.1 that do not say what they mean, and those that the validator checks in its own way.

/**
 * Keys of constraints that hold for every element or resource, or need more than FHIRPath: the validator asks them natively, once
 * for each value, and does not compile them.
 */
export const nativeInvariants: ReadonlySet<string> = new Set([
  'ele-1',
  'ext-1',
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'dom-6',
  'ref-1',
  'txt-1',
  'txt-2',
]);

/** The expression as it is meant. Corrections go by the whole text: a profile that writes its own is taken at its word. */
export function corrected(expression: string): string {
  return corrections.get(expression) ?? expression;
}

/** Of eld-19 and eld-20, as FHIRPath writes them. */
const paths = [
  String.raw`[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*`,
  String.raw`[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*`,
];

/** Regular expressions that repeat a group and still end: what a repetition begins with cannot stand in the one before. */
export const soundRegexes: ReadonlySet<string> = new Set(
  paths.map((pattern) => `^${pattern.replace(/\\([\\'"/])/g, '$1')}$`),
);

const corrections: ReadonlyMap<string, string> = new Map([
  // bdl-8: an entry need not have a fullUrl. R5 says so.
  ["fullUrl.contains('/_history/').not()", "fullUrl.exists() implies fullUrl.contains('/_history/').not()"],
  // The names of definitions, which may be absent; matches() also finds a part. R5 says so (cnl-0).
  ["name.matches('[A-Z]([A-Za-z0-9_]){0,254}')", "name.exists() implies name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')"],
  // eld-19 and eld-20: the whole path is meant, and matches() also finds a part. R5 says so.
  ...paths.map((pattern): [string, string] => [`path.matches('${pattern}')`, `path.matches('^${pattern}$')`]),
  // opd-3: a parameter that is a resource has profiles to aim at too. R5 says so.
  [
    "targetProfile.exists() implies (type = 'Reference' or type = 'canonical')",
    "targetProfile.exists() implies (type = 'Reference' or type = 'canonical' or type.memberOf('http://hl7.org/fhir/ValueSet/resource-types'))",
  ],
  // tim-9: there may be several events, and `in` is about one. R5 says so.
  [
    "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
    "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())",
  ],
  // ras-2: a probability may be absent, or a Range.
  [
    'probability is decimal implies (probability as decimal) <= 100',
    'probability.empty() or (probability is decimal).not() or (probability as decimal) <= 100',
  ],
  // que-12: with two conditions it has to be said whether both must hold. R5 says so.
  ['enableWhen.count() > 2 implies enableBehavior.exists()', 'enableWhen.count() >= 2 implies enableBehavior.exists()'],
]);
