// README.html of an archive: the record as one page that needs nothing but a browser. No script and nothing from anywhere else,
// which its own content policy says as well: what a resource says cannot become more than text. The words are there in Japanese
// and English, and a switch that is plain CSS shows one of them.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { humanName, objectsAt, plain } from './cells.ts';
import type { Tabled } from './make-tables.ts';
import { both, escaped, sectionHead } from './page-rows.ts';
import { accessLog, type Column, everything, tables, type Words } from './tables.ts';

export type PageFacts = {
  language: Language;
  /** `Patient/ID` at the issuer. */
  patient: string;
  issuer: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  thumbprint: string;
  /** False when whoever asked may not read every type. */
  complete: boolean;
  olderVersions: number;
  /** Whether boshi-techo.pdf is there. */
  withHandbook: boolean;
  /** An SVG element, where a growth chart can be drawn. */
  chart?: string | undefined;
};

/** The page, made of the rows that make-tables.ts left in `folder`. */
export async function* readerPage(
  folder: string,
  facts: PageFacts,
  { patient, rows, attachments }: Tabled,
): AsyncGenerator<string | Uint8Array> {
  const name = patient ? names(patient)[0] : undefined;
  yield head(name ?? facts.patient, facts.language);
  yield about(facts);
  if (patient) yield person(patient);
  yield contents([...tables, everything, accessLog], rows, attachments);
  if (facts.chart !== undefined)
    yield `<section class="growth"><h2>${both(words.growth)}</h2>${facts.chart}</section>\n`;
  for (const { name, title, columns } of [...tables, everything, accessLog])
    yield* section(folder, { name, title, columns, count: rows.get(name) ?? 0 });
  yield* pictures(folder, attachments);
  yield '</main></body></html>\n';
}

const words = {
  growth: { ja: '成長曲線', en: 'Growth' },
  attachments: { ja: '写真・書類', en: 'Photos and documents' },
  none: { ja: '記録はありません。', en: 'Nothing is recorded.' },
  person: { ja: 'この記録の人', en: 'Whose record this is' },
  contents: { ja: '目次', en: 'Contents' },
} satisfies Record<string, Words>;

