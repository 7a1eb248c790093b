// The form that nurseries and schools ask for: the vaccinations that a child had as of a day, by vaccine, and lines for the
// guardian's signature. In Japanese.

import type { Immunization } from '@medplum/fhirtypes';
import type { Access } from '../access/access.ts';
import { parseDay, parseDayRange } from '../forecast/days.ts';
import { japanDate, todayInJapan } from '../forecast/facts/calendar-date.ts';
import { vaccineCodeOf } from '../forecast/facts/given-doses.ts';
import { GENDERS, nameOf, unshownPart } from './about.ts';
import { openBooklet } from './booklet.ts';
import type { HandbookFhir } from './handbook.ts';
import { papersOf, readingOf } from './papers.ts';
import { pdfBytes } from './pdf-bytes.ts';
import { dateOf, dosesOf, productWords } from './vaccinations.ts';
import { ageAt, dayWords, shortDay } from './words.ts';

/** `date`: `YYYY-MM-DD`, today where it is undefined. The caller has checked that this patient may be read, and left the audit row. */
export async function* schoolFormBytes(
  fhir: HandbookFhir,
  access: Access,
  patient: string,
  date: string | undefined,
): AsyncGenerator<Uint8Array> {
  const papers = await papersOf(fhir, access, patient, ['Immunization']);
  if (papers === undefined) return;
  const madeMs = fhir.nowMs();
  const asOf = date ?? todayInJapan(madeMs);
  const title = '予防接種の記録（園・学校提出用）';
  const booklet = openBooklet({ language: 'ja', title, madeMs, footer: title });
  yield* pdfBytes(booklet, async () => {
    const { birthDate, gender, name } = papers.patient;
    booklet.heading(title);
    booklet.facts([
      ['氏名', nameOf(papers, 'ja')],
      ['ふりがな', readingOf(name)],
      ['生年月日', birthDate && dayWords(birthDate, 'ja')],
      ['性別', GENDERS[gender ?? '']?.ja],
      ['年齢', ageAt(birthDate, asOf, 'ja')],
      ['いつまでの記録か', `${dayWords(asOf, 'ja')}まで`],
    ]);
    const rows = rowsOf(dosesOf(papers).filter((dose) => isBy(dose, asOf)));
    const columns = [{ title: '予防接種', width: 0.3 }, ...DOSES.map((n) => ({ title: n, width: 0.14 }))];
    await booklet.table(columns, rows);
    booklet.paragraph(
      '保存されている記録を印刷したものです。医療機関の証明書ではありません。「記録なし」は、この記録にないという意味で、受けていないとは限りません。',
      { size: 8 },
    );
    if (papers.hidden.length > 0 || papers.narrowed)
      booklet.paragraph('見る権利がある部分だけを載せています。ほかにも記録があるかもしれません。', { size: 8 });
    booklet.paragraph('上記のとおり相違ありません。');
    for (const line of ['記入日', '保護者氏名（署名）', '連絡先']) booklet.blank(line);
    unshownPart(booklet, booklet.sheet.unshown);
  });
}

const DOSES = ['1回目', '2回目', '3回目', '4回目', '5回目以降'];

/** A dose whose day is not known is in where it can have been given by then. */
function isBy(dose: Immunization, asOf: string): boolean {
  const written = dateOf(dose) ?? '';
  const range = parseDayRange(japanDate(written) ?? '');
  const last = parseDay(asOf);
  return range === undefined || last === undefined || range.first <= last;
}

/** Codes of our CodeSystem vaccine. Those that forms always ask for stand even without a dose. */
const ROWS: readonly { name: string; codes: readonly string[]; isAlways?: true }[] = [
  { name: 'ロタウイルス', codes: ['RV1', 'RV5'], isAlways: true },
  { name: 'B型肝炎', codes: ['HepB'], isAlways: true },
  { name: 'ヒブ（Hib）', codes: ['Hib'] },
  { name: '小児用肺炎球菌', codes: ['PCV7', 'PCV13', 'PCV15', 'PCV20'], isAlways: true },
  { name: '五種混合（DPT-IPV-Hib）', codes: ['DPT-IPV-Hib'], isAlways: true },
  { name: '四種混合（DPT-IPV）', codes: ['DPT-IPV'] },
  { name: '三種混合（DPT）', codes: ['DPT'] },
  { name: 'ポリオ', codes: ['IPV', 'OPV'] },
  { name: 'BCG', codes: ['BCG'], isAlways: true },
  { name: '麻しん風しん（MR）', codes: ['MR'], isAlways: true },
  { name: '麻しん', codes: ['M'] },
  { name: '風しん', codes: ['R'] },
  { name: '麻しん風しんおたふくかぜ（MMR）', codes: ['MMR'] },
  { name: '水痘（みずぼうそう）', codes: ['VAR'], isAlways: true },
  { name: 'おたふくかぜ', codes: ['MUMPS'], isAlways: true },
  { name: '日本脳炎', codes: ['JE', 'JE-MB'], isAlways: true },
  { name: '二種混合（DT）', codes: ['DT'] },
  { name: 'HPV', codes: ['HPV2', 'HPV4', 'HPV9'] },
  { name: 'インフルエンザ', codes: ['IIV', 'IIV-HD', 'LAIV'] },
];

function rowsOf(doses: readonly Immunization[]): string[][] {
  const codeOf = ({ vaccineCode }: Immunization) => vaccineCodeOf(vaccineCode) ?? '';
  const known = new Set(ROWS.flatMap(({ codes }) => codes));
  const listed = ROWS.flatMap(({ name, codes, isAlways }) => {
    const given = doses.filter((dose) => codes.includes(codeOf(dose)));
    return given.length > 0 || isAlways ? [rowOf(name, given)] : [];
  });
  const others = Map.groupBy(
    doses.filter((dose) => !known.has(codeOf(dose))),
    (dose) => productWords({ ...dose, protocolApplied: [] }, 'ja'),
  );
  return [...listed, ...[...others].map(([name, given]) => rowOf(name, given))];
}

/** The days in their order; whatever is beyond the columns stands in the last one. */
function rowOf(name: string, given: readonly Immunization[]): string[] {
  if (given.length === 0) return [name, '記録なし'];
  const days = given.map((dose) => shortDay(dateOf(dose), 'ja')).filter(Boolean);
  const sorted =
    given.length === days.length
      ? days
      : [...days, ...Array.from({ length: given.length - days.length }, () => '日付不明')];
  return [name, ...sorted.slice(0, 4), sorted.slice(4).join('\n')];
}
