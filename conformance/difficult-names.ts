// Fifty invented names that programs like to spoil, printed in one handbook through the code of $handbook: as the name (bold) and as
// its reading (regular), each person on pages of their own. Read by poppler and qpdf. What the typeface lacks has to be named in the
// document, as 〓 or as the usual form of a variant; copied text has every code point all the same.

import { systemAccess } from '../server/access/access.ts';
import { createFhir } from '../server/app/fhir.ts';
import { handbookBytes } from '../server/handbook/handbook.ts';
import { typeface, type Weight } from '../server/handbook/typeface.ts';
import { fontsIn, hasPdfTools, said } from '../test/handbook/pdf-tools.ts';
import { type LocalServer, startLocalServer } from './local-server.ts';
import type { SuiteResult } from './suite.ts';

const NAMES: readonly string[] = [
  ...['𠮷野 試験', '𩸽 見本', '𡈽屋 試験', '𠮟 見本', '髙橋 試験', '山﨑 見本', '大﨟 試験', '草彅 見本', '祇園 試験'],
  ...[
    '辻\u{e0100} 試験',
    '辻\u{e0101} 見本',
    '葛\u{e0100}城 試験',
    '葛\u{e0101}飾 見本',
    '祇\u{e0100} 試験',
    '榊\u{e0101} 見本',
  ],
  ...[
    '渡邉 試験',
    '渡邊 見本',
    '邉\u{e0100} 試験',
    '邉\u{e0101} 見本',
    '邊\u{e0100} 試験',
    '斎\u{e0100}藤 齋藤',
    '神\ufe00 福\ufe00',
  ],
  ...['か\u309aこ 試験', 'か\u3099く 見本', 'セ\u309aト 試験', 'ツ\u309a 見本', 'は\u309aな がき'],
  ...[
    'ｼｹﾝ ﾊﾅｺ',
    'ﾊﾟﾊﾞｶﾞ ﾐﾎﾝ',
    'ｱ･ｲ･ｳ ｼｹﾝ',
    '試験・マリア・見本',
    '佐々木 試験',
    '金子みすゞ 見本',
    'バヽナ ヾヽ',
    '〆木 〻試',
  ],
  ...[
    'José Müller Shiken',
    'Nguyễn Thị Thử',
    "O'Mihon D’Shiken",
    'Zoe\u0308 Mihon',
    'Łukasz Próba',
    'Ștefan Őri',
    'Kaʻiu Test',
  ],
  ...[
    '試験\u3000全角 空白',
    'レ〜ナ～ー 試験',
    'アン＝マリー 見本',
    'ㇰㇷ\u309aラ 試験',
    '齌 𬜬',
    '槗本 靍 𣘺 𥔎',
    '試\u200d験 見\u{e01ef}本',
  ],
  '寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末食う寝る処に住む処 試験',
];

