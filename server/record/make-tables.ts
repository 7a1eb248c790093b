// From the gathered texts to what people read: csv/*.csv, the rows of the page's sections, and attachments/. Everything is written
// into files of the folder as it comes, so that memory holds a few lines at a time.

import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';
import { type Attachment, attachmentsOf } from './attachments.ts';
import type { Names } from './cells.ts';
import { csvHead, csvRow } from './csv.ts';
import { linesOf } from './file-lines.ts';
import { historyFile } from './gather-record.ts';
import { attachmentRow, sectionRow } from './page-rows.ts';
import { accessLog, type Column, everything, tables } from './tables.ts';

export type Tabling = {
  folder: string;
  language: Language;
  names: Names;
  /** The id of the patient. */
  patient: string;
  /** Which of the forms are wanted: `csv`, `attachments`. The rows of the page are always made. */
  include: ReadonlySet<string>;
  /** Told now and then; it throws to end the work. */
  progress: (resources: number) => Promise<void>;
};

/** What was found on the way. `rows` counts those of each section of the page; `measured`: Observations that a growth chart may show. */
export type Tabled = {
  patient: JsonObject | undefined;
  measured: readonly JsonObject[];
  rows: ReadonlyMap<string, number>;
  attachments: number;
};

/** Behind the columns of everything.csv: where the whole text is. */
const places: readonly Column[] = [
  { key: 'file', ja: 'ファイル', en: 'File', of: () => '' },
  { key: 'line', ja: '行', en: 'Line', of: () => '' },
];

export async function makeTables({ folder, language, names, include, progress, ...of }: Tabling): Promise<Tabled> {
  const out = await writers(folder);
  const withCsv = include.has('csv');
  if (withCsv) {
    for (const { name, columns } of [...tables, accessLog])
      await out.add(`csv/${name}.csv`, csvHead(columns, language));
    await out.add(`csv/${everything.name}.csv`, csvHead([...everything.columns, ...places], language));
  }
  const rows = new Map<string, number>();
  const measured: JsonObject[] = [];
  let patient: JsonObject | undefined;
  let attachments = 0;
  let read = 0;
  for (const file of (await readdir(join(folder, 'fhir'))).sort()) {
    if (file === historyFile) continue;
    let line = 0;
    for await (const texts of linesOf(createReadStream(join(folder, 'fhir', file)))) {
      for (const text of texts) {
        const resource = parseJson(text);
        if (isObject(resource)) await take(resource, file, ++line);
      }
      read += texts.length;
      await progress(read);
    }
  }
  await out.end();
  return { patient, measured, rows, attachments };

  async function take(resource: JsonObject, file: string, line: number): Promise<void> {
    if (resource.resourceType === 'Patient' && resource.id === of.patient) patient = resource;
    if (resource.resourceType === 'Observation') measured.push(slim(resource));
    const found = include.has('attachments') ? attachmentsOf(resource, attachments + 1) : [];
    attachments += found.length;
    for (const one of found) await keep(one, resource);
    const table = [...tables, accessLog].find(({ holds }) => holds(resource));
    const { name, columns } = table ?? everything;
    const cells = columns.map((column) => column.of(resource, names));
    rows.set(name, (rows.get(name) ?? 0) + 1);
    await out.add(`page/${name}.html`, sectionRow({ columns, cells, resource, attachments: found }));
    if (!withCsv) return;
    if (table) await out.add(`csv/${name}.csv`, csvRow(cells));
    const all = table ? everything.columns.map((column) => column.of(resource, names)) : cells;
    await out.add(`csv/${everything.name}.csv`, csvRow([...all, `fhir/${file}`, String(line)]));
  }

  async function keep(one: Attachment, resource: JsonObject): Promise<void> {
    await writeFile(join(folder, 'attachments', one.file), one.bytes);
    await out.add('page/attachments.html', attachmentRow(one, resource, names));
  }
}

/** Without what only takes room while all are kept. */
const slim = ({ text: _, meta: __, note: ___, extension: ____, performer: _____, ...rest }: JsonObject): JsonObject =>
  rest;

const flushChars = 256 * 1024;

/** Files that grow: texts are collected and written some at a time. */
async function writers(folder: string) {
  for (const name of ['csv', 'page', 'attachments']) await mkdir(join(folder, name), { recursive: true });
  const waiting = new Map<string, string[]>();
  let chars = 0;
  const flush = async () => {
    for (const [path, texts] of waiting) await appendFile(join(folder, path), texts.join(''));
    waiting.clear();
    chars = 0;
  };
  const add = async (path: string, text: string) => {
    const texts = waiting.get(path);
    if (texts) texts.push(text);
    else waiting.set(path, [text]);
    chars += text.length;
    if (chars > flushChars) await flush();
  };
  return { add, end: flush };
}
