// The types of search parameters: what values of each leave in the index, and how a search on one is read.

import type { TypedValue } from '../fhir/paths.ts';
import type { Asked, Filter } from './asked.ts';
import { compositeFilter, indexComposites } from './composite.ts';
import { dateFilter, indexDates } from './date.ts';
import { indexPositions, nearFilter } from './near.ts';
import { indexNumbers, numberFilter } from './number.ts';
import type { Parameter, ParameterType } from './parameter.ts';
import { indexQuantities, quantityFilter } from './quantity.ts';
import { indexReferences, referenceFilter } from './reference.ts';
import type { Sheet } from './sheet.ts';
import { indexStrings, stringFilter } from './string.ts';
import { wordPaths, wordsFilter } from './text.ts';
import { indexTokens, tokenFilter } from './token.ts';
import { indexUris, uriFilter } from './uri.ts';

type Kind = {
  /** Notes what the values leave, besides their presence. */
  index(sheet: Sheet, parameter: Parameter, values: readonly TypedValue[]): void;
  /** Throws OperationOutcomeError 400 for a modifier or a value at fault. */
  filter(asked: Asked): Filter;
};

/** The types that need nothing but an expression to be indexed and searched. */
export const indexedTypes: readonly Exclude<ParameterType, 'special'>[] = [
  'token',
  'reference',
  'date',
  'string',
  'uri',
  'number',
  'quantity',
  'composite',
];

/** True for the types whose values can be a part of a composite. */
export const isComponentType = (type: ParameterType): boolean => type !== 'composite' && type !== 'special';

export const kinds: Readonly<Record<ParameterType, Kind>> = {
  token: { index: indexTokens, filter: tokenFilter },
  reference: { index: indexReferences, filter: referenceFilter },
  date: { index: indexDates, filter: dateFilter },
  string: { index: indexStrings, filter: stringFilter },
  uri: { index: indexUris, filter: uriFilter },
  number: { index: indexNumbers, filter: numberFilter },
  quantity: { index: indexQuantities, filter: quantityFilter },
  composite: { index: indexComposites, filter: compositeFilter },
  special: {
    index: indexPositions,
    filter: (asked) => (asked.parameter.code in wordPaths ? wordsFilter(asked) : nearFilter(asked)),
  },
};
