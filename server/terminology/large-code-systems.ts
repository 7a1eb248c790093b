// Code systems that are too large to hold in memory (LOINC, SNOMED CT, ICD-10 …): what the operations ask of whoever keeps them.
// store/ implements it on tables. FHIR R4, https://hl7.org/fhir/R4/terminology-service.html

/** One code system in one version; without a version the one that is in force. `system` is its canonical URL. */
export type LargeSystem = { system: string; version?: string };

export type LargeDesignation = { language?: string; use?: { system?: string; code: string }; value: string };

/** `value` as FHIR writes it in a filter; `type` says which value[x] an answer uses. */
export type LargeProperty = {
  code: string;
  type: 'code' | 'Coding' | 'string' | 'integer' | 'boolean' | 'dateTime' | 'decimal';
  value: string;
};

export type LargeConcept = {
  code: string;
  display: string;
  /** Still in its hierarchy, but not to be used any more. */
  isInactive?: boolean;
  isAbstract?: boolean;
  definition?: string;
  designations: readonly LargeDesignation[];
  /** What the release says of the concept, `parent` and `child` (codes of the same system) among it. */
  properties: readonly LargeProperty[];
};

/** A filter of ValueSet.compose.include, as it is written there. `property` may be `concept`, `code`, `parent`, `child`. */
export type LargeFilter = {
  property: string;
  op: 'is-a' | 'descendent-of' | 'is-not-a' | 'generalizes' | '=' | 'in' | 'not-in' | 'regex' | 'exists';
  value: string;
};

/** Codes that fit every filter and, where `codes` is there, are among them. No filter and no codes: the whole system. */
export type LargePart = { filters?: readonly LargeFilter[]; codes?: readonly string[] };

/** What is in one of `include` and in none of `exclude`. */
export type LargeSelection = { include: readonly LargePart[]; exclude: readonly LargePart[] };

export type LargeExpansion = {
  /** `text`: each of its words stands in the code or a display, in any language, without regard to case, width and kana. */
  text?: string;
  isActiveOnly?: boolean;
  /** The display of this language is answered where there is one (BCP 47). */
  language?: string;
  offset: number;
  count: number;
};

/**
 * The large code systems that are loaded. Everything is read from the version that is in force when it is asked; nothing here
 * throws for what is unknown, only OperationOutcomeError 422 (`cannotExpand`) for a filter that the system's tables cannot answer.
 */
export type LargeCodeSystems = {
  /** What is loaded, of each system the version in force last. From memory: it is asked before every use of the others. */
  systems(): readonly (LargeSystem & { version: string; name?: string; count: number; language?: string })[];
  /** The concept, with all it has; undefined where the system has no such code. */
  lookup(system: LargeSystem, code: string): Promise<LargeConcept | undefined>;
  /** The concept where it is in the selection, undefined where it is not. */
  validate(system: LargeSystem, selection: LargeSelection, code: string): Promise<LargeConcept | undefined>;
  /** One page of the selection in the order of codes, and how many there are on all pages. */
  expand(
    system: LargeSystem,
    selection: LargeSelection,
    page: LargeExpansion,
  ): Promise<{ total: number; concepts: readonly LargeConcept[] }>;
  /** What the first code is to the second; undefined where one of them is unknown. */
  subsumes(
    system: LargeSystem,
    first: string,
    second: string,
  ): Promise<'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed' | undefined>;
};
