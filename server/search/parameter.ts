// A search parameter of one type, compiled (search/parameters.ts).

import type { SearchParameterDefinition } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';

export type ParameterType = SearchParameterDefinition['type'];

export type Parameter = {
  code: string;
  /** `special` also for _text and _content, which the definitions call strings but which have no value of their own. */
  type: ParameterType;
  /** For references: the types they may point to. */
  targets: readonly string[];
  /** True when it is also indexed over everyone, not only checked on the rows of a patient or a type. */
  population: boolean;
  /** True of the date that orders the type's rows: `at` and `until`. */
  isMain: boolean;
  /** Of its entries in `words`, which several parameters may share. */
  number: number;
  /** Of one that a SearchParameter has added: its canonical URL. */
  url?: string;
  /** FHIRPath; '' for _text and _content. */
  expression: string;
  /** Of a composite. */
  components: readonly Component[];
  values: (resource: JsonObject) => TypedValue[];
};

/** One part of a composite: the parameter that says how its values are read, and its path from the composite's element. */
export type Component = { parameter: Parameter; expression: string };
