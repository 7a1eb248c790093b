// The growth references of server/growth/references, made from the files of the shared data folder: numbers in the order and
// to the digits of their sources, nothing fitted or smoothed. Sex 1 is male in WHO's files.

import { readFileSync } from 'node:fs';
import type { ReferenceData, TableData } from '../../server/growth/references.ts';

const DAYS_PER_YEAR = 365.25;
const DAYS_PER_MONTH = DAYS_PER_YEAR / 12;

/** File name -> content, of every reference. `folder` ends with a slash. */
export function referenceFiles(folder: URL): Map<string, string> {
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  const references = { 'jp-2023': jp2023(read), 'jp-2000': jp2000(read), who: who(read) };
  return new Map(Object.entries(references).map(([id, data]) => [`${id}.json`, text(data)]));
}

type Read = (name: string) => string;
type Band = { key: string; ageMonthsMin: number; ageMonthsMax: number; male: number[]; female: number[] };
type Survey = { percentiles: number[]; measures: Record<'weight' | 'height' | 'head', { bands: Band[] }> };

/** A band's percentiles stand at its middle; the row of day 30 at day 30. The last band holds to its end. */
function jp2023(read: Read): ReferenceData {
  const survey = JSON.parse(read('jp-2023-percentiles-estat.json')) as Survey;
  const table = ({ bands }: { bands: Band[] }): TableData => ({
    kind: 'percentiles',
    percentiles: survey.percentiles,
    last: days((bands.at(-1)?.ageMonthsMax ?? 0) * DAYS_PER_MONTH),
    x: bands.map(({ key, ageMonthsMin, ageMonthsMax }) =>
      key === 'd30' ? 30 : days(((ageMonthsMin + ageMonthsMax) / 2) * DAYS_PER_MONTH),
    ),
    male: survey.percentiles.map((_, column) => bands.map(({ male }) => male[column] ?? Number.NaN)),
    female: survey.percentiles.map((_, column) => bands.map(({ female }) => female[column] ?? Number.NaN)),
  });
  const { weight, height, head } = survey.measures;
  return {
    source:
      'こども家庭庁・厚生労働省「令和5年乳幼児身体発育調査」, e-Stat 000040240361 (weight), 000040240362 (height), 000040240363 (head circumference), 2024-12-25',
    url: 'https://www.e-stat.go.jp/stat-search/files?stat_infid=000040240361',
    licence: 'Government statistics of Japan, to be used with the source named (政府標準利用規約).',
    made: 'The seven percentiles of each band, rounded to 0.01 kg and 0.1 cm, at the middle of the band in days.',
    measures: { weight: table(weight), height: table(height), 'head-circumference': table(head) },
  };
}

function jp2000(read: Read): ReferenceData {
  // Page headers of the article stand between the rows; a row is seven numbers.
  const table = (name: string): TableData => {
    const rows = rowsIn(read(name)).filter((row) => row.length === 7 && row.every(Number.isFinite));
    const column = (n: number) => rows.map((row) => row[n] ?? Number.NaN);
    const x = column(0).map((years) => days(years * DAYS_PER_YEAR));
    return { kind: 'lms', last: x.at(-1) ?? 0, x, male: [1, 2, 3].map(column), female: [4, 5, 6].map(column) };
  };
  return {
    source:
      'Isojima T, Kato N, Ito Y, Kanzaki S, Murata M. Growth standard charts for Japanese children with mean and standard deviation (SD) values based on the year 2000 national survey. Clin Pediatr Endocrinol 2016;25:71-76, tables 2 and 3',
    url: 'https://www.ncbi.nlm.nih.gov/pmc/articles/PMC4860518/',
    licence: 'Numbers of an open-access article, to be cited.',
    made: 'L, M and S as printed; ages in years turned into days.',
    measures: {
      weight: table('jp-2000-isojima2016-weight-lms.tsv'),
      height: table('jp-2000-isojima2016-height-lms.tsv'),
    },
  };
}

function who(read: Read): ReferenceData {
  const table = (name: string): TableData => {
    const rows = rowsIn(read(`who2006-lms/${name}anthro.txt`)).filter(([sex = 0]) => sex === 1 || sex === 2);
    const column = (sex: number, n: number) => rows.flatMap((row) => (row[0] === sex ? [row[n] ?? Number.NaN] : []));
    const x = column(1, 1);
    const lms = (sex: number) => [2, 3, 4].map((n) => column(sex, n));
    return { kind: 'lms', last: x.at(-1) ?? 0, x, male: lms(1), female: lms(2) };
  };
  return {
    source:
      'WHO Multicentre Growth Reference Study Group. WHO Child Growth Standards. Geneva: World Health Organization, 2006',
    url: 'https://www.who.int/tools/child-growth-standards/standards',
    licence: '© World Health Organization; the numbers of its standard, to be cited.',
    made: 'L, M and S of each day (of each 0.1 cm for weight-for-length), as WHO gives them to its own programs.',
    measures: {
      weight: table('wei'),
      height: table('len'),
      'head-circumference': table('hc'),
      bmi: table('bmi'),
      'weight-for-length': table('wfl'),
      'weight-for-height': table('wfh'),
    },
  };
}

/** The numbers of each line; what is no number is NaN. */
const rowsIn = (table: string): number[][] =>
  table.split(/\r?\n/).map((line) =>
    line
      .trim()
      .split('\t')
      .map((cell) => (cell === '' ? Number.NaN : Number(cell))),
  );

const days = (exact: number): number => Math.round(exact * 100) / 100;

/** One line for each column of numbers, so that a change shows as a change of that column. */
function text(data: ReferenceData): string {
  const columns: string[] = [];
  const marked = JSON.stringify(
    data,
    (_, value: unknown) =>
      Array.isArray(value) && value.every((one) => typeof one === 'number')
        ? `@${columns.push(JSON.stringify(value)) - 1}@`
        : value,
    1,
  );
  return `${marked.replace(/"@(\d+)@"/g, (_, n: string) => columns[Number(n)] ?? '')}\n`;
}
