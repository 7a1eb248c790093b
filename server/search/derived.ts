// Parameters of Observation that say nothing which others do not say together. They leave nothing in the index: a search by
// one is a search by its parts. An Observation has one code and one value, so code$value is code and value; what a component
// says belongs together within it, and has facts of its own.

type Parts = { every: readonly string[] } | { some: readonly (string | Parts)[] };

const observation: Readonly<Record<string, Parts>> = {
  'code-value-quantity': { every: ['code', 'value-quantity'] },
  'code-value-concept': { every: ['code', 'value-concept'] },
  'code-value-date': { every: ['code', 'value-date'] },
  'combo-code-value-quantity': { some: [{ every: ['code', 'value-quantity'] }, 'component-code-value-quantity'] },
  'combo-code-value-concept': { some: [{ every: ['code', 'value-concept'] }, 'component-code-value-concept'] },
  'combo-value-quantity': { some: ['value-quantity', 'component-value-quantity'] },
};

/** What a parameter is made of: the values of `every` are the parts of a composite; undefined for one with facts of its own. */
export const derivedFrom = (type: string, code: string): Parts | undefined =>
  type === 'Observation' && Object.hasOwn(observation, code) ? observation[code] : undefined;

export type { Parts };
