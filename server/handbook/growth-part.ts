// Growth: the child's points on the percentile curves, drawn as vectors, and the measurements as a table behind them.

import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { formatDay, parseDay } from '../forecast/days.ts';
import { panelsOf } from '../growth/chart-scale.ts';
import { growthPoints, type Measurement, type Point } from '../growth/points.ts';
import { MEASURES, type Measure, type Sex } from '../growth/references.ts';
import { ageWords, MEASURE_WORDS, percentileWords, REFERENCE_WORDS, valueWords } from '../growth/words.ts';
import type { Booklet } from './booklet.ts';
import { drawPanel, PANEL_HEIGHT } from './growth-panel.ts';
import type { Papers } from './papers.ts';
import { nothing, sayIn, tableOf } from './part.ts';
import { shortDay } from './words.ts';

/** What a record's observations (as parseJson reads them) tell of growth; server/operations/growth-record.ts. */
export type MeasuredOf = (
  observations: readonly JsonObject[],
  birthDay: number,
) => { measured: Measurement[]; gestationDays: number | undefined };

/** The measures of the paper handbook's curves. */
const DRAWN: readonly Measure[] = ['weight', 'height', 'head-circumference', 'bmi'];

export async function growthPart(
  booklet: Booklet,
  papers: Papers,
  measuredOf: MeasuredOf,
  today: string,
): Promise<void> {
  const { language } = booklet;
  const say = sayIn(language);
  const { birthDate, gender } = papers.patient;
  booklet.heading(say('からだの発育', 'Growth'), { onNewPage: true });
  const birthDay = parseDay(birthDate ?? '');
  if (birthDay === undefined) {
    booklet.paragraph(
      say('生年月日が分からないため、曲線を描けません。', 'Without the birth date no curves can be drawn.'),
    );
    return;
  }
  const { measured, gestationDays } = measuredOf(papers.of('Observation') as unknown as JsonObject[], birthDay);
  const sex: Sex | undefined = gender === 'male' || gender === 'female' ? gender : undefined;
  const child = { birthDay, sex, gestationDays };
  const points = growthPoints(child, measured, MEASURES);
  if (points.length === 0) {
    nothing(booklet);
    return;
  }
  if (sex === undefined)
    booklet.paragraph(
      say(
        '成長曲線は男女別です。性別の記録がないため、描いていません。',
        'Curves are for boys or girls; the record does not say which.',
      ),
    );
  else {
    const ageDays = Math.max(0, (parseDay(today) ?? birthDay) - birthDay);
    const asked = { child: { ...child, sex }, points, measures: DRAWN, reference: undefined, ageDays };
    for (const panel of panelsOf(asked)) {
      const words = MEASURE_WORDS[panel.measure];
      booklet.heading(`${words[language]} (${words.unit})`, { level: 3, keepWith: PANEL_HEIGHT + 12 });
      booklet.figure(PANEL_HEIGHT, altOf(panel.measure, points, language), (top) =>
        drawPanel(booklet.sheet, panel, top, language),
      );
    }
    booklet.paragraph(
      say(
        '線は、同じ年齢の子ども100人を小さい順に並べたときの位置（パーセンタイル）です。育ち方には個人差があります。',
        'The lines show the place among 100 children of the same age (percentiles). Children grow at their own pace.',
      ),
      { size: 8, color: '#5a666d' },
    );
  }
  booklet.heading(say('計測の記録', 'Measurements'), { level: 2 });
  await tableOf(
    booklet,
    [
      { title: say('日', 'Date'), width: 0.2 },
      { title: say('年齢', 'Age'), width: 0.2 },
      { title: say('計測', 'Measure'), width: 0.25 },
      { title: say('値', 'Value'), width: 0.15 },
      { title: say('位置', 'Percentile'), width: 0.2 },
    ],
    points
      .filter(({ notes, measure }) => !notes.includes('computed') && measure !== 'weight-for-length')
      .toSorted((a, b) => (a.day ?? Number.POSITIVE_INFINITY) - (b.day ?? Number.POSITIVE_INFINITY) || 0)
      .map((point) => [
        point.day === undefined ? '' : shortDay(formatDay(point.day), language),
        point.ageDays === undefined || point.ageDays < 0 ? '' : ageWords(point.ageDays)[language],
        MEASURE_WORDS[point.measure][language],
        point.value === undefined ? '' : valueWords(point.measure, point.value),
        point.score?.percentile ? percentileWords(point.score.percentile)[language] : '',
      ]),
  );
}

/** The last value in words, for who does not see the picture. */
function altOf(measure: Measure, points: readonly Point[], language: Language): string {
  const say = sayIn(language);
  const last = points.findLast(
    (one) => one.measure === measure && one.value !== undefined && one.ageDays !== undefined,
  );
  const name = MEASURE_WORDS[measure][language];
  const title = say(`${name}の成長曲線`, `Growth chart: ${name}`);
  if (last?.value === undefined || last.ageDays === undefined) return title;
  const by = last.score?.percentile;
  const place = by ? `, ${percentileWords(by)[language]} (${REFERENCE_WORDS[by.reference][language]})` : '';
  return `${title}. ${ageWords(last.ageDays)[language]}: ${valueWords(measure, last.value)}${place}`;
}
