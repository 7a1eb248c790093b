// The words of a growth chart, in Japanese and English.

import type { Measure, ReferenceId } from './references.ts';

export type Words = { ja: string; en: string };

export const MEASURE_WORDS: Record<Measure, Words & { unit: string; digits: number }> = {
  weight: { ja: '体重', en: 'Weight', unit: 'kg', digits: 2 },
  height: { ja: '身長', en: 'Length / height', unit: 'cm', digits: 1 },
  'head-circumference': { ja: '頭囲', en: 'Head circumference', unit: 'cm', digits: 1 },
  bmi: { ja: 'BMI（カウプ指数）', en: 'BMI', unit: 'kg/m²', digits: 1 },
  'weight-for-length': { ja: '身長に対する体重', en: 'Weight for length', unit: 'kg', digits: 2 },
};

export const REFERENCE_WORDS: Record<ReferenceId, Words> = {
  'jp-2023': { ja: '令和5年（2023年）乳幼児身体発育調査', en: 'Japan, national survey 2023' },
  'jp-2000': { ja: '2000年の全国調査（Isojima 2016）', en: 'Japan, national surveys 2000' },
  who: { ja: 'WHO 子どもの成長基準（2006年）', en: 'WHO Child Growth Standards 2006' },
};

/** `1歳3か月`, `5か月`, `12日`. Months are counted as twelfths of a year. */
export function ageWords(ageDays: number): Words {
  const months = Math.floor((ageDays + 0.5) / DAYS_PER_MONTH);
  if (ageDays < 0) return { ja: `予定日の${-ageDays}日前`, en: `${-ageDays} days before term` };
  if (months < 1) return { ja: `生後${ageDays}日`, en: ageDays === 1 ? '1 day' : `${ageDays} days` };
  const [years, rest] = [Math.floor(months / 12), months % 12];
  const ja = `${years > 0 ? `${years}歳` : ''}${rest > 0 ? `${rest}か月` : ''}`;
  const en = [years > 0 ? `${years} y` : '', rest > 0 ? `${rest} mo` : ''].filter(Boolean).join(' ');
  return { ja, en };
}

/** A number as people write it: no more digits than the measure has, and no zeros behind them. */
export function valueWords(measure: Measure, value: number): string {
  const { unit, digits } = MEASURE_WORDS[measure];
  return `${Number(value.toFixed(digits))} ${unit}`;
}

export function percentileWords({ value, comparator }: { value: number; comparator?: '<' | '>' }): Words {
  const shown = comparator ? value : Math.min(99, Math.max(1, Math.round(value)));
  if (comparator === '<') return { ja: `${shown}パーセンタイル未満`, en: `below percentile ${shown}` };
  if (comparator === '>') return { ja: `${shown}パーセンタイルを超える`, en: `above percentile ${shown}` };
  return { ja: `${shown}パーセンタイル`, en: `percentile ${shown}` };
}

export const DAYS_PER_MONTH = 365.25 / 12;
