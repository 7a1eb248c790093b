// Between the rows of a table: a cubic through the points that turns only where they do (Fritsch and Carlson, SIAM J Numer Anal
// 1980;17:238-246, with Brodlie's weights). Growth in the first months is so bent that straight lines would read a month-old
// 200 g too low.

/** A curve through (x, y) of rising x. Asked beyond the ends it gives the end's value. */
export function curveThrough(x: readonly number[], y: readonly number[]): (at: number) => number {
  const slopes = slopesOf(x, y);
  return (at) => {
    const n = intervalOf(x, at);
    const [x0, x1, y0, y1] = [number(x, n), number(x, n + 1), number(y, n), number(y, n + 1)];
    const width = x1 - x0;
    const t = Math.min(1, Math.max(0, (at - x0) / width));
    if (t === 0 || t === 1) return t === 0 ? y0 : y1;
    const [d0, d1] = [number(slopes, n) * width, number(slopes, n + 1) * width];
    return y0 + t * (d0 + t * (3 * (y1 - y0) - 2 * d0 - d1 + t * (2 * (y0 - y1) + d0 + d1)));
  };
}

/** The place of the last x that is not above `at`, and never the very last. */
function intervalOf(x: readonly number[], at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const between = (low + high) >> 1;
    if (number(x, between) <= at) low = between;
    else high = between;
  }
  return low;
}

function slopesOf(x: readonly number[], y: readonly number[]): number[] {
  const widths = x.slice(1).map((one, n) => one - number(x, n));
  const rises = y.slice(1).map((one, n) => (one - number(y, n)) / number(widths, n));
  return x.map((_, n) => {
    if (n === 0) return endSlope(rises, widths, 0, 1);
    if (n === x.length - 1) return endSlope(rises, widths, n - 1, n - 2);
    const [before, after] = [number(rises, n - 1), number(rises, n)];
    if (before * after <= 0) return 0;
    const [w1, w2] = [2 * number(widths, n) + number(widths, n - 1), number(widths, n) + 2 * number(widths, n - 1)];
    return (w1 + w2) / (w1 / before + w2 / after);
  });
}

/** Of the parabola through the three points at an end, kept within what leaves the curve rising or falling as they do. */
function endSlope(rises: readonly number[], widths: readonly number[], first: number, second: number): number {
  const [rise, next] = [number(rises, first), rises[second] ?? number(rises, first)];
  const [width, nextWidth] = [number(widths, first), widths[second] ?? number(widths, first)];
  const slope = ((2 * width + nextWidth) * rise - width * next) / (width + nextWidth);
  if (slope * rise <= 0) return 0;
  return Math.abs(slope) > 3 * Math.abs(rise) ? 3 * rise : slope;
}

const number = (list: readonly number[], n: number): number => list[n] ?? Number.NaN;
