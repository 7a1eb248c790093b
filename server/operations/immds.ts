// placeholder until the planner's mapping is here
export function forecastParameters(_input: object): object {
  throw new Error('not here yet');
}
