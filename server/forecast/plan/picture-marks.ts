// The marks of a plan's picture and what they mean. Each differs from the others in shape as well as in colour; text and
// outlines have a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).

export type MarkKind = 'given' | 'notCounted' | 'planned' | 'late';

export const SOFT = '#4a4a4a';
export const LATE = '#9a1b1b';
const GIVEN = '#14532d';
const PLANNED = '#0b4a94';
const BAR = { fill: '#d9e6f5', stroke: '#5b7fa8' };

/** What the marks mean, in a line at `y`. */
export function legend(y: number): string {
  const entries: [(x: number) => string, string, string][] = [
    [(x) => shape('given', x, y - 5, '1'), '接種済み', 'given'],
    [(x) => shape('planned', x, y - 5, '2'), '予定（数字は回数）', 'planned (dose number)'],
    [(x) => shape('late', x, y - 5, '3'), '予定（標準の時期より後）', 'planned, late'],
    [(x) => shape('notCounted', x, y - 5, '×'), '数えない接種', 'not counted'],
    [(x) => bar(x - 14, x + 14, y - 5, true), '標準の時期（点線は期限まで）', 'standard period (dashed: legal)'],
  ];
  const places = [30, 126, 292, 494, 642];
  return entries
    .map(([draw, ja, en], i) => {
      const x = places[i] ?? 0;
      return `${draw(x)}<text x="${x + 20}" y="${y}" font-size="13">${ja}</text><text x="${x + 20}" y="${y + 15}" font-size="11.5" fill="${SOFT}">${en}</text>`;
    })
    .join('');
}

/** A mark with its middle at a point. */
export function shape(kind: MarkKind, x: number, y: number, text: string): string {
  const label = (fill: string) =>
    `<text x="${px(x)}" y="${px(y + 4.5)}" font-size="12.5" font-weight="bold" text-anchor="middle" fill="${fill}">${text}</text>`;
  if (kind === 'given') return `<circle cx="${px(x)}" cy="${px(y)}" r="10" fill="${GIVEN}"/>${label('#ffffff')}`;
  if (kind === 'planned')
    return `<circle cx="${px(x)}" cy="${px(y)}" r="9" fill="#ffffff" stroke="${PLANNED}" stroke-width="2.5"/>${label(PLANNED)}`;
  const color = kind === 'late' ? LATE : SOFT;
  if (kind === 'late')
    return `<path d="M${px(x)} ${px(y - 12)}l12 12l-12 12l-12 -12z" fill="#ffffff" stroke="${color}" stroke-width="2.5"/>${label(color)}`;
  return `<rect x="${px(x - 9)}" y="${px(y - 9)}" width="18" height="18" fill="#ffffff" stroke="${color}" stroke-width="1.5" stroke-dasharray="3 2"/>${label(color)}`;
}

/** A period; an outline alone where it is no standard one. */
export function bar(from: number, to: number, middle: number, isStandard: boolean): string {
  const outline = isStandard ? `fill="${BAR.fill}"` : 'fill="#ffffff" stroke-dasharray="4 3"';
  return `<rect x="${px(from)}" y="${px(middle - 8)}" width="${px(Math.max(to - from, 3))}" height="16" rx="3" ${outline} stroke="${BAR.stroke}"/>`;
}

export const px = (value: number): string => String(Math.round(value * 10) / 10);

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