export async function run(): Promise<SuiteResult> {
  const result = { name: 'difficult-names', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!hasPdfTools()) return { ...result, missing: 'pdftotext, pdffonts (poppler-utils) or qpdf' };
  const pdf = await printed();
  const faults: Record<string, string> = {};
  const count = (id: string, isRight: boolean, fault: string) => {
    if (isRight) result.passed++;
    else faults[id] = fault;
  };
  const text = said('pdftotext', ['-raw', 'PDF', '-'], pdf);
  // Of each person the cover alone, where the name is followed by its reading.
  const covers = text.split('\f').filter((page) => page.startsWith('母子健康手帳の記録\n'));
  const last = text.slice(text.lastIndexOf('表示できない文字'));
  const lacking = new Set<string>();
  for (const [n, name] of NAMES.entries()) {
    const cover = covers[n] ?? '';
    const read = inLines(name);
    count(`text ${name}`, new RegExp(`\n${read}\nよみ ${read}\n`, 'u').test(cover), `reads ${cover.slice(0, 150)}`);
    const { notdef, unshown } = glyphsOf(name);
    count(`glyphs ${name}`, !notdef, '.notdef is used');
    for (const one of unshown) lacking.add(one);
  }
  for (const one of lacking) count(`named ${one}`, last.includes(one), 'is not named in the document');
  const fonts = fontsIn(pdf);
  const plain = said('qpdf', ['--qdf', '--object-streams=disable', 'PDF', '-'], pdf);
  count('fonts', fonts.length > 0 && fonts.every(({ isEmbedded }) => isEmbedded), JSON.stringify(fonts));
  // pdftotext tells no space from another: what is copied is in the map of the font.
  count('ideographic space', /<3000>/.test(plain), 'U+3000 is in no ToUnicode');
  const shown = Array.from(plain.matchAll(/<((?:[0-9a-f]{4})+)>[^\n]*\] TJ/gi), ([, ids = '']) => ids);
  count('content', shown.length > 0 && !shown.some(usesNotdef), '.notdef in a content stream');
  const checked = said('qpdf', ['--check', 'PDF'], pdf);
  count('qpdf', checked.includes('No syntax or stream encoding errors'), checked);
  result.notes.push(
    'pdftotext writes U+3000 as U+0020, and nothing for a space where a line ends: these alone are excepted',
    `${NAMES.length} names; the document names what the typeface lacks: ${[...lacking].join(', ')}`,
  );
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

/** Of the text as pdftotext writes it: every space as U+0020, a line may end after any cluster, and a space where one ends is its end. */
const inLines = (name: string): string =>
  typeface('regular', () => undefined)
    .clustersOf(name)
    .map(({ text }) => (/^[ \u3000]$/.test(text) ? '[ \\n]' : RegExp.escape(text)))
    .join('\\n?');

const usesNotdef = (ids: string): boolean => /^(?:.{4})*?0000/.test(ids);

/** In both weights, by the mapping of the document; what is not shown as it was written, in its words. */
function glyphsOf(name: string): { notdef: boolean; unshown: string[] } {
  const unshown = new Set<string>();
  let notdef = false;
  for (const weight of ['regular', 'bold'] satisfies Weight[]) {
    const { source } = typeface(weight, ({ text, how }) => {
      const points = Array.from(
        text,
        (one) => `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
      );
      unshown.add(`${points.join(' ')} → ${how === 'no-glyph' ? '〓' : '普通の字形'}`);
    });
    const { layout } = source as { layout(text: string): { glyphs: { glyph: number }[] } };
    notdef ||= layout(name).glyphs.some(({ glyph }) => glyph === 0);
  }
  return { notdef, unshown: [...unshown] };
}

async function printed(): Promise<Buffer> {
  const server = await startLocalServer();
  try {
    const of: { patient: string }[] = [];
    for (const name of NAMES) of.push({ patient: await stored(server, name) });
    const fhir = createFhir({
      pool: server.pool,
      baseUrl: () => 'https://tsumugi.example',
      cursorKey: new Uint8Array(32),
    });
    const asked = { access: systemAccess('suite'), language: 'ja', of } as const;
    const chunks: Uint8Array[] = [];
    for await (const chunk of handbookBytes(fhir, asked, () => ({ measured: [], gestationDays: undefined })))
      chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await server.close();
  }
}

/** The id of a Patient with this name, read as it is written. */
async function stored(server: LocalServer, name: string): Promise<string> {
  const url = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
  const names = ['IDE', 'SYL'].map((valueCode) => ({ extension: [{ url, valueCode }], text: name }));
  const body = JSON.stringify({ resourceType: 'Patient', birthDate: '2026-02-01', name: names });
  const { status, text } = await server.ask({ method: 'POST', path: 'Patient', body });
  const id = /"id":"([^"]+)"/.exec(text)?.[1];
  if (status !== 201 || id === undefined) throw new Error(`${name} was not stored: ${status} ${text.slice(0, 300)}`);
  return id;
}
