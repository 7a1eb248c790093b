// The refusal of input that has no answer.

/** Thrown for input that has no answer at all: a birth or assessment date that is no date. */
export class ForecastInputError extends Error {
  readonly element: 'birthDate' | 'assessmentDate' | 'rulesOf';

  constructor(
    element: 'birthDate' | 'assessmentDate' | 'rulesOf',
    value: string,
    fault = 'is not a full calendar date (YYYY-MM-DD)',
  ) {
    super(`${element} "${value}" ${fault}`);
    this.name = 'ForecastInputError';
    this.element = element;
  }
}
