// A plan as a picture for the family: ages along the top, a row for each vaccine, standard periods as bars, doses given and
// planned as marks that differ in shape as well as colour, today as a line, and the visits in words below. SVG 1.1 with
// presentation attributes only, so that it is shown alike inside a page, by itself under a strict content policy, and on paper.

import { type Day, formatDay, parseDayRange } from '../days.ts';
import type { Schedule } from '../law/compiled.ts';
import type { Text } from '../rule.ts';
import type { ForecastInput } from '../types.ts';
import { bar, escaped, LATE, legend, type MarkKind, px, SOFT, shape } from './picture-marks.ts';
import { ageWords, monthsOfAge, type TimeScale, timeScale } from './time-scale.ts';
import type { Plan, Visit } from './types.ts';
import { dayWords, NOTE_WORDS, UNPLANNED_WORDS } from './words.ts';

const WIDTH = 880;
const LEFT = 226;
const RIGHT = WIDTH - 22;
const ROW = 40;
const HEAD = 148;
const INK = '#1b1b1b';
const GRID = '#c4c9cf';
const TODAY = '#a3154a';
const FONT = "'Hiragino Sans','Noto Sans JP','Noto Sans CJK JP','Yu Gothic',Meiryo,'IPAexGothic',sans-serif";

export type PictureOf = {
  input: ForecastInput;
  plan: Plan;
  schedule: Schedule;
  /** Name of a vaccine code. */
  nameOf(vaccine: string): Text;
  /** Id prefix: two pictures in one page need two. */
  id: string;
};

type Mark = { day: Day; kind: MarkKind; text: string; title: string };
type Row = { name: Text; bars: { from: Day; to: Day; isStandard: boolean }[]; marks: Mark[]; remark: Text | undefined };

