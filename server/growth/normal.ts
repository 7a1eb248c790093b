// The standard normal distribution: SD scores and percentiles are two ways to say the same.

/**
 * The percentile (0 to 100) of an SD score. The series of the error function near the middle, its continued fraction in the
 * tails (Abramowitz & Stegun 26.2.10 and 26.2.14); good to 12 digits.
 */
export function percentileOf(sdScore: number): number {
  const x = Math.abs(sdScore);
  const below = x > 37 ? 0 : x > 4 ? upperTail(x) : 0.5 - middle(x);
  return 100 * (sdScore < 0 ? below : 1 - below);
}

/** The SD score of a percentile between 0 and 100, both excluded: the root of `percentileOf`. */
export function sdScoreOf(percentile: number): number {
  let low = -9;
  let high = 9;
  while (high - low > 1e-12) {
    const between = (low + high) / 2;
    if (percentileOf(between) < percentile) low = between;
    else high = between;
  }
  return (low + high) / 2;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** From 0 to x. */
function middle(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; term > sum * 1e-17; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return sum * density(x);
}

function upperTail(x: number): number {
  let fraction = x;
  for (let n = 80; n > 0; n -= 1) fraction = x + n / fraction;
  return density(x) / fraction;
}
