// Where a FHIRPath has no answer.

/** What an expression asks is not known here, or it breaks a rule of FHIRPath on these values. */
export class NotEvaluable extends Error {}