/** The SVG element as text. */
export function planPicture(asked: PictureOf): string {
  const { input, plan, id } = asked;
  const birth = firstDay(input.birthDate);
  const today = firstDay(input.assessmentDate);
  const rows = rowsOf(asked);
  const last = Math.max(
    today,
    ...rows.flatMap(({ marks, bars }) => [...marks.map(({ day }) => day), ...bars.map(({ to }) => to)]),
  );
  const scale = timeScale(birth, today, last, LEFT, RIGHT);
  const bottom = HEAD + rows.length * ROW;
  const visits = visitTexts(asked, birth, bottom + 44);
  const height = visits.bottom + 24;
  const next = plan.visits[0];
  const title = '予防接種の計画 Vaccination plan';
  const desc = [
    `生年月日 ${input.birthDate}、${input.assessmentDate} 現在。これからの来院は${plan.visits.length}回。`,
    next === undefined ? '' : `次は${dayWords(next.day).ja}。`,
    `Born ${input.birthDate}, as of ${input.assessmentDate}: ${plan.visits.length} visits to come`,
    next === undefined ? '.' : `, the next on ${dayWords(next.day).en}.`,
  ].join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="${FONT}" fill="${INK}" lang="ja">`,
    `<title id="${id}-title">${escaped(title)}</title><desc id="${id}-desc">${escaped(desc)}</desc>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="20" y="34" font-size="22" font-weight="bold">予防接種の計画 <tspan font-size="16" font-weight="normal" fill="${SOFT}">Vaccination plan</tspan></text>`,
    `<text x="20" y="58" font-size="14">生年月日 ${input.birthDate}　${input.assessmentDate} 現在 <tspan fill="${SOFT}">born ${input.birthDate}, as of ${input.assessmentDate}</tspan></text>`,
    legend(86),
    axis(scale, bottom),
    ...rows.map((row, i) => rowGround(row, HEAD + i * ROW, scale, i)),
    todayLine(scale.x(today), bottom),
    ...rows.map((row, i) => rowMarks(row, HEAD + i * ROW, scale)),
    ...visits.lines,
    '</svg>',
  ].join('\n');
}

function rowsOf({ input, plan, schedule, nameOf }: PictureOf): Row[] {
  return schedule.series.flatMap(({ key, name }) => {
    const planned = plan.visits.flatMap((visit) =>
      visit.doses.filter(({ series }) => series === key).map((dose) => ({ dose, day: visit.day })),
    );
    const judged = plan.forecast.evaluations.filter(
      ({ series, reasons }) => series === key && !reasons.includes('duplicateRecord'),
    );
    const left = plan.unplanned.find(({ series }) => series === key);
    if (planned.length + judged.length === 0 && left === undefined) return [];
    const marks: Mark[] = judged.map((one) => {
      const isValid = one.status === 'valid';
      const vaccine = nameOf(one.vaccine);
      return {
        day: Math.min(parseDayRange(one.date)?.last ?? 0, firstDay(input.assessmentDate)),
        kind: isValid ? 'given' : 'notCounted',
        text: isValid ? String(one.doseNumber ?? '') : '×',
        title: isValid
          ? `${one.date} 接種済み ${vaccine.ja} · given, ${vaccine.en}`
          : `${one.date} 数えていない接種 ${vaccine.ja} · not counted, ${vaccine.en}`,
      };
    });
    const bars: Row['bars'] = [];
    for (const { dose, day } of planned) {
      const vaccine = nameOf(dose.vaccine);
      const end = dose.standardEnd ?? dose.latest;
      if (end !== undefined && end >= dose.recommended)
        bars.push({ from: dose.recommended, to: end, isStandard: dose.standardEnd !== undefined });
      marks.push({
        day,
        kind: dose.isLate ? 'late' : 'planned',
        text: String(dose.doseNumber),
        title: `${formatDay(day)} 予定 ${dose.label} ${vaccine.ja} · planned, dose ${dose.doseNumber}, ${vaccine.en}`,
      });
    }
    return [{ name, bars, marks, remark: left === undefined ? undefined : UNPLANNED_WORDS[left.reason] }];
  });
}

function axis({ ticks, breaks }: TimeScale, bottom: number): string {
  const lines = ticks.map(
    ({ x, text }) =>
      `<line x1="${px(x)}" y1="${HEAD - 6}" x2="${px(x)}" y2="${bottom}" stroke="${GRID}"/>` +
      `<text x="${px(x)}" y="${HEAD - 24}" font-size="13" text-anchor="middle">${text.ja}</text>` +
      `<text x="${px(x)}" y="${HEAD - 10}" font-size="11" text-anchor="middle" fill="${SOFT}">${text.en}</text>`,
  );
  const marks = breaks.map(
    (x) =>
      `<g stroke="${SOFT}" fill="none"><title>ここで目盛りの幅が変わります · the scale changes here</title><line x1="${px(x)}" y1="${HEAD - 4}" x2="${px(x)}" y2="${bottom}" stroke-dasharray="1 4"/><path d="M${px(x - 5)} ${bottom + 9}l4 -8m3 8l4 -8"/></g>`,
  );
  return [...lines, ...marks].join('');
}

/** Name, standard periods and remark of a row; its marks stand above the line of today. */
function rowGround({ name, bars, remark }: Row, y: number, scale: TimeScale, index: number): string {
  const shade = `<rect x="0" y="${y}" width="${WIDTH}" height="${ROW}" fill="#000000" fill-opacity="0.03"/>`;
  return [
    index % 2 === 0 ? shade : '',
    `<text x="20" y="${y + 17}" font-size="14.5" font-weight="bold"${fitted(name.ja, 14.5)}>${escaped(name.ja)}</text>`,
    `<text x="20" y="${y + 33}" font-size="11.5" fill="${SOFT}"${fitted(name.en, 6.6)}>${escaped(name.en)}</text>`,
    ...bars.map(({ from, to, isStandard }) => bar(scale.x(from), scale.x(to), y + ROW / 2, isStandard)),
    remark === undefined
      ? ''
      : `<text x="${RIGHT}" y="${y + 17}" font-size="12.5" text-anchor="end" fill="${LATE}">！${escaped(remark.ja)}</text>` +
        `<text x="${RIGHT}" y="${y + 33}" font-size="11.5" text-anchor="end" fill="${LATE}">${escaped(remark.en)}</text>`,
  ].join('');
}

function rowMarks({ marks }: Row, y: number, scale: TimeScale): string {
  return marksApart(marks, scale)
    .map(({ mark, x }) => `<g><title>${escaped(mark.title)}</title>${shape(mark.kind, x, y + ROW / 2, mark.text)}</g>`)
    .join('');
}

/** Long names are drawn narrower rather than into the chart. */
function fitted(text: string, charPx: number): string {
  const room = LEFT - 42;
  return text.length * charPx > room ? ` textLength="${room}" lengthAdjust="spacingAndGlyphs"` : '';
}

/** Marks that would cover each other stand side by side. */
function marksApart(marks: readonly Mark[], scale: TimeScale): { mark: Mark; x: number }[] {
  let before = Number.NEGATIVE_INFINITY;
  return marks
    .toSorted((a, b) => a.day - b.day)
    .map((mark) => {
      const x = Math.max(scale.x(mark.day), before + 21);
      before = x;
      return { mark, x };
    });
}

function todayLine(x: number, bottom: number): string {
  return (
    `<line x1="${px(x)}" y1="${HEAD - 6}" x2="${px(x)}" y2="${bottom + 4}" stroke="${TODAY}" stroke-width="2" stroke-dasharray="7 4"/>` +
    `<text x="${px(x)}" y="${bottom + 19}" font-size="13" font-weight="bold" text-anchor="middle" fill="${TODAY}">今日 Today</text>`
  );
}

/** Each visit with its day, the age, and its vaccines in both languages. */
function visitTexts(
  { plan, schedule, nameOf }: PictureOf,
  birth: Day,
  top: number,
): { lines: string[]; bottom: number } {
  const lines = [
    `<text x="20" y="${top}" font-size="17" font-weight="bold">これからの来院 <tspan font-size="14" font-weight="normal" fill="${SOFT}">Visits to come</tspan></text>`,
  ];
  let y = top + 8;
  const put = (x: number, size: number, color: string, text: string) => {
    lines.push(`<text x="${x}" y="${px(y)}" font-size="${size}" fill="${color}">${escaped(text)}</text>`);
  };
  for (const [i, visit] of plan.visits.entries()) {
    const age = ageWords(monthsOfAge(birth, visit.day));
    const when = dayWords(visit.day);
    const texts = doseTexts(visit, schedule, nameOf);
    y += 23;
    lines.push(
      `<text x="20" y="${px(y)}" font-size="14.5" font-weight="bold">${i + 1}. ${when.ja}　${age.ja}` +
        `<tspan dx="14" font-size="12" font-weight="normal" fill="${SOFT}">${when.en}, ${age.en}</tspan></text>`,
    );
    for (const line of wrapped(
      texts.map(({ ja }) => ja),
      '、',
      56,
    )) {
      y += 18;
      put(38, 13.5, INK, line);
    }
    for (const line of wrapped(
      texts.map(({ en }) => en),
      ', ',
      124,
    )) {
      y += 15;
      put(38, 11.5, SOFT, line);
    }
  }
  y += 26;
  for (const note of [NOTE_WORDS.holidays, NOTE_WORDS.oneSeason]) {
    put(20, 12, SOFT, `${note.ja}。 ${note.en}.`);
    y += 17;
  }
  return { lines, bottom: y };
}

function doseTexts(visit: Visit, schedule: Schedule, nameOf: PictureOf['nameOf']): Text[] {
  return visit.doses.map((dose) => {
    const name = schedule.series.find(({ key }) => key === dose.series)?.name ?? nameOf(dose.vaccine);
    const ask = dose.needsClinician ? { ja: '（医師に確認）', en: ' (ask the clinician)' } : { ja: '', en: '' };
    return { ja: `${name.ja} ${dose.label}${ask.ja}`, en: `${name.en}: dose ${dose.doseNumber}${ask.en}` };
  });
}

/** Lines of at most so many characters, broken between doses. */
function wrapped(texts: readonly string[], separator: string, most: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + separator.length + text.length <= most)
      lines[lines.length - 1] = line + separator + text;
    else lines.push(text);
  }
  return lines;
}

function firstDay(date: string): Day {
  return parseDayRange(date)?.first ?? 0;
}