const style = `body{font:16px/1.6 system-ui,sans-serif;margin:0;color:#222;background:#fff}main,.bar{max-width:76rem;margin:auto;padding:1rem}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:2px solid #7a9}table{border-collapse:collapse;font-size:.9rem}
td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}td:first-child{min-width:6.5rem}th{background:#f2f6f4;white-space:nowrap}
.wide{overflow-x:auto}pre{white-space:pre-wrap;margin:.3rem 0;font-size:.8rem;min-width:18rem}.growth svg{max-width:30rem;height:auto}.note{background:#fff7df;padding:.6rem 1rem}
#ja:checked~main .en,#en:checked~main .ja{display:none}figure{display:inline-block;margin:.5rem;vertical-align:top;max-width:18rem}
img{max-width:18rem;max-height:18rem;display:block}dt{font-weight:bold}dd{margin:0 0 .4rem 1rem}
@media print{details[open]{display:block}.wide{overflow:visible}}`;

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src 'self' file:; base-uri 'none'; form-action 'none'`;

const head = (title: string, language: Language): string => `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${style}</style></head>
<body><input class="switch" type="radio" name="language" id="ja"${language === 'ja' ? ' checked' : ''}><label for="ja" lang="ja">日本語</label>
<input class="switch" type="radio" name="language" id="en"${language === 'en' ? ' checked' : ''}><label for="en" lang="en">English</label>
<main><h1>${escaped(title)}</h1>
`;

function about({ patient, issuer, createdAt, thumbprint, complete, olderVersions, withHandbook }: PageFacts): string {
  const lines: Words[] = [
    {
      ja: 'つむぎの母子健康記録の写しです。個人の健康情報が入っています。大切に保管してください。',
      en: 'This is a copy of a maternal and child health record kept by Tsumugi. It holds personal health information: keep it safe.',
    },
    complete
      ? { ja: '記録のすべてが入っています。', en: 'The whole record is in it.' }
      : {
          ja: '作成を求めた人が見られる記録が入っています。これですべてとは限りません。',
          en: 'It holds what whoever asked for it could read, which need not be all of the record.',
        },
    {
      ja: `発行元 ${issuer}、番号 ${patient}、作成 ${createdAt}（世界協定時）。`,
      en: `Issued by ${issuer}, number ${patient}, made ${createdAt} (UTC).`,
    },
    {
      ja: `ほかのファイル：fhir は国際規格 HL7 FHIR R4 の記録そのもの（1行に1件、以前の版 ${olderVersions} 件は history.ndjson）、csv は表計算ソフト用の表、attachments は写真と書類${withHandbook ? '、boshi-techo.pdf は手帳の形の PDF' : ''}。`,
      en: `The other files: fhir is the record itself in the international standard HL7 FHIR R4 (a resource a line; ${olderVersions} older versions in history.ndjson), csv has tables for spreadsheets, attachments has photos and documents${withHandbook ? ', boshi-techo.pdf is the record as a handbook' : ''}.`,
    },
    {
      ja: `署名した鍵の拇印は ${thumbprint} です。発行元の公表するもの（/.well-known/jwks.json の kid）と、別の経路で比べてください。確かめるには npx tsumugi verify、または VERIFY.txt の手順を使います。`,
      en: `The key that signed has the thumbprint ${thumbprint}. Compare it, by another way than this file, with what the issuer publishes (kid in /.well-known/jwks.json). Check with npx tsumugi verify, or by the steps in VERIFY.txt.`,
    },
  ];
  return `<div class="note">${lines.map((one) => `<p>${both(one)}</p>`).join('')}</div>\n`;
}

function person(patient: JsonObject): string {
  const facts: [Words, string[]][] = [
    [{ ja: '氏名', en: 'Name' }, names(patient)],
    [{ ja: '生年月日', en: 'Date of birth' }, [plain(patient.birthDate)]],
    [{ ja: '性別', en: 'Gender' }, [plain(patient.gender)]],
    [
      { ja: '番号', en: 'Identifiers' },
      objectsAt(patient, 'identifier').map(({ value, system }) => `${plain(value)} (${plain(system)})`),
    ],
    [{ ja: '住所', en: 'Address' }, objectsAt(patient, 'address').map(addressText)],
    [{ ja: '電話など', en: 'Telephone and others' }, objectsAt(patient, 'telecom').map(({ value }) => plain(value))],
  ];
  const shown = facts
    .map(([label, texts]): [Words, string[]] => [label, texts.filter((text) => text !== '')])
    .filter(([, texts]) => texts.length > 0);
  return `<section><h2>${both(words.person)}</h2><dl>${shown
    .map(([label, texts]) => `<dt>${both(label)}</dt>${texts.map((text) => `<dd>${escaped(text)}</dd>`).join('')}`)
    .join('')}</dl></section>\n`;
}

const names = (patient: JsonObject): string[] => objectsAt(patient, 'name').map(humanName);

const addressText = ({ text, postalCode, state, city, line }: JsonObject): string =>
  plain(text) || [plain(postalCode), plain(state), plain(city), ...[line].flat().map(plain)].filter(Boolean).join(' ');

type Section = { name: string; title: Words; columns: readonly Column[]; count: number };

function contents(all: readonly Pick<Section, 'name' | 'title'>[], rows: Tabled['rows'], attachments: number): string {
  const entry = (name: string, title: Words, count: number) =>
    `<li><a href="#${name}">${both(title)}</a> (${count})</li>`;
  return `<nav><h2>${both(words.contents)}</h2><ul>${all
    .map(({ name, title }) => entry(name, title, rows.get(name) ?? 0))
    .join('')}${entry('attachments', words.attachments, attachments)}</ul></nav>\n`;
}

async function* section(folder: string, { name, title, columns, count }: Section): AsyncGenerator<string | Uint8Array> {
  yield `<section id="${name}"><h2>${both(title)} (${count})</h2>`;
  if (count === 0) yield `<p>${both(words.none)}</p>`;
  else {
    yield `<div class="wide"><table>${sectionHead(columns)}<tbody>\n`;
    yield* partOf(folder, name);
    yield '</tbody></table></div>';
  }
  yield '</section>\n';
}

async function* pictures(folder: string, count: number): AsyncGenerator<string | Uint8Array> {
  yield `<section id="attachments"><h2>${both(words.attachments)} (${count})</h2>`;
  if (count === 0) yield `<p>${both(words.none)}</p>`;
  else yield* partOf(folder, 'attachments');
  yield '</section>\n';
}

async function* partOf(folder: string, name: string): AsyncGenerator<Uint8Array> {
  const path = join(folder, 'page', `${name}.html`);
  if (await stat(path).catch(() => undefined)) yield* createReadStream(path);
}
