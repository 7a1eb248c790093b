// The points of a child on the percentile curves, as a picture for the family: a panel for each measure, wide as a phone. SVG 1.1
// with presentation attributes only, so that it is shown alike inside a page, under a strict content policy, and on paper.

import { INK, panelSvg, SOFT, WIDTH } from './chart-panel.ts';
import { latestOf, type Panel, panelsOf } from './chart-scale.ts';
import type { Child, Point } from './points.ts';
import type { Measure, ReferenceId, Sex } from './references.ts';
import { ageWords, MEASURE_WORDS, percentileWords, REFERENCE_WORDS, valueWords, type Words } from './words.ts';

export type ChartOf = {
  child: Child & { sex: Sex };
  points: readonly Point[];
  measures: readonly Measure[];
  reference: ReferenceId | undefined;
  /** For the axes of a child without points. */
  ageDays: number;
  /** `YYYY-MM-DD` of a day number. */
  dateOf(day: number): string;
  /** Id prefix: two pictures in one page need two. */
  id: string;
};

/** The SVG element as text. */
export function growthChart(asked: ChartOf): string {
  const { child, id, dateOf } = asked;
  const panels = panelsOf(asked);
  const drawn: string[] = [];
  let y = 70;
  for (const panel of panels) {
    const { svg, height } = panelSvg(panel, y, dateOf);
    drawn.push(svg);
    y += height + 14;
  }
  const foot = footOf(asked, panels, y + 6);
  const height = foot.bottom + 10;
  const whose = SEX_WORDS[child.sex];
  const desc = [...panels.map((panel) => latestWords(panel, dateOf)), TAKE_CARE];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-family="${FONT}" fill="${INK}" lang="ja">`,
    `<title id="${id}-title">成長曲線（${whose.ja}） Growth chart (${whose.en})</title>`,
    `<desc id="${id}-desc">${desc.map(({ ja }) => ja).join('')} ${desc.map(({ en }) => en).join(' ')}</desc>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="31" font-size="20" font-weight="bold">成長曲線 <tspan font-size="14" font-weight="normal" fill="${SOFT}">Growth chart</tspan></text>`,
    `<text x="16" y="52" font-size="12.5">${whose.ja}・${dateOf(child.birthDay)} 生まれ <tspan fill="${SOFT}">${whose.en}, born ${dateOf(child.birthDay)}</tspan></text>`,
    ...drawn,
    ...foot.lines,
    '</svg>',
  ].join('\n');
}

const FONT = "'Hiragino Sans','Noto Sans JP','Noto Sans CJK JP','Yu Gothic',Meiryo,'IPAexGothic',sans-serif";
const SEX_WORDS: Record<Sex, Words> = { male: { ja: '男の子', en: 'boy' }, female: { ja: '女の子', en: 'girl' } };
const TAKE_CARE: Words = {
  ja: '育ち方には個人差があります。気になるときは医師や保健師に相談してください。',
  en: 'Children grow at their own pace. If you are worried, ask your doctor or public health nurse.',
};

/** The last value of a panel, in words. */
function latestWords({ measure, marks, reference }: Panel, dateOf: (day: number) => string): Words {
  const { ja, en } = MEASURE_WORDS[measure];
  const last = latestOf(marks);
  if (last?.value === undefined || last.day === undefined || last.ageDays === undefined)
    return { ja: `${ja}：この範囲の記録はありません。`, en: `${en}: no entries in this range.` };
  const value = valueWords(measure, last.value);
  const percentile = last.score?.percentile;
  const by = REFERENCE_WORDS[percentile?.reference ?? reference];
  const at = percentile && percentileWords(percentile);
  const age = ageWords(last.ageDays);
  return {
    ja: `${ja}：${dateOf(last.day)}（${age.ja}）${value}${at ? `、${at.ja}（${by.ja}）` : ''}。`,
    en: `${en}: ${value} on ${dateOf(last.day)} at ${age.en}${at ? `, ${at.en} (${by.en})` : ''}.`,
  };
}

function footOf({ child }: ChartOf, panels: readonly Panel[], top: number): { lines: string[]; bottom: number } {
  const isCorrected = panels.some(({ marks }) => marks.some(({ point }) => point.correctedAgeDays !== undefined));
  const weeks =
    child.gestationDays === undefined ? '' : `${Math.floor(child.gestationDays / 7)}週${child.gestationDays % 7}日`;
  const texts: Words[] = [
    {
      ja: '線は同じ年齢の子ども100人を小さい順に並べたときの位置です。',
      en: 'The lines show the place among 100 children of the same age.',
    },
    ...(isCorrected
      ? [
          {
            ja: `在胎${weeks}：2歳までは修正月齢で示します（○は暦月齢）。`,
            en: 'Born preterm: by corrected age until two years (○: by age since birth).',
          },
        ]
      : []),
    ...(panels.some(({ marks }) => marks.some(({ kind }) => kind === 'doubtful'))
      ? [{ ja: '「？」は値が離れています。記録を確かめてください。', en: '“?” is far off: please check the entry.' }]
      : []),
    {
      ja: '育ち方には個人差があります。気になるときは相談してください。',
      en: 'Children grow at their own pace. If worried, ask your doctor or nurse.',
    },
  ];
  let y = top;
  const lines = texts.flatMap(({ ja, en }) => {
    const both = [
      `<text x="16" y="${y}" font-size="11.5">${ja}</text>`,
      `<text x="16" y="${y + 14}" font-size="10.5" fill="${SOFT}">${en}</text>`,
    ];
    y += 34;
    return both;
  });
  return { lines, bottom: y - 20 };
}
